import { readFileSync } from 'node:fs';

/** One of CDC's test cases, as facts. What is absent is expected to be absent. */
export type CdsiCase = {
  readonly id: string;
  readonly set: 'healthy' | 'underlying-conditions';
  /** The name of the schedule. */
  readonly vaccineGroup: string;
  readonly dateOfBirth: string;
  readonly gender: 'Male' | 'Female';
  readonly assessmentDate: string;
  readonly observations?: readonly { readonly code: string; readonly date?: string }[];
  readonly doses?: readonly CdsiDose[];
  readonly expected: ExpectedForecast;
};

export type CdsiDose = {
  readonly date: string;
  readonly cvx: string;
  readonly mvx?: string;
  /** Judge the dose in a series of this type. */
  readonly seriesType?: 'Standard' | 'Risk';
  readonly status: DoseStatus;
  /** As `EvaluationReason` names it. */
  readonly reason?: string;
};

type DoseStatus = 'Valid' | 'Not Valid' | 'Extraneous' | 'Sub-standard';

/** Number and dates are compared only when the status is Not Complete. */
export type ExpectedForecast = {
  readonly status: string;
  readonly doseNumber?: number;
  readonly earliest?: string;
  readonly recommended?: string;
  readonly pastDue?: string;
};

export function readCases(): readonly CdsiCase[] {
  return JSON.parse(readFileSync('test/data/cdsi/cases.json', 'utf8'));
}

/** A case that is expected not to pass, and why. Of kind `reason` only the reason given for a dose is missed. */
export type KnownGap = {
  readonly id: string;
  readonly kind: 'stale-case' | 'case-error' | 'schedule-defect' | 'reason';
  readonly reason: string;
};

export function readKnownGaps(): readonly KnownGap[] {
  return JSON.parse(readFileSync('test/data/cdsi/known-gaps.json', 'utf8'));
}
