import type { EpochDay } from '../values/epoch-day.ts';
import type { RuleStep } from './explanation.ts';
import type { EvaluationReason, EvaluationStatus, ForecastReason, SeriesStatus } from './forecast-result.ts';
import type { Dose, Patient } from './patient.ts';
import type { Series, SeriesDose } from './schedule.ts';

/**
 * One relevant series of one patient while it is evaluated and forecast. Its target doses are those of the series in
 * order; a recurring one that is satisfied is asked for again before the next.
 */
export type PatientSeries = {
  readonly patient: Patient;
  readonly series: Series;
  /** The doses that hold its antigen. */
  readonly records: readonly Dose[];
  /** By place of the dose in the patient's history: what was found of a record that has been evaluated. */
  readonly judgments: (Judgment | undefined)[];
  readonly satisfied: SatisfiedDose[];
  /** Place in `series.doses` of the target dose that comes next; their number when none is left. */
  next: number;
  /** Series groups of the antigen that are complete, with the day of the dose that completed them. */
  readonly completedGroups: ReadonlyMap<string, EpochDay>;
  /** Where rules note what they did; undefined when nobody asked. */
  steps: RuleStep[] | undefined;
  /** How many doses follow the next; undefined until it has been counted. */
  dosesAfterNext: number | undefined;
};

export type Judgment = {
  readonly status: EvaluationStatus;
  readonly reasons: readonly EvaluationReason[];
  /** Undefined: none was left. */
  readonly targetDose: number | undefined;
  readonly steps: readonly RuleStep[] | undefined;
};

export type SatisfiedDose = { readonly target: SeriesDose; readonly record: Dose };

export type SeriesForecast = {
  readonly status: SeriesStatus;
  readonly reason: ForecastReason | undefined;
  /** Only when Not Complete, like all that follows. */
  readonly target: SeriesDose | undefined;
  readonly dates: CandidateDates | undefined;
  readonly doseNumber: number;
  /** FORECASTPRIORITY-1 */
  readonly isPriority: boolean;
  readonly steps: readonly RuleStep[] | undefined;
};

export type CandidateDates = {
  readonly earliest: EpochDay;
  readonly unadjustedRecommended: EpochDay;
  readonly recommended: EpochDay;
  readonly unadjustedPastDue: EpochDay | undefined;
  readonly pastDue: EpochDay | undefined;
  readonly latest: EpochDay | undefined;
};

/** A series with its forecast: what series are chosen from. */
export type ForecastSeries = PatientSeries & { readonly forecast: SeriesForecast };

export function nextTarget(series: PatientSeries): SeriesDose | undefined {
  return series.series.doses[series.next];
}

/** Inadvertent doses are no interval reference. */
export function isInadvertent(judgment: Judgment): boolean {
  return judgment.reasons[0] === 'inadvertent-vaccine';
}
