import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Change, ResourceKey, StoredVersion } from '../store/contract/store.ts';
import { commitWithRetry, nothingToWrite } from './commit.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { findMatches, parseCriteria } from './find-matches.ts';
import { checkIfMatch } from './if-match.ts';
import type { ParameterList } from './parse-query.ts';
import { referrerGuards, refuseReferred } from './referrers.ts';

/** The tombstone; undefined when there was nothing to delete. */
export type DeleteResult = StoredVersion | undefined;

/**
 * R4 http.html#delete: leaves a tombstone. Deleting what is not there succeeds and changes nothing; what others refer to
 * is 409, unless that is allowed.
 */
export async function deleteResource(
  ctx: InteractionContext,
  key: ResourceKey,
  options: { readonly ifMatch?: string } = {},
): Promise<DeleteResult> {
  requireAccess(ctx, 'delete', key.type);
  return commitWithRetry<DeleteResult>(async () => {
    const current = await ctx.store.read(key);
    checkIfMatch(options.ifMatch, current, key);
    if (current?.text === undefined) return { outcome: nothingToWrite, result: undefined };
    const change = prepareDelete(ctx, key, current);
    const outcome = await ctx.store.write({
      changes: [change],
      guards: referrerGuards(ctx, [key], [key]),
    });
    if (outcome.kind === 'guarded') await refuseReferred(ctx, key, [key]);
    return { outcome, result: change };
  });
}

/** R4 http.html#3.1.0.7.1, conditional delete "single": two matches are 412, nothing is deleted. */
export async function deleteConditionally(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  options: { readonly ifMatch?: string } = {},
): Promise<DeleteResult> {
  requireAccess(ctx, 'delete', type);
  requireAccess(ctx, 'search-type', type);
  const [match, ...others] = await findMatches(ctx, type, await parseCriteria(ctx, type, criteria));
  if (others.length > 0) {
    throw new Problem('multiple-matches', 'The search of the delete matches more than one resource');
  }
  return match && deleteResource(ctx, match, options);
}

export function prepareDelete(ctx: InteractionContext, key: ResourceKey, current: StoredVersion): Change {
  return {
    type: key.type,
    id: key.id,
    method: 'DELETE',
    versionId: current.versionId + 1,
    expectedVersion: current.versionId,
    lastUpdated: ctx.clock.now(),
    index: {},
    patients: [],
    marks: [],
  };
}
