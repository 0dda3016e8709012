import type { ResourceType } from '../fhir/resource-type.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { parseCriteria } from './find-matches.ts';
import type { ParameterList } from './parse-query.ts';

const pageSize = 500;

/** Every match of a search that is small by its nature, such as all that belongs to one person. */
export async function searchAll(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
): Promise<readonly StoredResource[]> {
  requireAccess(ctx, 'search-type', type);
  const filter = await parseCriteria(ctx, type, criteria);
  const found: StoredResource[] = [];
  let after: string | undefined;
  do {
    const query = { types: [type], filter, sort: [], count: pageSize };
    const page = await ctx.view.search(after === undefined ? query : { ...query, after });
    found.push(...page.matches);
    after = page.next;
  } while (after !== undefined);
  return found;
}
