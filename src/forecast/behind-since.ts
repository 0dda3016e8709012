import type { EpochDay } from '../values/epoch-day.ts';
import { type AntigenForecast, forecastAntigen } from './antigen-forecast.ts';
import { canSkip } from './conditional-skip.ts';
import { plusDays } from './date-arithmetic.ts';
import { effectiveAge, noAgeLimits } from './evaluate-age.ts';
import { forecastDates } from './forecast-dates.ts';
import { asOf } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';
import type { Antigen, SeriesDose } from './schedule.ts';

/**
 * Since when the patient has been without a dose that was overdue. CDSi skips a dose for which the patient has become too
 * old and forecasts the next, with its own dates: the fourth dose of DTaP, overdue at twenty months, is not asked for
 * from four years on, and the fifth is overdue only at seven. Nobody has caught up by waiting, so that what was overdue
 * before it was skipped counts. Undefined: nothing has been.
 */
export function behindSince(found: ForecastSeries, { antigen }: AntigenForecast): EpochDay | undefined {
  const { target, dates } = found.forecast;
  if (!target || !dates) return undefined;
  const since = skippedOverdue(found, target);
  if (since !== undefined && wasOverdue(found, antigen, since)) return since;
  const { pastDue } = dates;
  return pastDue !== undefined && pastDue < found.patient.assessmentDate ? plusDays(pastDue, 1) : undefined;
}

/** From when the first dose was overdue of those that have been skipped since. */
function skippedOverdue(found: ForecastSeries, target: SeriesDose): EpochDay | undefined {
  const last = found.satisfied.at(-1)?.target;
  const first = last ? last.number - (last.recurring ? 1 : 0) : 0;
  const quiet = found.steps ? { ...found, steps: undefined } : found;
  for (let i = first; i < target.number - 1; i++) {
    const skipped = found.series.doses[i];
    const overdue = skipped && overdueBeforeSkipped(quiet, skipped);
    if (overdue !== undefined) return overdue;
  }
  return undefined;
}

/** As it was forecast on that day: another series may have been the one to be followed then, which asked for no dose. */
function wasOverdue({ patient, series, records }: ForecastSeries, antigen: Antigen, day: EpochDay): boolean {
  const before = records.filter(({ date }) => date <= day);
  const { selections } = forecastAntigen(asOf(patient, day), antigen, before);
  const followed = selections.find(({ seriesGroup }) => seriesGroup === series.group)?.choice.prioritized;
  const pastDue = followed?.forecast.dates?.pastDue;
  return pastDue !== undefined && pastDue < day;
}

/** The day after its past due date, if on that date it could not be skipped yet. */
function overdueBeforeSkipped(series: ForecastSeries, target: SeriesDose): EpochDay | undefined {
  const { patient, records } = series;
  const ages = effectiveAge(target, patient.assessmentDate) ?? noAgeLimits;
  const { pastDue } = forecastDates(series, target, ages);
  if (pastDue === undefined || pastDue >= patient.assessmentDate) return undefined;
  const wasSkippable = canSkip(series, target, {
    context: 'Forecast',
    reference: pastDue,
    anchor: patient.assessmentDate,
    recordsBefore: records.filter(({ date }) => date <= pastDue).length,
    dosesBefore: patient.doses.filter(({ date }) => date <= pastDue).length,
  });
  return wasSkippable ? undefined : plusDays(pastDue, 1);
}
