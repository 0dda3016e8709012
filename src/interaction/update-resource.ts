import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { Change, ResourceKey } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { writeOne } from './plan-write.ts';
import type { Ahead } from './prepare-ahead.ts';
import { type Preconditions, resultOf } from './write-plan.ts';
import type { WriteResult } from './write-result.ts';

/**
 * R4 http.html#update: replaces the resource, or creates it under the id of the client (#upsert). A body equal to
 * what is there makes no new version. Without If-Match the last write wins.
 */
export async function updateResource(
  ctx: InteractionContext,
  { type, id }: ResourceKey,
  parsed: ParsedResource,
  preconditions: Preconditions = {},
): Promise<WriteResult> {
  return resultOf(await writeOne(ctx, { kind: 'update', where: { type, id }, parsed, ...preconditions }));
}

/** The same of what was prepared ahead; `parsed` is asked for where something is there. */
export async function updateAhead(
  ctx: InteractionContext,
  { type, id, change }: Ahead,
  parsed: ParsedResource,
): Promise<WriteResult> {
  let left: Change | undefined = change;
  const ahead = () => {
    const made = left;
    left = undefined;
    return made;
  };
  return resultOf(await writeOne(ctx, { kind: 'update', where: { type, id }, parsed, ahead }));
}

/** R4 http.html#cond-update. */
export async function updateConditionally(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  parsed: ParsedResource,
  preconditions: Preconditions = {},
): Promise<WriteResult> {
  return resultOf(
    await writeOne(ctx, { kind: 'update', where: { type, criteria }, parsed, ...preconditions }),
  );
}
