import type { EpochDay } from '../values/epoch-day.ts';
import { laterOf } from './date-arithmetic.ts';
import { isOfAge, reachesAge } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';
import type { PreferableVaccine } from './schedule.ts';

/**
 * The series that a person is shown. CDSi forecasts the default series though it cannot be begun any more at this age, or
 * a series of whose vaccines none fits: then it is the preferred one of the group that can be gone on with. Status and
 * dates stay those that CDSi found.
 */
export function shownSeries(found: ForecastSeries, group: readonly ForecastSeries[]): ForecastSeries {
  if (found.forecast.status !== 'Not Complete' || group.length < 2 || isOpen(found)) return found;
  let shown: ForecastSeries | undefined;
  for (const each of group) {
    if (each === found || each.series.type !== found.series.type || !isOpen(each)) continue;
    if (!shown || isRather(each, shown)) shown = each;
  }
  return shown ?? found;
}

/** The one that is further on; of equals one of any product before one of a single product, then the preferred one. */
function isRather(a: ForecastSeries, b: ForecastSeries): boolean {
  if (a.satisfied.length !== b.satisfied.length) return a.satisfied.length > b.satisfied.length;
  if (a.series.isProductPath !== b.series.isProductPath) return b.series.isProductPath;
  return a.series.preference < b.series.preference;
}

/** It needs a dose, has been begun or can be, and one of its vaccines fits. */
export function isOpen(series: ForecastSeries): boolean {
  const { target, dates } = series.forecast;
  if (!target || !dates) return false;
  return canBeGoneOnWith(series) && target.preferableVaccines.some((each) => fitsWhenDue(series, each));
}

function canBeGoneOnWith({ patient, series, satisfied, forecast }: ForecastSeries): boolean {
  if (satisfied.length > 0) return true;
  const day = laterOf(forecast.dates?.earliest ?? patient.assessmentDate, patient.assessmentDate);
  return reachesAge(patient, series.minAgeToStart) <= day && day < reachesAge(patient, series.maxAgeToStart);
}

/** It fits the age on the earliest or the recommended day, or on the assessment date where that is later. */
export function fitsWhenDue({ patient, forecast }: ForecastSeries, vaccine: PreferableVaccine): boolean {
  const { dates } = forecast;
  if (!dates) return false;
  const fitsOn = (day: EpochDay) => isOfAge(patient, vaccine, laterOf(day, patient.assessmentDate));
  return fitsOn(dates.earliest) || fitsOn(dates.recommended);
}

/**
 * The other series of the group that the same visit would go on with: any of their products may be given too. Those of
 * fewer valid doses would begin anew.
 */
export function alternativesTo(
  shown: ForecastSeries,
  group: readonly ForecastSeries[],
): readonly ForecastSeries[] {
  const { dates } = shown.forecast;
  if (!dates) return none;
  const visit = laterOf(dates.earliest, shown.patient.assessmentDate);
  return group.filter(
    (each) =>
      each !== shown &&
      each.series.type === shown.series.type &&
      each.satisfied.length >= shown.satisfied.length &&
      (each.forecast.dates?.earliest ?? visit + 1) <= visit &&
      canBeGoneOnWith(each),
  );
}

const none: readonly ForecastSeries[] = [];
