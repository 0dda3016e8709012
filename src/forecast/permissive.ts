import { addOffset } from './date-arithmetic.ts';
import type { Patient } from './patient.ts';
import type { Series } from './schedule.ts';

type PermissiveAge = { readonly vaccineGroup: string; readonly fromYears: number };

/**
 * From these ages on the vaccine may be given to who has no risk, but need not: HepB, MMWR 2022;71(13); HPV (shared
 * decision), MMWR 2019;68(32); MenACWY for who had none at 16 to 18 years, MMWR 2020;69(RR-9). The schedule does not
 * say so, and goes on counting from what is recommended to children.
 */
const permissiveAges: readonly PermissiveAge[] = [
  { vaccineGroup: 'HepB', fromYears: 60 },
  { vaccineGroup: 'HPV', fromYears: 27 },
  { vaccineGroup: 'Meningococcal', fromYears: 19 },
];

/** May a dose be given that nobody recommends? Then it is never overdue. */
export function isPermissive(patient: Patient, { type, vaccineGroup }: Series): boolean {
  if (type !== 'Standard') return false;
  const age = permissiveAges.find((each) => each.vaccineGroup === vaccineGroup);
  if (!age) return false;
  return patient.assessmentDate >= addOffset(patient.dateOfBirth, { months: age.fromYears * 12, days: 0 });
}
