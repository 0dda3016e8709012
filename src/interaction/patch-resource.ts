import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceKey } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';
import { writeOne } from './plan-write.ts';
import { type Patch, type Preconditions, resultOf } from './write-plan.ts';
import type { WriteResult } from './write-result.ts';

/** R4 http.html#patch: the result is judged as an update would be; id and type stay. */
export async function patchResource(
  ctx: InteractionContext,
  { type, id }: ResourceKey,
  patch: Patch,
  preconditions: Preconditions = {},
): Promise<WriteResult> {
  return resultOf(await writeOne(ctx, { kind: 'patch', where: { type, id }, patch, ...preconditions }));
}

/** R4 http.html#patch, conditional: no match is 404, two are 412. */
export async function patchConditionally(
  ctx: InteractionContext,
  type: ResourceType,
  criteria: ParameterList,
  patch: Patch,
  preconditions: Preconditions = {},
): Promise<WriteResult> {
  return resultOf(await writeOne(ctx, { kind: 'patch', where: { type, criteria }, patch, ...preconditions }));
}
