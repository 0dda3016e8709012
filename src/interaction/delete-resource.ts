import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceKey, StoredVersion } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { writeOne } from './plan-write.ts';
import type { Preconditions } from './write-plan.ts';

/** The tombstone; undefined when there was nothing to delete. */
export type DeleteResult = StoredVersion | undefined;

/**
 * R4 http.html#delete: leaves a tombstone. Deleting what is not there succeeds and changes nothing; what others refer to
 * is 409, unless that is allowed.
 */
export async function deleteResource(
  ctx: InteractionContext,
  { type, id }: ResourceKey,
  preconditions: Preconditions = {},
): Promise<DeleteResult> {
  return (await writeOne(ctx, { kind: 'delete', where: { type, id }, ...preconditions })).version;
}

/** R4 http.html#3.1.0.7.1, conditional delete "single": two matches are 412, nothing is deleted. */
export async function deleteConditionally(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  preconditions: Preconditions = {},
): Promise<DeleteResult> {
  return (await writeOne(ctx, { kind: 'delete', where: { type, criteria }, ...preconditions })).version;
}
