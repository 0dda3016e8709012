import type { AdministeredDose } from './patient-history.ts';

/** By day; those of a day in an order of their own, so that the one in which they were sent decides nothing. */
export function compareDoses(a: AdministeredDose, b: AdministeredDose): number {
  if (a.date !== b.date) return a.date - b.date;
  if (a.cvx !== b.cvx) return a.cvx < b.cvx ? -1 : 1;
  return compareTexts(detailsOf(a), detailsOf(b)) || compareTexts(a.id, b.id);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What is known to be wrong with a dose comes last: of two records of one dose the better counts. */
function detailsOf({ condition, lotExpiration, mvx, tradeName, volume }: AdministeredDose): string {
  return [condition, lotExpiration, mvx, tradeName, volume].map((detail) => detail ?? '').join('|');
}

/** The same vaccine on the same day: one dose that was recorded twice. The doses are in order. */
export function isRepeated(dose: AdministeredDose, before: AdministeredDose | undefined): boolean {
  return before !== undefined && before.date === dose.date && before.cvx === dose.cvx;
}
