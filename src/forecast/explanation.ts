import type { EpochDay } from '../values/epoch-day.ts';
import type { CvxCode } from '../values/vaccine-code.ts';
import type {
  EvaluationReason,
  EvaluationStatus,
  ForecastDates,
  ForecastReason,
  SeriesStatus,
  SeriesType,
} from './forecast-result.ts';

/** What a rule said: a rule that sets a date was only `considered` when another date was later. */
export type RuleOutcome =
  | 'passed'
  | 'grace-period'
  | 'failed'
  | 'no-reference'
  | 'skipped'
  | 'not-skipped'
  | 'won'
  | 'considered';

/** One rule at work: what was asked, of which date, against which limit. */
export type RuleStep = {
  /** Rule, table or sub-chapter of the CDSi Logic Specification: "CALCDTAGE-5", "Table 6-15", "6.3". */
  readonly rule: string;
  /** In the words of the specification: "absolute minimum age". */
  readonly subject: string;
  /** The date that was judged, or from which the limit was counted. */
  readonly reference?: EpochDay;
  readonly limit?: EpochDay;
  /** What was counted to reach the limit: "12 months - 4 days". */
  readonly offset?: string;
  readonly outcome: RuleOutcome;
};

/** One dose in one series, with all that decided its status. */
export type DoseExplanation = {
  readonly doseId: string;
  readonly date: EpochDay;
  readonly cvx: CvxCode;
  /** Absent: no target dose was left. */
  readonly targetDose?: number;
  readonly status: EvaluationStatus;
  readonly reasons: readonly EvaluationReason[];
  readonly steps: readonly RuleStep[];
};

export type SeriesExplanation = {
  readonly seriesName: string;
  readonly seriesType: SeriesType;
  readonly seriesGroup: string;
  /** Observation codes that made the series relevant. */
  readonly indications: readonly string[];
  readonly doses: readonly DoseExplanation[];
  readonly status: SeriesStatus;
  readonly reason?: ForecastReason;
  /** The target dose that is forecast. */
  readonly targetDose?: number;
  readonly doseNumber?: number;
  readonly dates?: ForecastDates;
  readonly forecastSteps: readonly RuleStep[];
  readonly prioritized: boolean;
  readonly best: boolean;
};

export type ScoreLine = { readonly condition: string; readonly points: number };

export type CandidateExplanation = {
  readonly seriesName: string;
  readonly candidate: boolean;
  readonly scorable: boolean;
  readonly validDoses: number;
  readonly scores: readonly ScoreLine[];
};

/** How one series of a series group was chosen. */
export type SelectionExplanation = {
  readonly seriesGroup: string;
  readonly candidates: readonly CandidateExplanation[];
  /** The table that decided: 8-3 for an obvious winner, else the one that gave the points. */
  readonly table: string;
  readonly decision: SelectionDecision;
  readonly prioritized?: string;
  /** Table 8-14: is the prioritized series shown, and by which of its rows? */
  readonly best: boolean;
  readonly bestBecause?: BestReason;
};

export type SelectionDecision =
  | 'no-series'
  | 'default-series'
  | 'only-scorable'
  | 'only-complete'
  | 'only-in-process'
  | 'highest-score'
  | 'most-valid-doses';

export type BestReason =
  | 'complete'
  | 'equivalent-complete'
  | 'evaluation-only'
  | 'risk'
  | 'standard'
  | 'equivalent-risk';

export type AntigenExplanation = {
  readonly antigen: string;
  readonly vaccineGroup: string;
  /** Table 5-4: series of the schedule that do not apply to this patient. */
  readonly notRelevant: readonly NotRelevant[];
  readonly series: readonly SeriesExplanation[];
  readonly selections: readonly SelectionExplanation[];
};

export type NotRelevant = { readonly seriesName: string; readonly because: 'gender' | 'no-indication' };

/** How the forecasts of the antigens became one. */
export type VaccineGroupExplanation = {
  readonly vaccineGroup: string;
  readonly seriesGroup: string;
  readonly seriesType: SeriesType;
  readonly status: SeriesStatus;
  readonly steps: readonly RuleStep[];
  /** Put behind the others of its group because the patient has not reached the age at which it starts. */
  readonly notYetStarted: boolean;
};

export type Explanation = {
  readonly antigens: readonly AntigenExplanation[];
  readonly vaccineGroups: readonly VaccineGroupExplanation[];
};
