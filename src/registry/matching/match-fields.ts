import { compareElements } from './compare-elements.ts';
import { countDifferences, householdOf, patternOf, supportOf } from './level-patterns.ts';
import type { MatchRecord } from './match-record.ts';

/** The levels of all elements, and what they say together. */
export function compareLevels(a: MatchRecord, b: MatchRecord) {
  const elements = compareElements(a, b);
  const pattern = patternOf(elements);
  return Object.assign(elements, {
    pattern,
    support: supportOf(elements, pattern),
    household: householdOf(elements),
    differences: countDifferences(elements),
  });
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
