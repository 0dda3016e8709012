import type { AdministeredDose, PatientObservation } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { codeSystem } from './code-systems.ts';
import type { FactReading } from './fact-reading.ts';
import { isOfAntibodies, lastDayOf, withItsLength } from './how-long-it-holds.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** Immune globulins and blood products by whose antibodies a test may be positive, with the last day of that. */
export type AntibodiesGiven = { readonly date: EpochDay | undefined; readonly until: EpochDay | undefined };

/** CVX of immune globulins that the schedule has no observation for: by any route, into muscle, into a vein. */
const unspecified: ReadonlySet<string> = new Set(['14', '86', '87']);

/** Hepatitis B immune globulin: anti-HBs is not tested for within six months (MMWR 2018;67(1)), though MMR waits three. */
const ofHepatitisB = '127';

/** In months: of the largest amounts that are given. */
const longest = 11;

/** An immune globulin that was recorded as a dose is what its CVX code is among the observations of the schedule. */
export function readAntibodyDose(
  { id, cvx, date }: AdministeredDose,
  knowledgeBase: KnowledgeBase,
): readonly FactReading[] {
  const codes = knowledgeBase.observationsOf(codeSystem.cvx, cvx).filter(isOfAntibodies);
  if (codes.length === 0) return [];
  const observations = codes.map((code) => withItsLength({ code, date }));
  return [{ observations, references: [id], notes: [] }];
}

/** All that were given, those included of which the schedule knows nothing. */
export function antibodiesGiven(
  observations: readonly PatientObservation[],
  doses: readonly AdministeredDose[],
): readonly AntibodiesGiven[] {
  const coded = observations
    .filter(({ code }) => isOfAntibodies(code))
    .map(({ code, date, endDate }) => ({
      date,
      until: code === ofHepatitisB && date !== undefined ? monthsFrom(date, 6) : endDate,
    }));
  const others = doses
    .filter(({ cvx }) => unspecified.has(cvx))
    .map(({ date }) => ({ date, until: monthsFrom(date, longest) }));
  return [...coded, ...others];
}

function monthsFrom(date: EpochDay, months: number): EpochDay {
  return lastDayOf(date, { months, days: 0 });
}
