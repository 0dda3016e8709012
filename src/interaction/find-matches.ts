import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Filter } from '../search/filter.ts';
import { usedParams } from '../search/used-params.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { tellAskedThrough } from './asked-through.ts';
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
    throw new Problem('missing-parameter', 'Criteria need at least one search parameter');
  }
  const forPages = criteria.find(([name]) =>
    /^_(?:count|sort|total|summary|elements|include|revinclude)/.test(name),
  );
  if (forPages) {
    throw new Problem(
      'invalid-parameter',
      `${forPages[0]} has no meaning in criteria: they say what is looked for, not how it is answered`,
    );
  }
  const request = await toSearchRequest(ctx, [type], criteria, 'strict');
  requireBuilt(ctx, usedParams(request));
  return request.filter;
}

/**
 * At most two: a conditional interaction tells none, one and several apart. It is asked of what was written: a reporter finds
 * its own source by its own number, not the person that was computed from it, and references count as they stand.
 */
export async function findMatches(
  ctx: InteractionContext,
  type: ResourceType,
  filter: Filter,
): Promise<readonly StoredResource[]> {
  const asked = await ctx.view.ofRecords(type, filter);
  await tellAskedThrough(ctx, [type], filter);
  const page = await ctx.view.search({ types: [type], filter: asked, sort: [], count: 2 }, 'records');
  return page.matches;
}
