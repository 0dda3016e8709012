import type { InteractionContext } from '../../interaction/context.ts';
import { ownedByCaller } from '../../interaction/owned-by-caller.ts';
import { allOf, type Filter } from '../../search/filter.ts';
import { objectionMark } from '../../search/reach.ts';

/** Whether an objection hides the person from all but who brought one of the records, and the caller brought none. */
export async function isSealedFor(
  system: InteractionContext,
  caller: InteractionContext['caller'],
  patientIds: readonly string[],
): Promise<boolean> {
  const persons: Filter = { kind: 'id', anyOf: patientIds };
  const objecting = allOf([persons, { kind: 'reach', anyOf: [objectionMark] }]);
  if ((await system.view.count(['Patient'], objecting)) === 0) return false;
  const owned = ownedByCaller(caller);
  return !owned || (await system.view.count(['Patient'], allOf([persons, owned]))) === 0;
}
