import type { InteractionContext } from '../../interaction/context.ts';
import { ownedByCaller } from '../../interaction/owned-by-caller.ts';
import { allOf, type Filter } from '../../search/filter.ts';
import { objectionMarksOn } from '../../search/reach.ts';

/** Whether an objection hides the person from all but who brought one of the records, and the caller brought none. */
export async function isSealedFor(
  system: InteractionContext,
  caller: InteractionContext['caller'],
  patientIds: readonly string[],
): Promise<boolean> {
  if (!(await anyObjects(system, patientIds))) return false;
  const persons: Filter = { kind: 'id', anyOf: patientIds };
  const owned = ownedByCaller(caller);
  return !owned || (await system.view.count(['Patient'], allOf([persons, owned]))) === 0;
}

async function anyObjects(system: InteractionContext, patientIds: readonly string[]): Promise<boolean> {
  const persons: Filter = { kind: 'id', anyOf: patientIds };
  const objecting = allOf([persons, { kind: 'reach', anyOf: objectionMarksOn(system.clock.today()) }]);
  return (await system.view.count(['Patient'], objecting)) > 0;
}

/** The same of several persons, each by all ids by which it is known; where nobody objects they are asked of at once. */
export async function sealedAmong(
  system: InteractionContext,
  caller: InteractionContext['caller'],
  persons: readonly (readonly string[])[],
): Promise<readonly boolean[]> {
  if (persons.length === 0 || !(await anyObjects(system, persons.flat()))) return persons.map(() => false);
  const sealed: boolean[] = [];
  for (const ids of persons) sealed.push(await isSealedFor(system, caller, ids));
  return sealed;
}
