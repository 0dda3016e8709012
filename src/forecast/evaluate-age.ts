import type { EpochDay } from '../values/epoch-day.ts';
import { beginOfTime, endOfTime } from './date-arithmetic.ts';
import type { RuleOutcome } from './explanation.ts';
import { ageText, type Dose, reachesAge } from './patient.ts';
import type { PatientSeries } from './patient-series.ts';
import {
  type AgeIndex,
  type AgeLimits,
  type Effective,
  noBeginAge,
  noEndAge,
  type SeriesDose,
} from './schedule.ts';

export type AgeVerdict = 'too-young' | 'grace-period' | 'right' | 'too-old';

/** Was the dose given at a valid age? Table 6-15. */
export function judgeAge(
  given: EpochDay,
  limits: { readonly absoluteMinimum: EpochDay; readonly minimum: EpochDay; readonly maximum: EpochDay },
): AgeVerdict {
  if (given < limits.absoluteMinimum) return 'too-young';
  if (given >= limits.maximum) return 'too-old';
  return given < limits.minimum ? 'grace-period' : 'right';
}

/** Evaluate age (6.4), with the age in effect on the date administered. */
export function evaluateAge(series: PatientSeries, target: SeriesDose, record: Dose): AgeVerdict {
  const limits = effectiveAge(target, record.date);
  if (!limits) return 'right';
  const { patient } = series;
  const verdict = judgeAge(record.date, {
    absoluteMinimum: reachesAge(patient, limits.absMinAge),
    minimum: reachesAge(patient, limits.minAge),
    maximum: reachesAge(patient, limits.maxAge),
  });
  if (series.steps) noteAge(series, limits, record, verdict);
  return verdict;
}

/** RELEVANT-1: of several instances one is in effect. */
export function effectiveAge(target: SeriesDose, anchor: EpochDay): AgeLimits | undefined {
  for (const limits of target.ages) if (isInEffect(limits, anchor)) return limits;
  return undefined;
}

export function isInEffect({ effective, cessation }: Effective, anchor: EpochDay): boolean {
  return effective <= anchor && anchor <= cessation;
}

function noteAge(series: PatientSeries, limits: AgeLimits, record: Dose, verdict: AgeVerdict): void {
  noteLimit(series, record, {
    rule: 'CALCDTAGE-5',
    subject: 'absolute minimum age',
    age: limits.absMinAge,
    outcome: verdict === 'too-young' ? 'failed' : 'passed',
  });
  if (verdict === 'too-young') return;
  noteLimit(series, record, {
    rule: 'CALCDTAGE-4',
    subject: 'minimum age',
    age: limits.minAge,
    outcome: verdict === 'grace-period' ? 'grace-period' : 'passed',
  });
  noteLimit(series, record, {
    rule: 'CALCDTAGE-1',
    subject: 'maximum age',
    age: limits.maxAge,
    outcome: verdict === 'too-old' ? 'failed' : 'passed',
  });
}

function noteLimit(
  series: PatientSeries,
  record: Dose,
  step: {
    readonly rule: string;
    readonly subject: string;
    readonly age: AgeIndex;
    readonly outcome: RuleOutcome;
  },
): void {
  if (step.age === noBeginAge || step.age === noEndAge) return;
  series.steps?.push({
    rule: step.rule,
    subject: step.subject,
    reference: record.date,
    limit: reachesAge(series.patient, step.age),
    offset: ageText(series.patient, step.age),
    outcome: step.outcome,
  });
}

/** What a dose without an age instance is held against. */
export const noAgeLimits: AgeLimits = {
  absMinAge: noBeginAge,
  minAge: noBeginAge,
  earliestRecAge: noBeginAge,
  latestRecAge: noEndAge,
  maxAge: noEndAge,
  effective: beginOfTime,
  cessation: endOfTime,
};
