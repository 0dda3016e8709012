import type { Gender } from './patient-history.ts';

/**
 * CDC's supporting data as Jenner keeps it: one JSON file a version, facts only. The words are those of the
 * supporting data; a property that is absent was not given there.
 *
 * Ages and intervals are written as CDC writes them, "12 months - 4 days". Dates are ISO dates. Codes are text.
 */
export type ScheduleData = {
  /** Whose schedule it is; absent: `cdcScheduleId`. */
  readonly id?: string;
  /** A text by which its makers tell one release of it from another; CDC's: "4.64-508". */
  readonly version: string;
  /** Absent: ACIP and CDC. */
  readonly authorities?: readonly AuthorityData[];
  /** The day from which it is in effect, and the last on which it may be trusted. */
  readonly effective?: string;
  readonly expires?: string;
  /** The version of the amendment that it was amended by. */
  readonly amendment?: string;
  /** What an overlay has made of the release that it is over. */
  readonly changes?: readonly AppliedChange[];
  readonly vaccines: readonly VaccineData[];
  readonly vaccineGroups: readonly VaccineGroupData[];
  readonly vaccineConflicts: readonly VaccineConflictData[];
  readonly observations: readonly ObservationData[];
  readonly antigens: readonly AntigenData[];
  /** How seasons go on after those that the series are written for; without a rule each year as they are written. */
  readonly seasons?: readonly SeasonRuleData[];
};

/** CDC's own schedule, as the ImmDS proposal names it. */
export const cdcScheduleId = 'USA-CDC-CDSI';

/** As people are told of it; CDC's schedule is known by its version alone. */
export function scheduleTitle({ id = cdcScheduleId, version }: Pick<ScheduleData, 'id' | 'version'>): string {
  return id === cdcScheduleId ? version : `${id} ${version}`;
}

/** Whose advice it is: a code as ICE writes it (`ACIP_CDC`, `AAP`), and the name that people know. */
export type AuthorityData = { readonly code: string; readonly name: string };

export const cdcAuthority: AuthorityData = { code: 'ACIP_CDC', name: 'ACIP' };

/** One change of an overlay, as answers tell it where it makes a difference. */
export type AppliedChange = {
  readonly operation: string;
  /** Absent where it is for all antigens. */
  readonly antigen?: string;
  readonly series?: string;
  readonly reason: string;
  readonly source: string;
};

/** Which antigens a vaccine holds (cvxToAntigenMap). */
export type VaccineData = {
  readonly cvx: string;
  readonly shortDescription: string;
  readonly associations: readonly AssociationData[];
};

export type AssociationData = AgeWindowData & { readonly antigen: string };

/** Ages from begin to before end. */
export type AgeWindowData = { readonly beginAge?: string; readonly endAge?: string };

export type VaccineGroupData = {
  readonly name: string;
  /** Only groups of several antigens say it. */
  readonly administerFullVaccineGroup?: boolean;
  readonly antigens: readonly string[];
};

/** A dose of `current` conflicts with an earlier one of `previous`. */
export type VaccineConflictData = {
  readonly previous: string;
  readonly current: string;
  readonly conflictBeginInterval: string;
  readonly minConflictEndInterval: string;
  readonly conflictEndInterval: string;
};

export type ObservationData = {
  /** Three digits: "007". */
  readonly code: string;
  readonly title: string;
  readonly codedValues: readonly CodedValueData[];
};

export const codedValueSystems = ['SNOMED', 'CVX', 'CDCPHINVS'] as const;

export type CodedValueData = { readonly system: (typeof codedValueSystems)[number]; readonly code: string };

export type AntigenData = {
  readonly antigen: string;
  readonly immunity: ImmunityData;
  /** Rule out every series of the antigen. */
  readonly contraindications: readonly ContraindicationData[];
  /** Rule out single vaccines. */
  readonly vaccineContraindications: readonly VaccineContraindicationData[];
  readonly series: readonly SeriesData[];
};

export type ImmunityData = {
  /** Observation codes that prove immunity. */
  readonly clinicalHistory: readonly string[];
  readonly birthDates: readonly ImmunityBirthDateData[];
};

export type ImmunityBirthDateData = {
  /** Born before this day. */
  readonly immunityBirthDate: string;
  readonly birthCountry?: string;
  readonly exclusions: readonly string[];
};

export type ContraindicationData = AgeWindowData & { readonly observation: string };

export type VaccineContraindicationData = {
  readonly observation: string;
  readonly vaccines: readonly VaccineWindowData[];
};

export type VaccineWindowData = AgeWindowData & { readonly cvx: string };

export const seriesTypes = ['Standard', 'Risk', 'Evaluation Only'] as const;

export type SeriesData = {
  readonly seriesName: string;
  readonly vaccineGroup: string;
  readonly seriesType: (typeof seriesTypes)[number];
  /** Numbers of series groups of the same antigen. */
  readonly equivalentSeriesGroups: readonly string[];
  /** Empty: no restriction. */
  readonly requiredGender: readonly Gender[];
  readonly defaultSeries: boolean;
  readonly productPath: boolean;
  readonly seriesGroup: string;
  readonly seriesGroupName: string;
  /** A letter; A goes before B. */
  readonly seriesPriority: string;
  /** 1 is preferred to 2. */
  readonly seriesPreference?: number;
  readonly minAgeToStart?: string;
  readonly maxAgeToStart?: string;
  readonly indications: readonly ContraindicationData[];
  /** How far it is recommended; the first that applies counts, and without one it is as its type says. */
  readonly classifications?: readonly ClassificationData[];
  /** In order: the first is dose 1. */
  readonly doses: readonly SeriesDoseData[];
};

export const recommendationClasses = ['routine', 'shared-decision', 'not-recommended'] as const;

/** For the ages on the assessment date, and for who has one of the observations, where any are named. */
export type ClassificationData = AgeWindowData & {
  readonly as: (typeof recommendationClasses)[number];
  readonly observations?: readonly string[];
};

export type SeriesDoseData = {
  readonly ages: readonly AgeData[];
  readonly intervals: readonly IntervalData[];
  readonly allowableIntervals: readonly AllowableIntervalData[];
  readonly preferableVaccines: readonly PreferableVaccineData[];
  readonly allowableVaccines: readonly VaccineWindowData[];
  readonly inadvertentVaccines: readonly string[];
  readonly conditionalSkips: readonly ConditionalSkipData[];
  readonly recurringDose: boolean;
  readonly seasonalRecommendation?: SeasonOfDay;
};

/** Both days included. */
export type EffectiveData = { readonly effectiveDate?: string; readonly cessationDate?: string };

export type AgeData = EffectiveData & {
  readonly absMinAge?: string;
  readonly minAge?: string;
  readonly earliestRecAge?: string;
  readonly latestRecAge?: string;
  readonly maxAge?: string;
};

/** From which date an interval is counted: exactly one of these is given. */
export type IntervalReferenceData = {
  readonly fromPrevious?: true;
  /** Number of the target dose, from 1. */
  readonly fromTargetDose?: number;
  /** CVX codes. */
  readonly fromMostRecent?: readonly string[];
  /** Observation code. */
  readonly fromRelevantObs?: string;
};

export type IntervalData = IntervalReferenceData &
  EffectiveData & {
    readonly absMinInt?: string;
    readonly minInt?: string;
    readonly earliestRecInt?: string;
    readonly latestRecInt?: string;
    readonly intervalPriority?: true;
  };

export type AllowableIntervalData = IntervalReferenceData & EffectiveData & { readonly absMinInt?: string };

export type PreferableVaccineData = VaccineWindowData & {
  readonly tradeName?: string;
  readonly mvx?: string;
  /** In millilitres. */
  readonly volume?: number;
  readonly forecastVaccineType: boolean;
};

export const skipContexts = ['Evaluation', 'Forecast', 'Both'] as const;

export type ConditionalSkipData = {
  readonly context: (typeof skipContexts)[number];
  /** Given when there are several sets. */
  readonly setLogic?: 'AND' | 'OR';
  readonly sets: readonly SkipSetData[];
};

export type SkipSetData = EffectiveData & {
  readonly conditionLogic: 'AND' | 'OR';
  readonly conditions: readonly SkipConditionData[];
};

export type SkipConditionData =
  | (AgeWindowData & { readonly type: 'Age' })
  | { readonly type: 'Completed Series'; readonly seriesGroups: readonly string[] }
  | { readonly type: 'Interval'; readonly interval: string }
  | (AgeWindowData & {
      readonly type: 'Vaccine Count';
      /** Days from start to before end. */
      readonly startDate?: string;
      readonly endDate?: string;
      readonly doseType: 'Valid' | 'Total';
      readonly doseCountLogic: 'greater than' | 'equal to' | 'less than';
      readonly doseCount: number;
      /** CVX codes; absent: every record of the antigen. */
      readonly vaccineTypes?: readonly string[];
    });

/** Both days included. */
export type SeasonData = { readonly startDate?: string; readonly endDate?: string };

/** A season as a day finds it: `assumed` where no one has dated it. */
export type SeasonOfDay = SeasonData & { readonly assumed?: true };

export type DatedSeasonData = SeasonData & { readonly startDate: string };

/** The seasons of an antigen, or of some of its series. */
export type SeasonRuleData = {
  readonly antigen: string;
  /** Their names; absent: all of the antigen. */
  readonly series?: readonly string[];
  /** Those that follow the one of the series, in order. */
  readonly dated: readonly DatedSeasonData[];
  /** Month and day (MM-DD) of every season after the last that is dated. */
  readonly repeats: { readonly from: string; readonly to?: string };
};
