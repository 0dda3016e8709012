import type { HumanName, Patient } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import type { PersonShown } from '../../pages/auth-pages.ts';
import { withoutMarks } from '../../values/direction-marks.ts';
import { readAsSystem } from '../bearer/read-as-system.ts';

/** As somebody is called: the usual or official name, else the first. */
export function nameOf(names: readonly HumanName[]): string | undefined {
  const current = names.filter(({ use, period }) => use !== 'old' && period?.end === undefined);
  const name =
    current.find(({ use }) => use === 'usual') ??
    current.find(({ use }) => use === 'official') ??
    current[0] ??
    names[0];
  const text = name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
  return text === '' ? undefined : withoutMarks(text);
}

export function toPersonShown({ id = '', name = [], birthDate }: Patient): PersonShown {
  const shown = { id, name: nameOf(name) ?? id };
  return birthDate === undefined ? shown : { ...shown, birthDate };
}

/** The Patients who are there, as pages show them. */
export async function showPersons(
  system: InteractionContext,
  ids: readonly string[],
): Promise<readonly PersonShown[]> {
  const shown: PersonShown[] = [];
  for (const id of ids) {
    const patient = await readAsSystem<Patient>(system, `Patient/${id}`);
    if (patient) shown.push(toPersonShown(patient));
  }
  return shown;
}
