import type { EpochDay } from '../values/epoch-day.ts';
import type { CvxCode } from '../values/vaccine-code.ts';

/** Patient series status, and vaccine group status (CDSi Logic Specification, ch. 8 and 9). */
export type SeriesStatus =
  | 'Not Complete'
  | 'Complete'
  | 'Immune'
  | 'Contraindicated'
  | 'Aged Out'
  | 'Not Recommended';

export type EvaluationStatus = 'Valid' | 'Not Valid' | 'Extraneous' | 'Sub-standard';

/** Why a dose was judged as it was; every reason that holds is kept, the deciding one first. */
export type EvaluationReason =
  | 'too-young'
  | 'too-old'
  | 'too-soon'
  | 'vaccine-conflict'
  | 'not-preferable-or-allowable'
  | 'inadvertent-vaccine'
  | 'series-already-complete'
  | 'lot-expired'
  | 'dose-condition'
  | 'age-grace-period'
  | 'interval-grace-period'
  | 'volume-below-recommended'
  | 'not-preferable-but-allowable';

export type SeriesType = 'Standard' | 'Risk' | 'Evaluation Only';

/** How far what is forecast is recommended: to all it is for, by a decision of patient and clinician, or not at all. */
export type RecommendationClass = 'routine' | 'shared-decision' | 'not-recommended';

/** One dose judged in one series. */
export type DoseEvaluation = {
  readonly doseId: string;
  readonly antigen: string;
  readonly vaccineGroup: string;
  readonly seriesName: string;
  readonly seriesType: SeriesType;
  readonly seriesGroup: string;
  /** How many doses the series has for this person: what is skipped does not count. */
  readonly seriesDoses: number;
  /** Its place among them; absent once the series is complete. */
  readonly doseNumber?: number;
  /** The target dose it was judged against, counted as the series counts its doses; absent once the series is complete. */
  readonly targetDose?: number;
  readonly status: EvaluationStatus;
  readonly reasons: readonly EvaluationReason[];
};

export type ForecastDates = {
  readonly earliest: EpochDay;
  readonly recommended: EpochDay;
  readonly pastDue?: EpochDay;
  readonly latest?: EpochDay;
  readonly unadjustedRecommended: EpochDay;
  readonly unadjustedPastDue?: EpochDay;
};

/** Why no dose is forecast, as far as Table 7-10 names it. */
export type ForecastReason =
  | 'immune'
  | 'contraindicated'
  | 'complete'
  | 'deceased'
  | 'not-recommended-by-authority'
  | 'past-immunization-history'
  | 'past-seasonal-end'
  | 'past-maximum-age'
  | 'cannot-finish-before-maximum-age';

/** The forecast of one vaccine group and one series group of its antigens (FORECASTVG-1). */
export type VaccineGroupForecast = {
  readonly vaccineGroup: string;
  readonly seriesGroup: string;
  readonly seriesType: SeriesType;
  readonly seriesNames: readonly string[];
  readonly status: SeriesStatus;
  readonly reasons: readonly ForecastReason[];
  /** Only when Not Complete. */
  readonly dates?: ForecastDates;
  /** Of a group that is contraindicated: when the antigens are due that are needed all the same. */
  readonly neededDates?: ForecastDates;
  /** FORECASTDN-1 and -2; only when Not Complete. */
  readonly doseNumber?: number;
  /** How many doses there are for this person with those that were given: what is skipped does not count. */
  readonly seriesDoses: number;
  /** Whether patient and clinician decide if it is given; it is then never overdue. */
  readonly isSharedDecision: boolean;
  /** Since when a dose is overdue, even if it is not asked for any more because the patient is too old for it. */
  readonly behindSince?: EpochDay;
  /** The dose may be given, but at this age nobody recommends it: it is never overdue. */
  readonly permissive: boolean;
  /** CDSi's target dose, counted as the series counts its doses; only when Not Complete. */
  readonly targetDose?: number;
  /** Of a series that is for a season. */
  readonly season?: ForecastSeason;
  /** Antigens of the group with status Not Complete (FORECASTVG-8). */
  readonly antigensNeeded: readonly string[];
  readonly antigens: readonly string[];
  readonly recommendedVaccines: readonly CvxCode[];
  /** Other preferable vaccines that fit the patient's age. */
  readonly otherVaccines: readonly CvxCode[];
  /** Both, in the order in which they are to be offered: first what holds all antigens that are needed. */
  readonly namedVaccines: readonly CvxCode[];
  readonly contraindicatedVaccines: readonly CvxCode[];
  /** Valid doses that support the forecast. */
  readonly supportingDoses: readonly string[];
  /** CDSi observation codes that made a Risk series relevant, gave immunity or a contraindication. */
  readonly supportingObservations: readonly string[];
};

/** Both days included; without an end it lasts until the next begins. */
export type ForecastSeason = {
  readonly start: EpochDay;
  readonly end?: EpochDay;
  /** No one has dated it: it is where it was in the years before. */
  readonly assumed: boolean;
};

/** What the engine was told and could not use. Nothing is guessed and nothing is dropped silently. */
export type DataProblem = {
  readonly doseId: string;
  readonly problem: 'unknown-cvx' | 'before-birth' | 'after-assessment' | 'repeated';
};

/** A dose that could not be judged for an antigen, because no series for it applies to this patient. */
export type UnjudgedDose = { readonly doseId: string; readonly antigen: string };

export type Forecast = {
  /** Version of the schedule, as CDC numbers its supporting data: "4.64-508". */
  readonly scheduleVersion: string;
  readonly assessmentDate: EpochDay;
  /** One per dose, antigen and best series. */
  readonly evaluations: readonly DoseEvaluation[];
  readonly unjudgedDoses: readonly UnjudgedDose[];
  /** By vaccine group; within one, the forecast that stands for the group first. */
  readonly forecasts: readonly VaccineGroupForecast[];
  readonly dataProblems: readonly DataProblem[];
};
