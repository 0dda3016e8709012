import type { EpochDay } from '../values/epoch-day.ts';
import { canSkip } from './conditional-skip.ts';
import { type Contraindications, isContraindicated } from './contraindications.ts';
import { beginOfTime, endOfTime } from './date-arithmetic.ts';
import { seriesDoseNumber } from './dose-number.ts';
import { effectiveAge, isInEffect, noAgeLimits } from './evaluate-age.ts';
import type { RuleStep } from './explanation.ts';
import { forecastDates } from './forecast-dates.ts';
import { decideNeed, type Need } from './forecast-need.ts';
import { reachesAge } from './patient.ts';
import {
  type ForecastSeries,
  nextTarget,
  type PatientSeries,
  type SeriesForecast,
} from './patient-series.ts';
import { recommendationClass } from './recommendation-class.ts';
import type { SeriesDose } from './schedule.ts';

/** What the antigen's other facts say about every series of it. */
export type AntigenFacts = { readonly isImmune: boolean; readonly contraindications: Contraindications };

/** Is a next dose needed, and when (chapter 7)? Goes on where the evaluation stopped. */
export function forecastSeries(series: PatientSeries, facts: AntigenFacts): ForecastSeries {
  series.steps = series.patient.explains ? [] : undefined;
  let forecast = forecastNext(series, facts);
  // 7.6: a dose that could be skipped on the very day it would be due gives way to the next.
  while (forecast.target && forecast.dates && canSkipOn(series, forecast.target, forecast.dates.earliest)) {
    series.next++;
    forecast = forecastNext(series, facts);
  }
  return withForecast(series, forecast);
}

/** Written out, because copying by `...` made up a quarter of the time of a forecast. */
function withForecast(series: PatientSeries, forecast: SeriesForecast): ForecastSeries {
  return {
    patient: series.patient,
    series: series.series,
    records: series.records,
    judgments: series.judgments,
    satisfied: series.satisfied,
    next: series.next,
    completedGroups: series.completedGroups,
    steps: series.steps,
    dosesAfterNext: undefined,
    forecast,
  };
}

function forecastNext(series: PatientSeries, facts: AntigenFacts): SeriesForecast {
  const { patient } = series;
  const target = skipOnAssessmentDate(series);
  const ages = (target && effectiveAge(target, patient.assessmentDate)) ?? noAgeLimits;
  const dates = target && forecastDates(series, target, ages);
  const found = decideNeed({
    isImmune: facts.isImmune,
    isContraindicated: isContraindicated(target, facts.contraindications),
    hasTarget: target !== undefined,
    hasSatisfied: series.satisfied.length > 0,
    assessmentDate: patient.assessmentDate,
    seasonEnd: target?.season?.end ?? endOfTime,
    maximumAge: reachesAge(patient, ages.maxAge),
    earliest: dates?.earliest ?? beginOfTime,
  });
  const need = byAuthority(series, found);
  if (series.steps) noteNeed(series.steps, need);
  const needed = need.status === 'Not Complete' ? target : undefined;
  return {
    status: need.status,
    reason: need.reason,
    target: needed,
    dates: needed && dates,
    doseNumber: needed ? seriesDoseNumber(series) : 0,
    isPriority: needed !== undefined && isPriority(series, needed),
    steps: series.steps,
  };
}

const notRecommended: Need = { status: 'Not Recommended', reason: 'not-recommended-by-authority' };

/** What is needed by the rules may be advised against by whose schedule it is. */
function byAuthority({ patient, series }: PatientSeries, need: Need): Need {
  if (need.status !== 'Not Complete') return need;
  return recommendationClass(patient, series) === 'not-recommended' ? notRecommended : need;
}

function skipOnAssessmentDate(series: PatientSeries): SeriesDose | undefined {
  let target = nextTarget(series);
  while (target && canSkipOn(series, target, series.patient.assessmentDate)) {
    series.next++;
    target = nextTarget(series);
  }
  return target;
}

function noteNeed(steps: RuleStep[], { reason }: Need): void {
  steps.push({
    rule: 'Table 7-10',
    subject: reason ? `no dose needed, ${reason}` : 'dose needed',
    outcome: reason ? 'failed' : 'passed',
  });
}

/** Can the target dose be left out on that day, as far as is known on the assessment date? */
export function canSkipOn(series: PatientSeries, target: SeriesDose, reference: EpochDay): boolean {
  if (target.forecastSkips.length === 0) return false;
  return canSkip(series, target, {
    context: 'Forecast',
    reference,
    anchor: series.patient.assessmentDate,
    recordsBefore: series.records.length,
    dosesBefore: series.patient.doses.length,
  });
}

/** FORECASTPRIORITY-1: it has preferable intervals in effect, and all of them override. */
function isPriority({ patient }: PatientSeries, target: SeriesDose): boolean {
  let found = false;
  for (const interval of target.intervals) {
    if (!isInEffect(interval, patient.assessmentDate)) continue;
    if (!interval.priority) return false;
    found = true;
  }
  return found;
}
