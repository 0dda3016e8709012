import type {
  AgeData,
  AgeWindowData,
  AllowableIntervalData,
  AuthorityData,
  CodedValueData,
  ContraindicationData,
  IntervalData,
  PreferableVaccineData,
  SeasonRuleData,
  SeriesData,
  SeriesDoseData,
  VaccineWindowData,
} from './schedule-data.ts';

/**
 * What an authority makes of a schedule, as changes from a closed set of operations: one JSON file. It is compiled into
 * one schedule; the engine knows of none.
 */
export type OverlayData = {
  /** Whose schedule comes of it. That of the base itself: it amends the base, and all that is over it. */
  readonly id: string;
  readonly version: string;
  readonly base: BaseRange;
  /** Whose advice it is; an amendment has none of its own. */
  readonly authorities: readonly AuthorityData[];
  readonly effective?: string;
  readonly expires?: string;
  /** In order: each finds what those before have made. */
  readonly changes: readonly ChangeData[];
};

/** The versions of the base that it may be laid over, both included; "4.64" means 4.64-508 too. */
export type BaseRange = { readonly id: string; readonly from: string; readonly to?: string };

export type AtAntigen = { readonly antigen: string };
export type AtSeries = AtAntigen & { readonly series: string };
/** Target doses count from 1. */
export type AtDose = AtSeries & { readonly dose: number };
/** `beginAge` tells two entries of one vaccine apart. */
export type AtVaccine = AtDose & { readonly cvx: string; readonly beginAge?: string };

/** `risk` makes a risk series of it; the others may be for some ages, and for who has one of the observations. */
export type ClassifyData =
  | { readonly as: 'risk'; readonly indications: readonly ContraindicationData[] }
  | (AgeWindowData & {
      readonly as: 'routine' | 'shared-decision' | 'not-recommended';
      readonly observations?: readonly string[];
    });

type Change<Operation extends string, Target, Value = undefined> = {
  readonly operation: Operation;
  readonly target: Target;
  /** Where it stands written. */
  readonly source: string;
  /** What is changed, and why, for who reads an answer. */
  readonly reason: string;
} & (Value extends undefined ? unknown : { readonly value: Value });

export type ChangeData =
  | Change<'add-series', AtAntigen, SeriesData>
  | Change<'replace-series', AtSeries, SeriesData>
  | Change<'remove-series', AtSeries>
  | Change<'classify-series', AtSeries, ClassifyData>
  | Change<'add-indication', AtSeries, ContraindicationData>
  | Change<'remove-indication', AtSeries & { readonly observation: string }>
  /** It takes the number of the target, and those from there on follow. */
  | Change<'add-dose', AtDose, SeriesDoseData>
  | Change<'replace-dose', AtDose, SeriesDoseData>
  | Change<'remove-dose', AtDose>
  | Change<'set-ages', AtDose, readonly AgeData[]>
  | Change<'set-intervals', AtDose, readonly IntervalData[]>
  | Change<'set-allowable-intervals', AtDose, readonly AllowableIntervalData[]>
  | Change<'add-preferable-vaccine', AtDose, PreferableVaccineData>
  | Change<'replace-preferable-vaccine', AtVaccine, PreferableVaccineData>
  | Change<'remove-preferable-vaccine', AtVaccine>
  | Change<'add-allowable-vaccine', AtDose, VaccineWindowData>
  | Change<'replace-allowable-vaccine', AtVaccine, VaccineWindowData>
  | Change<'remove-allowable-vaccine', AtVaccine>
  /** Of the series of the antigen that are named, or of all. */
  | Change<
      'set-season',
      AtAntigen & { readonly series?: readonly string[] },
      Pick<SeasonRuleData, 'dated' | 'repeats'>
    >
  /** Either code stands for the observations that have one of them; the right one is named first. */
  | Change<'correct-code', CodedValueData, { readonly code: string }>;
