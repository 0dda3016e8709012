import { compareElements } from './compare-elements.ts';
import { countDifferences, householdOf, patternOf, supportOf } from './level-patterns.ts';
import type { MatchRecord } from './match-record.ts';

/** The levels of all elements, and what they say together. */
export function compareLevels(a: MatchRecord, b: MatchRecord) {
  const elements = compareElements(a, b);
  const pattern = patternOf(elements);
  const household = householdOf(elements);
  return {
    given: elements.given,
    family: elements.family,
    middle: elements.middle,
    suffix: elements.suffix,
    birthDate: elements.birthDate,
    sex: elements.sex,
    birthOrder: elements.birthOrder,
    address: elements.address,
    phone: elements.phone,
    email: elements.email,
    ssn: elements.ssn,
    medicaid: elements.medicaid,
    recordNumber: elements.recordNumber,
    mother: elements.mother,
    guardianGiven: elements.guardianGiven,
    guardianFamily: elements.guardianFamily,
    pattern,
    support: supportOf(elements, pattern),
    household,
    differences: countDifferences(elements, household),
  };
}

export type MatchLevels = ReturnType<typeof compareLevels>;
export type MatchField = keyof MatchLevels;

/** In the order in which a decision shows them. */
export const matchFields = [
  'given',
  'family',
  'middle',
  'suffix',
  'birthDate',
  'sex',
  'birthOrder',
  'address',
  'phone',
  'email',
  'ssn',
  'medicaid',
  'recordNumber',
  'mother',
  'guardianGiven',
  'guardianFamily',
  'pattern',
  'support',
  'household',
  'differences',
] as const satisfies readonly MatchField[];
