import type { EpochDay } from '../values/epoch-day.ts';
import type { Contraindications } from './contraindications.ts';
import { laterOf } from './date-arithmetic.ts';
import { givenAge, isOfAge, reachesAge } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';
import { noBeginAge, type PreferableVaccine } from './schedule.ts';

/**
 * The series that a person is shown. CDSi forecasts the default series though it cannot be begun any more at this age, or
 * a series of whose vaccines none fits: then it is the preferred one of the group that can be gone on with. Of series for a
 * risk that nobody has begun it is the one for the age that was reached last. Status and dates stay those that CDSi found.
 */
export function shownSeries(found: ForecastSeries, group: readonly ForecastSeries[]): ForecastSeries {
  if (group.length < 2) return found;
  switch (found.forecast.status) {
    case 'Not Complete':
      return isOpen(found)
        ? forLatestAge(found, group)
        : (preferred(found, group, (each) => isOpen(each)) ?? found);
    case 'Contraindicated':
      return canBeGoneOnWith(found) ? found : (preferred(found, group, canBeGoneOnWith) ?? found);
    case 'Complete':
    case 'Immune':
    case 'Aged Out':
    case 'Not Recommended':
      return found;
  }
}

function preferred(
  found: ForecastSeries,
  group: readonly ForecastSeries[],
  isPossible: (series: ForecastSeries) => boolean,
): ForecastSeries | undefined {
  let shown: ForecastSeries | undefined;
  for (const each of group) {
    if (each === found || each.series.type !== found.series.type || !isPossible(each)) continue;
    if (!shown || isRather(each, shown)) shown = each;
  }
  return shown;
}

/** The schedule gives some series no age at which they can be begun no more: those for infants would be shown at 57. */
function forLatestAge(found: ForecastSeries, group: readonly ForecastSeries[]): ForecastSeries {
  if (found.series.type !== 'Risk' || found.satisfied.length > 0) return found;
  const { patient } = found;
  let shown = found;
  let latest = firstAge(found);
  for (const each of group) {
    if (each.series.type !== 'Risk' || !isOpen(each)) continue;
    const age = firstAge(each);
    if (latest === undefined || age === undefined || age <= latest || age > patient.assessmentDate) continue;
    shown = each;
    latest = age;
  }
  return shown;
}

/** From when its first dose is given; undefined where the schedule gives no age. */
function firstAge({ patient, series }: ForecastSeries): EpochDay | undefined {
  return givenAge(patient, series.doses[0]?.ages[0]?.minAge ?? noBeginAge);
}

/**
 * Table 7-7 asks of the one series that was chosen whether all its vaccines are contraindicated. Where another of the group
 * has a vaccine that is not and that fits the age, that one is gone on with: the disease can still be prevented.
 */
export function possibleInstead(
  found: ForecastSeries,
  group: readonly ForecastSeries[],
  { vaccines }: Contraindications,
): ForecastSeries {
  if (found.forecast.status !== 'Contraindicated') return found;
  return preferred(found, group, (each) => isOpen(each, vaccines)) ?? found;
}

/** The one that is further on; of equals one of any product before one of a single product, then the preferred one. */
function isRather(a: ForecastSeries, b: ForecastSeries): boolean {
  if (a.satisfied.length !== b.satisfied.length) return a.satisfied.length > b.satisfied.length;
  if (a.series.isProductPath !== b.series.isProductPath) return b.series.isProductPath;
  return a.series.preference < b.series.preference;
}

/** It needs a dose, has been begun or can be, and one of its vaccines fits that is not forbidden. */
export function isOpen(
  series: ForecastSeries,
  forbidden: Contraindications['vaccines'] = noneForbidden,
): boolean {
  const { target, dates } = series.forecast;
  if (!target || !dates) return false;
  const isAllowed = (vaccine: PreferableVaccine) =>
    !forbidden.has(vaccine.cvx) && fitsWhenDue(series, vaccine);
  return canBeGoneOnWith(series) && target.preferableVaccines.some(isAllowed);
}

const noneForbidden: Contraindications['vaccines'] = new Map();

function canBeGoneOnWith({ patient, series, satisfied, forecast }: ForecastSeries): boolean {
  if (satisfied.length > 0) return true;
  const day = laterOf(forecast.dates?.earliest ?? patient.assessmentDate, patient.assessmentDate);
  return reachesAge(patient, series.minAgeToStart) <= day && day < reachesAge(patient, series.maxAgeToStart);
}

/** It fits the age on the earliest or the recommended day, or on the assessment date where that is later. */
export function fitsWhenDue({ patient, forecast }: ForecastSeries, vaccine: PreferableVaccine): boolean {
  const { dates } = forecast;
  if (!dates) return false;
  const { assessmentDate } = patient;
  return (
    isOfAge(patient, vaccine, laterOf(dates.earliest, assessmentDate)) ||
    isOfAge(patient, vaccine, laterOf(dates.recommended, assessmentDate))
  );
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
  if (!dates || group.length < 2) return none;
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
