import type { EpochDay } from '../values/epoch-day.ts';
import type { AntigenForecast } from './antigen-forecast.ts';
import { beginOfTime, laterOf } from './date-arithmetic.ts';
import { isOfSeason } from './dose-number.ts';
import { knownNotBefore } from './interval-reference.ts';
import type { Dose } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';

/**
 * The number as a vaccine group forecast gives it. CDSi does not say how to count when a standard and a risk series of
 * an antigen stand side by side; CDC's cases go on from the doses that were valid in either. A series that counts from
 * an observation, such as the beginning of a treatment, begins anew: doses before that day do not count.
 */
export function patientDoseNumber(antigen: AntigenForecast, series: ForecastSeries): number {
  return series.forecast.doseNumber + dosesOfSisterSeries(antigen, series).length;
}

/** Doses that are valid in a best series of another type (risk beside standard) but not in this one. */
export function dosesOfSisterSeries(antigen: AntigenForecast, series: ForecastSeries): readonly Dose[] {
  if (antigen.records.length === 0 || antigen.selections.length < 2) return [];
  const own = new Set(series.satisfied.map(({ record }) => record));
  const since = countsFrom(series);
  const sisters = antigen.selections.flatMap(({ choice, verdict }) => {
    const other = choice.prioritized;
    // Across types alone: the series for infants and the one for people of fifty go their own ways.
    return verdict?.best && other && other.series.type !== series.series.type ? other.satisfied : [];
  });
  const counted = sisters.filter((each) => isOfSeason(each) && each.record.date >= since);
  return [...new Set(counted.map(({ record }) => record))].filter((record) => !own.has(record));
}

/** The latest observation from which the series counts an interval. */
function countsFrom({ patient, series }: ForecastSeries): EpochDay {
  let since = beginOfTime;
  for (const { reference } of series.doses.flatMap((dose) => dose.intervals)) {
    if (reference.from !== 'observation') continue;
    const day = patient.observations.get(reference.observation) ?? knownNotBefore(patient, reference);
    since = laterOf(since, day ?? beginOfTime);
  }
  return since;
}
