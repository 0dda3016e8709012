import { type Dose, isOfAge } from './patient.ts';
import type { PatientSeries } from './patient-series.ts';
import type { VaccineCount } from './schedule.ts';

/**
 * CONDSKIP-1: doses given at an age, on a date and of a vaccine as the condition asks. Valid ones are those that were
 * valid in this series; a total with a list of vaccines looks at the whole history, for a list may name vaccines that do not
 * hold the antigen (Td in a pertussis series).
 */
export function countDoses(
  series: PatientSeries,
  condition: VaccineCount,
  before: { readonly recordsBefore: number; readonly dosesBefore: number },
): number {
  const wholeHistory = !condition.onlyValid && condition.vaccines !== undefined;
  const doses = wholeHistory ? series.patient.doses : series.records;
  const end = wholeHistory ? before.dosesBefore : before.recordsBefore;
  let count = 0;
  for (let i = 0; i < end; i++) {
    const dose = doses[i];
    if (dose && isCounted(series, condition, dose)) count++;
  }
  return count;
}

function isCounted(series: PatientSeries, condition: VaccineCount, dose: Dose): boolean {
  if (condition.onlyValid && series.judgments[dose.index]?.status !== 'Valid') return false;
  if (condition.vaccines && condition.vaccines[dose.cvx] !== 1) return false;
  if (dose.date < condition.startDate || dose.date >= condition.endDate) return false;
  return isOfAge(series.patient, condition, dose.date);
}

export function isCountMet({ logic, count }: VaccineCount, found: number): boolean {
  switch (logic) {
    case 'greater than':
      return found > count;
    case 'equal to':
      return found === count;
    case 'less than':
      return found < count;
  }
}
