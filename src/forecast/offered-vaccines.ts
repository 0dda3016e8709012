import type { ObservationCode } from './patient-history.ts';
import type { ForecastSeries } from './patient-series.ts';
import type { CvxNumber, VaccineWindow } from './schedule.ts';

type Limit = 'begun' | ObservationCode;

/**
 * Preferable vaccines that the schedule has so that histories can be judged, and that are put forward to few. PPSV23: who
 * has had no pneumococcal vaccine is given a conjugate vaccine first (MMWR 2023;72(3), 2024;73(36)). CVX 44: for people on
 * dialysis alone.
 */
const onlyFor: ReadonlyMap<CvxNumber, Limit> = new Map<CvxNumber, Limit>([
  [33, 'begun'],
  [44, '032' as ObservationCode],
]);

/** Whether the vaccine is put forward to the patient; what is not in use in the US never is. */
export function isOffered({ patient, satisfied }: ForecastSeries, { cvx }: VaccineWindow): boolean {
  if (patient.schedule.foreignVaccines[cvx] === 1) return false;
  const limit = onlyFor.get(cvx);
  if (limit === undefined) return true;
  return limit === 'begun' ? satisfied.length > 0 : patient.observations.has(limit);
}
