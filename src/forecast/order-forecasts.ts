import type { SeriesStatus } from './forecast-result.ts';
import { type Patient, reachesAge } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';
import type { BlendedForecast } from './vaccine-group-forecast.ts';

/**
 * The forecasts of one vaccine group, the one that stands for it first. CDSi leaves the choice open, so this is ours:
 * what the patient is too young to start comes last; of a group with one antigen a risk forecast goes before a
 * standard one while it still says something; then by status, risk first, and the earliest date.
 */
export function orderForecasts(
  patient: Patient,
  group: readonly BlendedForecast[],
): readonly BlendedForecast[] {
  if (group.length < 2) return group;
  const ranked = group.map((forecast) => ({ forecast, rank: rankOf(patient, forecast) }));
  ranked.sort((a, b) => compareRanks(a.rank, b.rank));
  return ranked.map(({ forecast }) => forecast);
}

const statusOrder: readonly SeriesStatus[] = [
  'Immune',
  'Contraindicated',
  'Not Complete',
  'Complete',
  'Not Recommended',
  'Aged Out',
];
const riskLeadsAs: readonly SeriesStatus[] = ['Not Complete', 'Complete', 'Immune', 'Contraindicated'];

function rankOf(patient: Patient, forecast: BlendedForecast): readonly number[] {
  const { status, dates } = forecast;
  const isRisk = forecast.contained[0]?.series.series.type === 'Risk';
  const leads = isRisk && forecast.vaccineGroup.antigens.length === 1 && riskLeadsAs.includes(status);
  return [
    isNotYetStarted(patient, forecast) ? 1 : 0,
    leads ? 0 : 1,
    Math.max(1, statusOrder.indexOf(status)),
    isRisk ? 0 : 1,
    dates?.earliest ?? Number.POSITIVE_INFINITY,
  ];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const [left = 0, right = 0] = [a[i], b[i]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** The patient has not reached the age at which any of its series starts, and none is complete or has a valid dose. */
export function isNotYetStarted(patient: Patient, { contained }: BlendedForecast): boolean {
  return contained.every(({ series }) => isTooEarly(patient, series));
}

function isTooEarly(patient: Patient, { series, forecast, satisfied }: ForecastSeries): boolean {
  if (forecast.status === 'Complete' || satisfied.length > 0) return false;
  return reachesAge(patient, series.minAgeToStart) > patient.assessmentDate;
}
