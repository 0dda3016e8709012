import type { EpochDay } from '../values/epoch-day.ts';
import { addOffset } from './date-arithmetic.ts';
import type { RuleStep } from './explanation.ts';
import { ageText, isOfAge, reachesAge } from './patient.ts';
import type { PatientSeries } from './patient-series.ts';
import {
  type AgeWindow,
  type ConditionalSkip,
  noBeginAge,
  type SeriesDose,
  type SkipCondition,
  type SkipSet,
} from './schedule.ts';
import { countDoses, isCountMet } from './vaccine-count.ts';

/** From where a target dose is looked at. */
export type SkipView = {
  readonly context: 'Evaluation' | 'Forecast';
  /** CONDSKIP-2: the date administered, the assessment date, or the earliest date that is being validated. */
  readonly reference: EpochDay;
  /** Which sets are in effect is asked of this date. */
  readonly anchor: EpochDay;
  /** How many records, and how many doses of the whole history, come before. */
  readonly recordsBefore: number;
  readonly dosesBefore: number;
};

/** May the target dose be left out? Any instance of the context suffices (6.2, 7.1). */
export function canSkip(series: PatientSeries, target: SeriesDose, view: SkipView): boolean {
  const skips = view.context === 'Evaluation' ? target.evaluationSkips : target.forecastSkips;
  if (skips.length === 0) return false;
  const skipped = isAnyMet(series, skips, view);
  series.steps?.push({
    rule: view.context === 'Evaluation' ? '6.2' : '7.1',
    subject: `conditional skip of target dose ${target.number}`,
    reference: view.reference,
    outcome: skipped ? 'skipped' : 'not-skipped',
  });
  return skipped;
}

// Loops, because the closures of `some` and `every` made up a tenth of the time of a forecast.

function isAnyMet(series: PatientSeries, skips: readonly ConditionalSkip[], view: SkipView): boolean {
  for (const skip of skips) if (isInstanceMet(series, skip, view)) return true;
  return false;
}

/** Only the sets in effect count; without any the instance is not met. */
function isInstanceMet(series: PatientSeries, { sets, setLogic }: ConditionalSkip, view: SkipView): boolean {
  let inEffect = false;
  for (const set of sets) {
    if (set.effective > view.anchor || view.anchor > set.cessation) continue;
    inEffect = true;
    const met = isSetMet(series, set, view);
    if (met !== (setLogic === 'AND')) return met;
  }
  return inEffect && setLogic === 'AND';
}

function isSetMet(series: PatientSeries, { conditions, conditionLogic }: SkipSet, view: SkipView): boolean {
  for (const condition of conditions) {
    const met = isConditionMet(series, condition, view);
    series.steps?.push(conditionStep(series, condition, view, met));
    if (met !== (conditionLogic === 'AND')) return met;
  }
  return conditionLogic === 'AND';
}

function isConditionMet(series: PatientSeries, condition: SkipCondition, view: SkipView): boolean {
  switch (condition.type) {
    case 'age':
      return isOfAge(series.patient, condition, view.reference);
    case 'completed-series':
      return condition.groups.some((group) => isGroupComplete(series, group, view));
    case 'interval': {
      const from = previousDate(series, view);
      return from !== undefined && view.reference >= addOffset(from, condition.interval);
    }
    case 'vaccine-count':
      return isCountMet(condition, countDoses(series, condition, view));
  }
}

/**
 * Evaluating, a group counts as complete only from the dose after the one that completed it: otherwise the doses that
 * completed a sister series would find nothing left to satisfy here.
 */
function isGroupComplete(series: PatientSeries, group: string, view: SkipView): boolean {
  const completedOn = series.completedGroups.get(group);
  if (completedOn === undefined) return false;
  return view.context === 'Forecast' || completedOn < view.reference;
}

/** CALCDTSKIP-5: the date of the immediate previous dose administered, whatever became of it. */
function previousDate({ records }: PatientSeries, { recordsBefore }: SkipView): EpochDay | undefined {
  return records[recordsBefore - 1]?.date;
}

function conditionStep(
  series: PatientSeries,
  condition: SkipCondition,
  view: SkipView,
  met: boolean,
): RuleStep {
  return {
    ...conditionSubject(series, condition, view),
    reference: view.reference,
    outcome: met ? 'passed' : 'failed',
  };
}

function conditionSubject(
  series: PatientSeries,
  condition: SkipCondition,
  view: SkipView,
): Pick<RuleStep, 'rule' | 'subject' | 'limit' | 'offset'> {
  switch (condition.type) {
    case 'age':
      return ageSubject(series, condition);
    case 'completed-series':
      return { rule: '6.2', subject: `series group ${condition.groups.join(' or ')} complete` };
    case 'interval': {
      const from = previousDate(series, view);
      const subject = 'interval from the previous dose';
      const { text } = condition.interval;
      if (from === undefined) return { rule: 'CALCDTSKIP-5', subject, offset: text };
      return { rule: 'CALCDTSKIP-5', subject, offset: text, limit: addOffset(from, condition.interval) };
    }
    case 'vaccine-count': {
      const found = countDoses(series, condition, view);
      const kind = condition.onlyValid ? 'valid' : 'given';
      return {
        rule: 'CONDSKIP-1',
        subject: `doses ${kind}: ${found}, asked for ${condition.logic} ${condition.count}`,
      };
    }
  }
}

/** The limit shown is the begin of the window, or its end when it has no begin. */
function ageSubject({ patient }: PatientSeries, { beginAge, endAge }: AgeWindow) {
  const [from, before] = [ageText(patient, beginAge), ageText(patient, endAge)];
  const hasBegin = beginAge !== noBeginAge;
  return {
    rule: hasBegin ? 'CALCDTSKIP-3' : 'CALCDTSKIP-4',
    subject: `age${from && ` from ${from}`}${before && ` before ${before}`}`,
    limit: reachesAge(patient, hasBegin ? beginAge : endAge),
  };
}
