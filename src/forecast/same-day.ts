import { tableOf } from '../values/table-of.ts';
import type { AdministeredDose } from './patient-history.ts';

/** By day; those of a day in an order of their own, so that the one in which they were sent decides nothing. */
export function compareDoses(a: AdministeredDose, b: AdministeredDose): number {
  if (a.date !== b.date) return a.date - b.date;
  if (a.cvx !== b.cvx) return a.cvx < b.cvx ? -1 : 1;
  const spoiled = Number(isSpoiled(a)) - Number(isSpoiled(b));
  return spoiled || compareTexts(detailsOf(a), detailsOf(b)) || compareTexts(a.id, b.id);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function detailsOf({ condition, lotExpiration, mvx, tradeName, volume }: AdministeredDose): string {
  return [condition, lotExpiration, mvx, tradeName, volume].map((detail) => detail ?? '').join('|');
}

/** It does not count (6.1), and is repeated on the same day where that was seen. */
function isSpoiled({ condition, date, lotExpiration }: AdministeredDose): boolean {
  return condition !== undefined || (lotExpiration !== undefined && date > lotExpiration);
}

/**
 * Products of which one dose is several injections. Nirsevimab, 200 mg in the second season: two of 100 mg (MMWR
 * 2023;72(34)), which CDC's schedule has as two target doses.
 */
const injectionsOfOneVisit: Readonly<Record<string, number>> = tableOf({ '307': 2 });

/** The same vaccine on the same day is one dose that was recorded twice. Expects the doses in order. */
export function repeatedDoses(ordered: readonly AdministeredDose[]): ReadonlySet<AdministeredDose> {
  let repeated: Set<AdministeredDose> | undefined;
  let count = 0;
  for (const [i, dose] of ordered.entries()) {
    const before = ordered[i - 1];
    const isSame = before !== undefined && before.date === dose.date && before.cvx === dose.cvx;
    count = isSame && !isSpoiled(dose) ? count + 1 : 1;
    if (count > (injectionsOfOneVisit[dose.cvx] ?? 1)) {
      repeated ??= new Set();
      repeated.add(dose);
    }
  }
  return repeated ?? noDoses;
}

const noDoses: ReadonlySet<AdministeredDose> = new Set();
