import type { Immunization } from 'fhir/r4.js';
import type { DoseEvent, Vaccines } from './dose-event.ts';
import { type Grouping, groupDoses } from './group-doses.ts';
import { nothingSaid, type SaidOfDoses } from './said-of-doses.ts';
import { toDoseEvent } from './to-dose-event.ts';

/**
 * Which of the doses of one person are one dose, told twice, where people have not said otherwise; computed anew each time, so
 * nothing is to be taken back.
 */
export function deduplicate(
  doses: readonly Immunization[],
  vaccines: Vaccines,
  said: SaidOfDoses = nothingSaid,
): Grouping {
  return groupDoses(eventsOf(doses, vaccines), said);
}

export function eventsOf(doses: readonly Immunization[], vaccines: Vaccines): readonly DoseEvent[] {
  return doses.flatMap((dose) => toDoseEvent(dose, vaccines) ?? []);
}

/**
 * The doses that a forecast leaves out, and for which other each is: what is told of a dose that is there on another day, or by
 * another code. The same vaccine on the same day is for the forecast to evaluate (CDSi).
 */
export function leftOut(
  doses: readonly Immunization[],
  { groups }: Pick<Grouping, 'groups'>,
): ReadonlyMap<string, string> {
  if (groups.length === 0) return noneLeftOut;
  const byId = new Map(doses.map((dose) => [dose.id ?? '', dose]));
  const found = new Map<string, string>();
  for (const { survivors, alternates } of groups) {
    const [survivor = ''] = survivors;
    for (const id of alternates) {
      const isSame = survivors.some((other) => isSameVaccineAndDay(byId.get(id), byId.get(other)));
      if (!isSame) found.set(id, survivor);
    }
  }
  return found;
}

const noneLeftOut: ReadonlyMap<string, string> = new Map();

function isSameVaccineAndDay(a: Immunization | undefined, b: Immunization | undefined): boolean {
  const cvxOf = (dose: Immunization | undefined) =>
    dose?.vaccineCode.coding?.find(({ system }) => system === 'http://hl7.org/fhir/sid/cvx')?.code;
  const dayOf = (dose: Immunization | undefined) => dose?.occurrenceDateTime?.slice(0, 10);
  return cvxOf(a) === cvxOf(b) && dayOf(a) === dayOf(b);
}
