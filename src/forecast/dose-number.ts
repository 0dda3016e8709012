import { beginOfTime } from './date-arithmetic.ts';
import type { PatientSeries, SatisfiedDose } from './patient-series.ts';

/** FORECASTDN-1: one more than the target doses satisfied; seasonal doses count only in their season. */
export function seriesDoseNumber({ satisfied }: PatientSeries): number {
  let count = 1;
  for (const each of satisfied) if (isOfSeason(each)) count++;
  return count;
}

export function isOfSeason({ target, record }: SatisfiedDose): boolean {
  return record.date >= (target.season?.start ?? beginOfTime);
}
