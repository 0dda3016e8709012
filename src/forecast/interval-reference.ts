import type { EpochDay } from '../values/epoch-day.ts';
import { laterOf } from './date-arithmetic.ts';
import type { Patient } from './patient.ts';
import { isInadvertent, type PatientSeries } from './patient-series.ts';
import type { CvxSet, IntervalReference } from './schedule.ts';

/** How many records, and how many doses of the whole history, come before the one that is looked at. */
export type Before = { readonly recordsBefore: number; readonly dosesBefore: number };

/** The date from which an interval is counted (CALCDTINT-1, -2, -8, -9); without one the interval is ignored. */
export function intervalReferenceDate(
  series: PatientSeries,
  reference: IntervalReference,
  before: Before,
): EpochDay | undefined {
  switch (reference.from) {
    case 'previous':
      return previousDoseDate(series, before.recordsBefore);
    case 'target-dose':
      return satisfyingDoseDate(series, reference.targetDose);
    case 'most-recent':
      return mostRecentDate(series, reference.vaccines, before.dosesBefore);
    case 'observation':
      return series.patient.observations.get(reference.observation);
  }
}

/**
 * The first day that an observation without a date can be of. CDSi ignores an interval from it; but a dose of before that
 * day is of before it, such as one of years before a pregnancy of which nobody says when it began.
 */
export function knownNotBefore(
  { history, observations }: Patient,
  reference: IntervalReference,
): EpochDay | undefined {
  if (reference.from !== 'observation' || observations.get(reference.observation) !== undefined) {
    return undefined;
  }
  if (!observations.has(reference.observation)) return undefined;
  const days = history.observations.flatMap(({ code, notBefore }) =>
    code === reference.observation && notBefore !== undefined ? [notBefore] : [],
  );
  return days.reduce<EpochDay | undefined>(
    (first, day) => (first === undefined ? day : laterOf(first, day)),
    undefined,
  );
}

/** CALCDTINT-1: the nearest earlier dose that is Valid or Not Valid, unless it was given inadvertently. */
function previousDoseDate(series: PatientSeries, before: number): EpochDay | undefined {
  for (let i = before - 1; i >= 0; i--) {
    const record = series.records[i];
    const judgment = record && series.judgments[record.index];
    if (!judgment || isInadvertent(judgment)) continue;
    if (judgment.status === 'Valid' || judgment.status === 'Not Valid') return record.date;
  }
  return undefined;
}

/** CALCDTINT-2: the dose that satisfied a target dose; of a recurring one the last. */
function satisfyingDoseDate(series: PatientSeries, targetDose: number): EpochDay | undefined {
  return series.satisfied.findLast(({ target }) => target.number === targetDose)?.record.date;
}

/** CALCDTINT-8: the latest earlier dose of these vaccines in the whole history, unless it was inadvertent here. */
function mostRecentDate(series: PatientSeries, vaccines: CvxSet, before: number): EpochDay | undefined {
  for (let i = before - 1; i >= 0; i--) {
    const dose = series.patient.doses[i];
    if (!dose || vaccines[dose.cvx] !== 1) continue;
    const judgment = series.judgments[i];
    if (!judgment || !isInadvertent(judgment)) return dose.date;
  }
  return undefined;
}

const ruleOf = { previous: '1', 'target-dose': '2', 'most-recent': '8', observation: '9' } as const;

export function intervalRule(reference: IntervalReference): string {
  return `CALCDTINT-${ruleOf[reference.from]}`;
}

export function describeReference(reference: IntervalReference): string {
  switch (reference.from) {
    case 'previous':
      return 'from the previous dose';
    case 'target-dose':
      return `from target dose ${reference.targetDose}`;
    case 'most-recent':
      return 'from the most recent dose of certain vaccines';
    case 'observation':
      return `from observation ${reference.observation}`;
  }
}
