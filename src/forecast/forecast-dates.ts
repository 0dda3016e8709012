import type { EpochDay } from '../values/epoch-day.ts';
import { addOffset, beginOfTime, laterOf, plusDays } from './date-arithmetic.ts';
import { isInEffect } from './evaluate-age.ts';
import type { RuleStep } from './explanation.ts';
import { describeReference, intervalReferenceDate } from './interval-reference.ts';
import { ageText, givenAge } from './patient.ts';
import type { CandidateDates, PatientSeries } from './patient-series.ts';
import { matchedIndications } from './relevant-series.ts';
import type { AgeIndex, AgeLimits, Interval, SeriesDose, TextOffset } from './schedule.ts';

/** When is the target dose due? FORECASTDTCAN-1 and FORECASTDT-1 to -6, with what is in effect on the assessment date. */
export function forecastDates(series: PatientSeries, target: SeriesDose, ages: AgeLimits): CandidateDates {
  const { patient, steps } = series;
  // What is noted for this target dose is kept apart from what was noted for one that gave way to it.
  if (steps) series.steps = [];
  const intervals = intervalDates(series, target);
  const earliest = earliestDate(series, target, ages, intervals.minimum);
  const unadjustedRecommended = givenAge(patient, ages.earliestRecAge) ?? intervals.earliestRec ?? earliest;
  const overdueFrom = givenAge(patient, ages.latestRecAge) ?? intervals.latestRec;
  const tooOldFrom = givenAge(patient, ages.maxAge);
  const unadjustedPastDue = overdueFrom === undefined ? undefined : plusDays(overdueFrom, -1);
  const dates = {
    earliest,
    unadjustedRecommended,
    recommended: laterOf(earliest, unadjustedRecommended),
    unadjustedPastDue,
    pastDue: unadjustedPastDue === undefined ? undefined : laterOf(earliest, unadjustedPastDue),
    latest: tooOldFrom === undefined ? undefined : plusDays(tooOldFrom, -1),
  };
  if (steps) {
    noteRecommendations(series, ages, dates);
    series.steps = [...steps, ...(series.steps ?? [])];
  }
  return dates;
}

type IntervalDates = {
  readonly minimum: EpochDay;
  readonly earliestRec: EpochDay | undefined;
  readonly latestRec: EpochDay | undefined;
};

/** Of each kind the latest date over all intervals that have a date to count from. */
function intervalDates(series: PatientSeries, target: SeriesDose): IntervalDates {
  const { doses, assessmentDate } = series.patient;
  const before = { recordsBefore: series.records.length, dosesBefore: doses.length };
  let minimum = beginOfTime;
  let earliestRec: EpochDay | undefined;
  let latestRec: EpochDay | undefined;
  for (const interval of target.intervals) {
    if (!isInEffect(interval, assessmentDate)) continue;
    const from = intervalReferenceDate(series, interval.reference, before);
    if (from === undefined) continue;
    minimum = latest(minimum, from, interval.minInt) ?? minimum;
    earliestRec = latest(earliestRec, from, interval.earliestRecInt);
    latestRec = latest(latestRec, from, interval.latestRecInt);
    if (series.steps) noteInterval(series, interval, from);
  }
  return { minimum, earliestRec, latestRec };
}

function latest(
  known: EpochDay | undefined,
  from: EpochDay,
  offset: TextOffset | undefined,
): EpochDay | undefined {
  if (!offset) return known;
  const date = addOffset(from, offset);
  return known === undefined ? date : laterOf(known, date);
}

/** FORECASTDTCAN-1: the latest of all that a dose has to wait for. */
function earliestDate(
  series: PatientSeries,
  target: SeriesDose,
  ages: AgeLimits,
  minimumInterval: EpochDay,
): EpochDay {
  const { patient } = series;
  const lastRecord = series.records.at(-1);
  let earliest = laterOf(patient.dateOfBirth, minimumInterval);
  earliest = laterOf(earliest, givenAge(patient, ages.minAge) ?? beginOfTime);
  earliest = laterOf(earliest, conflictEndDate(series, target));
  earliest = laterOf(earliest, target.season?.start ?? beginOfTime);
  earliest = laterOf(earliest, lastRecord?.date ?? beginOfTime);
  const indicated = indicatedSince(series, target);
  earliest = laterOf(earliest, indicated ?? beginOfTime);
  if (series.steps) {
    noteAge(series, 'minimum age', ages.minAge);
    noteDate(series, 'seasonal start', target.season?.start);
    noteDate(series, 'last dose given', lastRecord?.date);
    noteDate(series, 'indication recorded, its beginning is not known', indicated);
    markWinner(series.steps, earliestRules, earliest);
  }
  return earliest;
}

/**
 * Where an interval is to be counted from an observation that nobody dated, such as the onset of a pregnancy, the dose
 * does not come before the indication was recorded: else it would be due since birth.
 */
function indicatedSince({ patient, series }: PatientSeries, { intervals }: SeriesDose): EpochDay | undefined {
  if (series.type !== 'Risk') return undefined;
  const counts = intervals.some(
    ({ reference }) =>
      reference.from === 'observation' && patient.observations.get(reference.observation) === undefined,
  );
  if (!counts) return undefined;
  const since = matchedIndications(patient, series).map((code) => patient.observations.get(code));
  return since.reduce<EpochDay>(
    (last, day) => laterOf(last, day ?? patient.assessmentDate),
    patient.dateOfBirth,
  );
}

/** CALCDTCONFLICT-3: the day on which no earlier dose conflicts any more with a vaccine that may be given. */
function conflictEndDate(series: PatientSeries, target: SeriesDose): EpochDay {
  let last = beginOfTime;
  if (target.conflicts.length === 0) return last;
  for (const dose of series.patient.doses) {
    for (const conflict of target.conflicts) {
      if (conflict.previous !== dose.cvx) continue;
      const end = addOffset(dose.date, conflict.end);
      last = laterOf(last, end);
      series.steps?.push({
        rule: 'CALCDTCONFLICT-3',
        subject: `earliest: end of the conflict with CVX ${dose.given.cvx}`,
        reference: dose.date,
        limit: end,
        offset: conflict.end.text,
        outcome: 'considered',
      });
    }
  }
  return last;
}

function noteAge(series: PatientSeries, subject: string, age: AgeIndex): void {
  const limit = givenAge(series.patient, age);
  if (limit === undefined) return;
  const reference = series.patient.dateOfBirth;
  const offset = ageText(series.patient, age);
  series.steps?.push({
    rule: 'FORECASTDTCAN-1',
    subject: `earliest: ${subject}`,
    reference,
    limit,
    offset,
    outcome: 'considered',
  });
}

function noteDate(series: PatientSeries, subject: string, limit: EpochDay | undefined): void {
  if (limit === undefined) return;
  series.steps?.push({
    rule: 'FORECASTDTCAN-1',
    subject: `earliest: ${subject}`,
    limit,
    outcome: 'considered',
  });
}

function noteInterval(series: PatientSeries, interval: Interval, from: EpochDay): void {
  const kinds = [
    ['FORECASTDTCAN-1', 'earliest: minimum interval', interval.minInt],
    ['FORECASTDT-2', 'recommended: interval', interval.earliestRecInt],
    ['FORECASTDT-3', 'past due: interval', interval.latestRecInt],
  ] as const;
  for (const [rule, subject, offset] of kinds) {
    if (!offset) continue;
    series.steps?.push({
      rule,
      subject: `${subject} ${describeReference(interval.reference)}`,
      reference: from,
      ...lastDayBefore(rule, addOffset(from, offset), offset.text),
      outcome: 'considered',
    });
  }
}

/** FORECASTDT-3 and -4 forecast the day before the one that the schedule counts to. */
function lastDayBefore(rule: string, limit: EpochDay, offset: string): Pick<RuleStep, 'limit' | 'offset'> {
  if (rule !== 'FORECASTDT-3' && rule !== 'FORECASTDT-4') return { limit, offset };
  return { limit: plusDays(limit, -1), offset: `${offset} - 1 day` };
}

/** The rules whose dates the earliest date is the latest of. */
const earliestRules = ['FORECASTDTCAN-1', 'CALCDTCONFLICT-3'];

/** Marks the steps of the rules that gave the date. */
function markWinner(steps: RuleStep[], rules: readonly string[], date: EpochDay | undefined): void {
  steps.forEach((step, i) => {
    const isCandidate = step.outcome === 'considered' && rules.includes(step.rule);
    if (isCandidate && step.limit === date) steps[i] = { ...step, outcome: 'won' };
  });
}

function noteRecommendations(series: PatientSeries, ages: AgeLimits, dates: CandidateDates): void {
  const { patient, steps } = series;
  if (!steps) return;
  const reference = patient.dateOfBirth;
  const kinds = [
    ['FORECASTDT-2', 'recommended: age', ages.earliestRecAge],
    ['FORECASTDT-3', 'past due: age', ages.latestRecAge],
    ['FORECASTDT-4', 'latest: maximum age', ages.maxAge],
  ] as const;
  for (const [rule, subject, age] of kinds) {
    const limit = givenAge(patient, age);
    if (limit === undefined) continue;
    const shown = lastDayBefore(rule, limit, ageText(patient, age));
    steps.push({ rule, subject, reference, ...shown, outcome: 'won' });
  }
  if (givenAge(patient, ages.earliestRecAge) === undefined) {
    markWinner(steps, ['FORECASTDT-2'], dates.unadjustedRecommended);
  }
  if (givenAge(patient, ages.latestRecAge) === undefined) {
    markWinner(steps, ['FORECASTDT-3'], dates.unadjustedPastDue);
  }
  noteAdjustment(steps, 'FORECASTDT-5', 'recommended', dates.unadjustedRecommended, dates.recommended);
  noteAdjustment(steps, 'FORECASTDT-6', 'past due', dates.unadjustedPastDue, dates.pastDue);
}

function noteAdjustment(
  steps: RuleStep[],
  rule: string,
  name: string,
  reference: EpochDay | undefined,
  limit: EpochDay | undefined,
): void {
  if (reference === undefined || limit === undefined || reference === limit) return;
  steps.push({ rule, subject: `${name}: not before the earliest date`, reference, limit, outcome: 'won' });
}
