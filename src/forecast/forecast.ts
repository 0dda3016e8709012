import type { EpochDay } from '../values/epoch-day.ts';
import { type AntigenForecast, forecastAntigen } from './antigen-forecast.ts';
import { explaining } from './explain.ts';
import type { Explanation } from './explanation.ts';
import {
  type ForecastOptions,
  forecastPatient,
  type KnownAntigens,
  type PatientForecast,
} from './forecast-patient.ts';
import type { DoseEvaluation, Forecast, UnjudgedDose, VaccineGroupForecast } from './forecast-result.ts';
import { dataProblems, organizeHistory } from './organize-history.ts';
import { type Patient, toPatient } from './patient.ts';
import type { PatientHistory } from './patient-history.ts';
import type { ForecastSeries } from './patient-series.ts';
import type { Schedule } from './schedule.ts';
import { toDoseEvaluation, toVaccineGroupForecast } from './to-result.ts';
import type { BlendedForecast } from './vaccine-group-forecast.ts';

/**
 * What the patient is due and when, and what became of each dose given, by the CDSi Logic Specification 4.6. A pure
 * function: the same arguments give the same answer.
 */
export function forecast(
  schedule: Schedule,
  history: PatientHistory,
  assessmentDate: EpochDay,
  options?: ForecastOptions,
): Forecast {
  const current = schedule.onDay(assessmentDate);
  const patient = toPatient(current, history, { date: assessmentDate, explains: false });
  return toForecast(patient, forecastPatient(patient, options));
}

/**
 * What `forecast` would find of each antigen, into `known`, one at each step: of a long history all at once would hold up
 * who waits beside it.
 */
export function* forecastAhead(
  schedule: Schedule,
  history: PatientHistory,
  assessmentDate: EpochDay,
  known: KnownAntigens,
): Generator<void, void> {
  const current = schedule.onDay(assessmentDate);
  const patient = toPatient(current, history, { date: assessmentDate, explains: false });
  yield* antigensAhead(patient, known);
}

function* antigensAhead(patient: Patient, known: KnownAntigens): Generator<void, void> {
  const records = organizeHistory(patient);
  for (const [place, antigen] of patient.schedule.antigens.entries()) {
    if (known.has(antigen)) continue;
    known.set(antigen, forecastAntigen(patient, antigen, records[place] ?? []));
    yield;
  }
}

export type ExplainedForecast = { readonly forecast: Forecast; readonly explanation: Explanation };

/** The same, with every rule that decided. */
export function explainForecast(
  schedule: Schedule,
  history: PatientHistory,
  assessmentDate: EpochDay,
): ExplainedForecast {
  const steps = explainingForecast(schedule, history, assessmentDate);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, one antigen at each step. */
export function* explainingForecast(
  schedule: Schedule,
  history: PatientHistory,
  assessmentDate: EpochDay,
): Generator<void, ExplainedForecast> {
  const current = schedule.onDay(assessmentDate);
  const patient = toPatient(current, history, { date: assessmentDate, explains: true });
  const known: KnownAntigens = new Map();
  yield* antigensAhead(patient, known);
  const found = forecastPatient(patient, { known });
  yield;
  const whole = toForecast(patient, found);
  yield;
  return { forecast: whole, explanation: yield* explaining(patient, found) };
}

function toForecast(patient: Patient, { antigens, vaccineGroups }: PatientForecast): Forecast {
  const blended: BlendedForecast[] = [];
  for (const group of vaccineGroups) blended.push(...group);
  const forecasts = blended.map(toVaccineGroupForecast);
  return {
    scheduleVersion: patient.schedule.version,
    assessmentDate: patient.assessmentDate,
    evaluations: evaluationsOf(patient, antigens, blended),
    unjudgedDoses: unjudgedDoses(antigens),
    forecasts: isDead(patient) ? forecasts.map(withoutNeed) : forecasts,
    dataProblems: dataProblems(patient.schedule, patient.history, patient.assessmentDate),
  };
}

function isDead({ history, assessmentDate }: Patient): boolean {
  return history.dateOfDeath !== undefined && history.dateOfDeath <= assessmentDate;
}

/** What was complete stays so; what was not is not needed any more. */
function withoutNeed(forecast: VaccineGroupForecast): VaccineGroupForecast {
  const {
    dates: _,
    neededDates: __,
    doseNumber: ___,
    behindSince: ____,
    targetDose: _____,
    ...rest
  } = forecast;
  const settled = {
    ...rest,
    permissive: false,
    antigensNeeded: [],
    recommendedVaccines: [],
    otherVaccines: [],
    namedVaccines: [],
  };
  if (forecast.status !== 'Not Complete') return settled;
  return { ...settled, status: 'Not Recommended', reasons: ['deceased'] };
}

function unjudgedDoses(antigens: readonly AntigenForecast[]): readonly UnjudgedDose[] {
  const unjudged: UnjudgedDose[] = [];
  for (const { antigen, records, series } of antigens) {
    if (series.length > 0) continue;
    for (const { given } of records) unjudged.push({ doseId: given.id, antigen: antigen.name });
  }
  return unjudged;
}

/**
 * By dose, then by vaccine group: one verdict for each dose and antigen. Of several best series of an antigen it is that of
 * one in which the dose counts, else of the one whose forecast comes first: an infant's dose is not too young for good
 * because there is a series for people of fifty, or one for a risk.
 */
function evaluationsOf(
  patient: Patient,
  antigens: readonly AntigenForecast[],
  blended: readonly BlendedForecast[],
): readonly DoseEvaluation[] {
  if (patient.doses.length === 0) return [];
  const byDose: DoseEvaluation[][] = patient.doses.map(() => []);
  for (const [antigen, series] of judging(antigens, blended)) {
    for (const record of antigen.records) {
      const evaluation = toDoseEvaluation(antigen, series, record);
      if (evaluation) addVerdict(byDose[record.index] ?? [], evaluation);
    }
  }
  const all: DoseEvaluation[] = [];
  for (const ofDose of byDose) all.push(...ofDose);
  return all;
}

/** The series that say something of a dose: the best ones in the order of their forecasts, then those beside them. */
function judging(
  antigens: readonly AntigenForecast[],
  blended: readonly BlendedForecast[],
): readonly Judging[] {
  const found: Judging[] = [];
  const forecast = new Set<AntigenForecast>();
  for (const { contained } of blended) {
    for (const { antigen, series } of contained) {
      forecast.add(antigen);
      if (antigen.records.length > 0) found.push([antigen, series]);
    }
  }
  for (const antigen of antigens) {
    if (antigen.records.length > 0) found.push(...judgingBeside(antigen, forecast.has(antigen)));
  }
  return found;
}

type Judging = readonly [AntigenForecast, ForecastSeries];

function judgingBeside(antigen: AntigenForecast, isForecast: boolean): readonly Judging[] {
  const series = isForecast ? besideBest(antigen) : insteadOfBest(antigen);
  return series.map((each) => [antigen, each]);
}

function addVerdict(ofDose: DoseEvaluation[], evaluation: DoseEvaluation): void {
  const place = ofDose.findIndex(({ antigen }) => antigen === evaluation.antigen);
  if (place < 0) ofDose.push(evaluation);
  else if (ofDose[place]?.status !== 'Valid' && evaluation.status === 'Valid') ofDose[place] = evaluation;
}

/**
 * The series that a best one of another type has taken over from: a valid dose of an infant does not become too young on
 * the day on which a risk series begins. It is told in which series a dose counts.
 */
function besideBest({ selections }: AntigenForecast): readonly ForecastSeries[] {
  if (selections.length < 2) return [];
  return selections.flatMap(({ choice, verdict }) => (verdict?.best ? [] : (choice.prioritized ?? [])));
}

/** Without a best series the prioritized ones stand in, and without these the one with the most valid doses. */
function insteadOfBest({ series, selections }: AntigenForecast): readonly ForecastSeries[] {
  const prioritized = selections.flatMap(({ choice }) => choice.prioritized ?? []);
  if (prioritized.length > 0) return prioritized;
  let most: ForecastSeries | undefined;
  for (const each of series) if (!most || each.satisfied.length > most.satisfied.length) most = each;
  return most ? [most] : [];
}
