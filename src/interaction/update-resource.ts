import type { ParsedResource } from '../fhir/resource.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceKey } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { writeOne } from './plan-write.ts';
import { resultOf } from './write-plan.ts';
import type { WriteResult } from './write-result.ts';

export type UpdateOptions = { readonly ifMatch?: string; readonly ifNoneMatch?: string };

/**
 * R4 http.html#update: replaces the resource, or creates it under the id of the client (#upsert). A body equal to
 * what is there makes no new version. Without If-Match the last write wins.
 */
export async function updateResource(
  ctx: InteractionContext,
  { type, id }: ResourceKey,
  parsed: ParsedResource,
  options: UpdateOptions = {},
): Promise<WriteResult> {
  return resultOf(await writeOne(ctx, { kind: 'update', where: { type, id }, parsed, ...options }));
}

/** R4 http.html#cond-update. */
export async function updateConditionally(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  parsed: ParsedResource,
  options: UpdateOptions = {},
): Promise<WriteResult> {
  return resultOf(await writeOne(ctx, { kind: 'update', where: { type, criteria }, parsed, ...options }));
}
