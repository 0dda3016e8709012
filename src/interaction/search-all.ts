import type { ResourceType } from '../fhir/resource-type.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { everyId } from './ask-persons.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { parseCriteria } from './find-matches.ts';
import type { ParameterList } from './parse-query.ts';
import { requireBuilt } from './search-request.ts';

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

/**
 * Every match of `patient=ID,…` of each of the types, which have that parameter, by its type. A type of which there is nothing
 * costs no search: of most there is nothing.
 */
export async function searchAbout<Type extends ResourceType>(
  ctx: InteractionContext,
  ids: readonly ResourceId[],
  types: readonly Type[],
): Promise<ReadonlyMap<Type, readonly StoredResource[]>> {
  for (const type of types) requireAccess(ctx, 'search-type', type);
  requireBuilt(
    ctx,
    types.map((type) => ({ type, code: 'patient' })),
  );
  const params = new Map(types.map((type) => [type as ResourceType, ['patient']]));
  const referring = await ctx.view.referringTypes(await everyId(ctx.view, ids), params);
  const patients = ids.map((id) => `Patient/${id}`).join(',');
  const found = new Map<Type, readonly StoredResource[]>();
  for (const type of types) {
    const matches = referring.has(type) ? await searchAll(ctx, type, [['patient', patients]]) : [];
    found.set(type, matches);
  }
  return found;
}
