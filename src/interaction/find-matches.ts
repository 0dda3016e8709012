import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Filter } from '../search/filter.ts';
import { usedParams } from '../search/used-params.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { requireBuilt, toSearchRequest } from './search-request.ts';

/** The filter of a conditional interaction: it must have at least one criterion, and no page or order. */
export async function parseCriteria(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
): Promise<Filter> {
  if (criteria.length === 0) {
    throw new Problem('missing-parameter', 'A conditional interaction needs at least one search parameter');
  }
  const forPages = criteria.find(([name]) =>
    /^_(?:count|sort|total|summary|elements|include|revinclude)/.test(name),
  );
  if (forPages) {
    throw new Problem('invalid-parameter', `${forPages[0]} has no meaning in a conditional interaction`);
  }
  const request = await toSearchRequest(ctx, [type], criteria, 'strict');
  requireBuilt(ctx, usedParams(request));
  return request.filter;
}

/** At most two: a conditional interaction tells none, one and several apart. */
export async function findMatches(
  ctx: InteractionContext,
  type: ResourceType,
  filter: Filter,
): Promise<readonly StoredResource[]> {
  const page = await ctx.view.search({ types: [type], filter, sort: [], count: 2 });
  return page.matches;
}
