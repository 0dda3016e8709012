import type { EpochDay } from '../values/epoch-day.ts';
import { addOffset } from './date-arithmetic.ts';
import { isInEffect } from './evaluate-age.ts';
import type { RuleOutcome } from './explanation.ts';
import {
  type Before,
  describeReference,
  intervalReferenceDate,
  intervalRule,
  knownNotBefore,
} from './interval-reference.ts';
import type { Dose } from './patient.ts';
import type { PatientSeries } from './patient-series.ts';
import type { Interval, SeriesDose, TextOffset } from './schedule.ts';

export type IntervalVerdict = 'too-soon' | 'grace-period' | 'right';

/** Did enough time pass? The preferable intervals decide, and if they fail the allowable ones (6.5, 6.6). */
export function evaluateInterval(
  series: PatientSeries,
  target: SeriesDose,
  record: Dose,
  before: Before,
): IntervalVerdict {
  const preferable = evaluatePreferableIntervals(series, target, record, before);
  if (preferable !== 'too-soon') return preferable;
  return holdsAllowableIntervals(series, target, record, before) ? 'right' : 'too-soon';
}

/** All that are in effect must hold; without any the dose is right (6.5). */
function evaluatePreferableIntervals(
  series: PatientSeries,
  target: SeriesDose,
  record: Dose,
  before: Before,
): IntervalVerdict {
  let verdict: IntervalVerdict = 'right';
  for (const interval of target.intervals) {
    if (!isInEffect(interval, record.date)) continue;
    const found = judgeInterval(series, interval, record, before);
    if (found === 'too-soon' || verdict === 'right') verdict = found;
    if (found === 'too-soon' && !series.steps) break;
  }
  return verdict;
}

/** All that are in effect must hold; without any the dose is too soon (6.6). */
function holdsAllowableIntervals(
  series: PatientSeries,
  target: SeriesDose,
  record: Dose,
  before: Before,
): boolean {
  const inEffect = target.allowableIntervals.filter((interval) => isInEffect(interval, record.date));
  return (
    inEffect.length > 0 &&
    inEffect.every((interval) => judgeInterval(series, interval, record, before) !== 'too-soon')
  );
}

/** CALCDTINT-3 and -4: the absolute minimum and the minimum interval date. */
function judgeInterval(
  series: PatientSeries,
  interval: Interval,
  record: Dose,
  before: Before,
): IntervalVerdict {
  const from = intervalReferenceDate(series, interval.reference, before);
  if (from === undefined) {
    return isBeforeUndated(series, interval, record) ? 'too-soon' : 'right';
  }
  if (isBefore(record.date, from, interval.absMinInt)) {
    noteInterval(series, { interval, record, from, offset: interval.absMinInt, outcome: 'failed' });
    return 'too-soon';
  }
  const isGrace = isBefore(record.date, from, interval.minInt);
  noteInterval(series, {
    interval,
    record,
    from,
    offset: interval.minInt ?? interval.absMinInt,
    outcome: isGrace ? 'grace-period' : 'passed',
  });
  return isGrace ? 'grace-period' : 'right';
}

function isBefore(day: EpochDay, from: EpochDay, offset: TextOffset | undefined): boolean {
  return offset !== undefined && day < addOffset(from, offset);
}

/** Was the dose given before the first day that the undated observation, which it has to follow, can be of? */
function isBeforeUndated(series: PatientSeries, { reference, absMinInt }: Interval, record: Dose): boolean {
  const notBefore = absMinInt && knownNotBefore(series.patient, reference);
  const isTooSoon = notBefore !== undefined && record.date < notBefore;
  const subject = `interval ${describeReference(reference)}`;
  series.steps?.push(
    isTooSoon
      ? {
          rule: intervalRule(reference),
          subject,
          reference: record.date,
          limit: notBefore,
          outcome: 'failed',
        }
      : { rule: intervalRule(reference), subject, outcome: 'no-reference' },
  );
  return isTooSoon;
}

type NotedInterval = {
  readonly interval: Interval;
  readonly record: Dose;
  readonly from: EpochDay;
  readonly offset: TextOffset | undefined;
  readonly outcome: RuleOutcome;
};

function noteInterval(series: PatientSeries, noted: NotedInterval): void {
  const { interval, record, from, offset, outcome } = noted;
  if (!series.steps || !offset) return;
  const isAbsolute = offset === interval.absMinInt && outcome !== 'grace-period';
  series.steps.push({
    rule: isAbsolute ? 'CALCDTINT-3' : 'CALCDTINT-4',
    subject: `${isAbsolute ? 'absolute minimum' : 'minimum'} interval ${describeReference(interval.reference)}`,
    reference: record.date,
    limit: addOffset(from, offset),
    offset: offset.text,
    outcome,
  });
}
