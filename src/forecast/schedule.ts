import type { EpochDay } from '../values/epoch-day.ts';
import type { CvxCode } from '../values/vaccine-code.ts';
import type { Offset } from './date-arithmetic.ts';
import type { RecommendationClass, SeriesType } from './forecast-result.ts';
import type { Gender, ObservationCode } from './patient-history.ts';

/** A schedule made ready for many patients: texts became integers and look-ups. Made by `compileSchedule`. */
export type Schedule = {
  readonly version: string;
  /** Every distinct age of the schedule; the other parts refer to it by `AgeIndex`. */
  readonly ages: readonly TextOffset[];
  /** By CVX number. */
  readonly associations: readonly (readonly Association[] | undefined)[];
  /** By CVX number of the current dose. */
  readonly conflicts: readonly (readonly VaccineConflict[] | undefined)[];
  readonly antigens: readonly Antigen[];
  readonly vaccineGroups: readonly VaccineGroup[];
  readonly observationTitles: ReadonlyMap<ObservationCode, string>;
  readonly vaccineNames: ReadonlyMap<CvxCode, string>;
  /** Vaccines that are not in use in the US. */
  readonly foreignVaccines: CvxSet;
  /** By `codedValueKey`: what the observations of the schedule are called in SNOMED CT, CVX and PHIN VS. */
  readonly codedValues: ReadonlyMap<string, readonly ObservationCode[]>;
  /** The schedule as it stands on a day: its seasons are those that the day is in or waits for. */
  readonly onDay: (day: EpochDay) => Schedule;
};

/** CVX 03 as 3: at most three digits, so it serves as an index. */
export type CvxNumber = number;
export const cvxNumbers = 1000;

/** Whether a CVX number is in a list: 1 at its place. */
export type CvxSet = Uint8Array;

/** Place in `Schedule.ages`, and in the days that a patient reaches them. */
export type AgeIndex = number;
/** An age window without a begin is open from this, and one without an end to `noEndAge`. */
export const noBeginAge: AgeIndex = 0;
export const noEndAge: AgeIndex = 1;

/** As written, for explanations. */
export type TextOffset = Offset & { readonly text: string };

export type AgeWindow = { readonly beginAge: AgeIndex; readonly endAge: AgeIndex };

export type Association = AgeWindow & { readonly antigen: number };

export type VaccineConflict = {
  readonly previous: CvxNumber;
  readonly begin: TextOffset;
  readonly minEnd: TextOffset;
  readonly end: TextOffset;
};

export type VaccineGroup = {
  readonly name: string;
  readonly administerFullVaccineGroup: boolean;
  /** Places in `Schedule.antigens`. */
  readonly antigens: readonly number[];
};

export type Antigen = {
  readonly name: string;
  readonly vaccineGroup: string;
  readonly immunity: Immunity;
  readonly contraindications: readonly WindowedObservation[];
  readonly vaccineContraindications: readonly VaccineContraindication[];
  /** Series that ask whether another one is complete come after those that do not. */
  readonly series: readonly Series[];
  /** Those that need no indication. */
  readonly seriesWithoutRisk: readonly Series[];
  readonly asksForCompletedSeries: boolean;
};

export type Immunity = {
  readonly clinicalHistory: readonly ObservationCode[];
  readonly birthDates: readonly ImmunityBirthDate[];
};

export type ImmunityBirthDate = {
  readonly before: EpochDay;
  readonly country: string | undefined;
  readonly exclusions: readonly ObservationCode[];
};

export type WindowedObservation = AgeWindow & { readonly observation: ObservationCode };

type VaccineContraindication = {
  readonly observation: ObservationCode;
  readonly vaccines: readonly VaccineWindow[];
};

export type VaccineWindow = AgeWindow & { readonly cvx: CvxNumber; readonly code: CvxCode };

export type Series = {
  readonly name: string;
  readonly antigen: string;
  readonly vaccineGroup: string;
  readonly type: SeriesType;
  /** Place in the file: the last word between equals. */
  readonly order: number;
  readonly group: string;
  readonly equivalentGroups: readonly string[];
  readonly requiredGender: readonly Gender[];
  readonly isDefault: boolean;
  readonly isProductPath: boolean;
  readonly priority: string;
  /** Infinite where none is given. */
  readonly preference: number;
  readonly minAgeToStart: AgeIndex;
  readonly maxAgeToStart: AgeIndex;
  readonly indications: readonly WindowedObservation[];
  readonly classifications: readonly Classification[];
  readonly doses: readonly SeriesDose[];
  /** Place of the first dose from which on none may be skipped when forecasting and none recurs. */
  readonly plainFrom: number;
  /** Every preferable vaccine of every dose, once. */
  readonly preferableVaccines: readonly CvxNumber[];
};

export type Classification = AgeWindow & {
  readonly as: RecommendationClass;
  /** Undefined: for everybody of the age. */
  readonly observations: readonly ObservationCode[] | undefined;
};

export type SeriesDose = {
  /** From 1. */
  readonly number: number;
  readonly ages: readonly AgeLimits[];
  readonly intervals: readonly Interval[];
  readonly allowableIntervals: readonly Interval[];
  readonly preferableVaccines: readonly PreferableVaccine[];
  readonly allowableVaccines: readonly VaccineWindow[];
  readonly inadvertentVaccines: readonly CvxNumber[];
  readonly evaluationSkips: readonly ConditionalSkip[];
  readonly forecastSkips: readonly ConditionalSkip[];
  readonly recurring: boolean;
  readonly season: Season | undefined;
  /** Conflicts that the preferable vaccines of this dose may have with earlier doses, each only once. */
  readonly conflicts: readonly VaccineConflict[];
};

/** Both days included. */
export type Effective = { readonly effective: EpochDay; readonly cessation: EpochDay };

export type AgeLimits = Effective & {
  readonly absMinAge: AgeIndex;
  readonly minAge: AgeIndex;
  readonly earliestRecAge: AgeIndex;
  readonly latestRecAge: AgeIndex;
  readonly maxAge: AgeIndex;
};

export type IntervalReference =
  | { readonly from: 'previous' }
  | { readonly from: 'target-dose'; readonly targetDose: number }
  | { readonly from: 'most-recent'; readonly vaccines: CvxSet }
  | { readonly from: 'observation'; readonly observation: ObservationCode };

export type Interval = Effective & {
  readonly reference: IntervalReference;
  readonly absMinInt: TextOffset | undefined;
  readonly minInt: TextOffset | undefined;
  readonly earliestRecInt: TextOffset | undefined;
  readonly latestRecInt: TextOffset | undefined;
  readonly priority: boolean;
};

export type PreferableVaccine = VaccineWindow & {
  /** Lower case. */
  readonly tradeName: string | undefined;
  readonly mvx: string | undefined;
  readonly volume: number | undefined;
  readonly forecast: boolean;
};

export type Combination = 'AND' | 'OR';

export type ConditionalSkip = { readonly setLogic: Combination; readonly sets: readonly SkipSet[] };

export type SkipSet = Effective & {
  readonly conditionLogic: Combination;
  readonly conditions: readonly SkipCondition[];
};

export type SkipCondition =
  | (AgeWindow & { readonly type: 'age' })
  | { readonly type: 'completed-series'; readonly groups: readonly string[] }
  | { readonly type: 'interval'; readonly interval: TextOffset }
  | VaccineCount;

export type VaccineCount = AgeWindow & {
  readonly type: 'vaccine-count';
  readonly startDate: EpochDay;
  readonly endDate: EpochDay;
  readonly onlyValid: boolean;
  readonly logic: 'greater than' | 'equal to' | 'less than';
  readonly count: number;
  /** Undefined: every record of the antigen. */
  readonly vaccines: CvxSet | undefined;
};

/** Both days included. */
export type Season = {
  readonly start: EpochDay | undefined;
  readonly end: EpochDay;
  /** No one has dated it: it is where it was in the years before. */
  readonly assumed: boolean;
};

export function codedValueKey(system: string, code: string): string {
  return `${system}|${code}`;
}
