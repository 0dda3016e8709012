import type { CvxCode } from '../values/vaccine-code.ts';
import type { ObservationCode } from './patient-history.ts';
import type { ForecastSeries } from './patient-series.ts';

/**
 * Preferable vaccines that the schedule has so that histories can be judged, and that are put forward to few. PPSV23: who
 * has had no pneumococcal vaccine is given a conjugate vaccine first (MMWR 2023;72(3), 2024;73(36)). CVX 44: for people on
 * dialysis alone.
 */
const onlyFor: Readonly<Record<string, { readonly begun?: true; readonly observation?: string }>> = {
  '33': { begun: true },
  '44': { observation: '032' },
};

/** Whether the vaccine is put forward to the patient; what is not in use in the US never is. */
export function isOffered({ patient, satisfied }: ForecastSeries, code: CvxCode): boolean {
  if (patient.schedule.foreignVaccines.has(code)) return false;
  const limit = onlyFor[code];
  if (!limit) return true;
  if (limit.begun) return satisfied.length > 0;
  return limit.observation === undefined || patient.observations.has(limit.observation as ObservationCode);
}
