import type { Immunization, Patient } from 'fhir/r4.js';
import type { EvaluationReason } from '../../../forecast/forecast-result.ts';
import type { StatusCode } from '../vaccine-status.ts';

/** A person's vaccines as pages, prints and lists show them: plain data, dates as FHIR writes them. */
export type RecordView = {
  readonly patient: Patient;
  /** The day that all of it is of. */
  readonly day: string;
  /** Each vaccine group that anything is known of, in the order of the childhood schedule. */
  readonly groups: readonly GroupView[];
  readonly notGiven: readonly NotGivenView[];
  /** Conditions by which some who have them must not get live vaccines, and others may. */
  readonly immuneConditions: readonly ObservationView[];
  /** What is known of the person that a forecast looks at: allergies, conditions, findings. */
  readonly facts: readonly FactView[];
  /** Absent where it could not be worked out what is due. */
  readonly schedule?: ScheduleView;
};

/** What could be given on the day, and what comes after it. */
export type VisitView = {
  readonly injections: readonly {
    readonly cvx: string;
    readonly name: string;
    readonly groups: readonly string[];
  }[];
  readonly next?: NextVisitView;
};

export type NextVisitView = {
  /** The first day on which a dose is recommended, and which. */
  readonly recommended: string;
  readonly doses: readonly { readonly group: string; readonly doseNumber?: number }[];
  /** Never after it: from when on one of these may be given. */
  readonly earliest: string;
  readonly mayBeGiven: readonly string[];
};

export type ScheduleView = { readonly id: string; readonly version: string; readonly authority: string };

export type GroupView = {
  /** CDSi's name; `other` for vaccines that nobody can name. */
  readonly group: string;
  /** Absent where it could not be worked out. */
  readonly shown?: SeriesView;
  /** Other series of the same group: told apart, since one answer comes first. */
  readonly others: readonly SeriesView[];
  readonly doses: readonly DoseView[];
};

export type SeriesView = {
  readonly series: string;
  readonly status: StatusCode;
  readonly since?: string;
  readonly dates?: {
    readonly earliest: string;
    readonly recommended: string;
    readonly pastDue?: string;
    readonly latest?: string;
  };
  /** Of what lies ahead: the day that is told everywhere, on which it is recommended. */
  readonly from?: string;
  /** That day is so near that its month would say little. */
  readonly isSoon?: true;
  /** CDC leaves it to patient and clinician at this age, which the schedule does not say of who has a risk. */
  readonly isLeftToDecide?: true;
  /** The dose that is asked for; never of how many, which a series may pass. */
  readonly doseNumber?: number;
  readonly antigensNeeded: readonly string[];
  readonly vaccines: readonly VaccineView[];
  readonly contraindicated: readonly VaccineView[];
  /** The observations of CDSi that decided. */
  readonly because: readonly ObservationView[];
  readonly season?: { readonly start: string; readonly end?: string; readonly assumed: boolean };
};

/** With the words of the schedule, which are English. */
export type ObservationView = { readonly code: string; readonly title: string };

export type VaccineView = {
  readonly cvx: string;
  readonly name: string;
  /** The vaccine groups that it has a part in. */
  readonly groups: readonly string[];
  /** What the registry does not know, and whoever gives it must ask first. */
  readonly asks?: AskFirst;
};

/** How heavy the child is, of which the dose depends; how strong the immune system is, of a live vaccine. */
export type AskFirst = 'weight' | 'immune-status';

export type DoseMark = 'counts' | 'not' | 'extra' | 'weak' | 'unjudged';

export type DoseReason =
  | EvaluationReason
  | 'recall'
  | 'storage'
  | 'partial'
  | 'no-date'
  | 'no-code'
  | 'unknown-cvx'
  | 'before-birth'
  | 'after-assessment'
  | 'repeated'
  | 'no-series';

export type DoseView = {
  readonly id: string;
  readonly reference: string;
  /** As far as it is known; absent where it is not. */
  readonly date?: string;
  readonly mark: DoseMark;
  readonly reason?: DoseReason;
  /** Antigens that it counts for, where there are others of its group that it does not. */
  readonly countsFor?: readonly string[];
  readonly vaccine: string;
  readonly resource: Immunization;
};

export type NotGivenView = {
  readonly id: string;
  readonly date?: string;
  readonly groups: readonly string[];
  readonly vaccine: string;
  /** Code of the reason (v3 ActReason), or words. */
  readonly reason?: string;
};

export type FactView = {
  readonly type: 'AllergyIntolerance' | 'Condition' | 'Observation' | 'Procedure';
  readonly text: string;
  readonly date?: string;
};
