import type { BirthDateLevel } from './compare-birth.ts';
import type { ElementLevels } from './compare-elements.ts';

/** What the levels of several elements say together, where that is more or less than their sum. */

/** Which of given name, family name and birth date agree; `-slip`: all of them, one of them not quite. */
export type Pattern =
  | 'all'
  | 'given-slip'
  | 'family-slip'
  | 'birth-slip'
  | 'given-differs'
  | 'family-differs'
  /** Another family name, with the same phone, e-mail address or social security number. */
  | 'renamed'
  | 'birth-differs'
  | 'only-given'
  | 'only-family'
  | 'only-birth'
  | 'none';

/** By whether the given name, the family name and the birth date agree, in that order. */
const patterns: Readonly<Record<string, Pattern>> = {
  '110': 'birth-differs',
  '101': 'family-differs',
  '011': 'given-differs',
  '100': 'only-given',
  '010': 'only-family',
  '001': 'only-birth',
};

export function patternOf(levels: ElementLevels): Pattern {
  const agree = `${one(givenAgrees(levels))}${one(familyAgrees(levels))}${one(birthAgrees(levels))}`;
  if (agree === '111') return slipIn(levels);
  return agree === '101' && hasOwnContact(levels) ? 'renamed' : (patterns[agree] ?? 'none');
}

function hasOwnContact({ phone, email, ssn }: ElementLevels): boolean {
  return phone === 'same' || email === 'same' || ssn === 'same';
}

function slipIn({ given, family, birthDate }: ElementLevels): Pattern {
  if (birthDate !== 'same' && birthDate !== 'same-default') return 'birth-slip';
  if (given !== 'same') return 'given-slip';
  return family === 'same' ? 'all' : 'family-slip';
}

const birthDisagrees: ReadonlySet<BirthDateLevel> = new Set(['different', 'generation', 'near', 'missing']);

/** What may be a slip of the pen, or is known in part. */
export function birthAgrees({ birthDate }: Pick<ElementLevels, 'birthDate'>): boolean {
  return !birthDisagrees.has(birthDate);
}

export function givenAgrees({ given }: Pick<ElementLevels, 'given'>): boolean {
  return given !== 'different' && given !== 'close' && given !== 'missing';
}

export function familyAgrees({ family }: Pick<ElementLevels, 'family'>): boolean {
  return family !== 'different' && family !== 'close' && family !== 'missing' && family !== 'kin';
}

type Count = 'none' | 'one' | 'more';

const counts = ['none', 'one'] as const;

function toCount(count: number): Count {
  return counts[count] ?? 'more';
}

/** How many things beside name, birth date and address agree. Those that come together count once. */
function countSupport(levels: ElementLevels): number {
  return countBeyondName(levels) + one(levels.middle === 'same' || levels.middle === 'slip');
}

function countBeyondName(levels: ElementLevels): number {
  return (
    one(levels.phone === 'same' || levels.phone === 'similar' || levels.email === 'same') +
    one(levels.ssn === 'same' || levels.ssn === 'slip') +
    one(levels.medicaid === 'same' || levels.medicaid === 'slip') +
    one(levels.recordNumber === 'same-owner' || levels.recordNumber === 'same') +
    one(agrees(levels.mother)) +
    one(agrees(levels.guardianGiven))
  );
}

/** Whether nothing agrees that two people of one name, born on one day, could not have in common by chance. */
export function isNameAlone(levels: ElementLevels): boolean {
  return countBeyondName(levels) === 0 && !isSameHome(levels);
}

export type Support = Count | `home-${Count}` | `other-${Count}`;

/** `home-`: the address too. Of records that agree in name and birth date it says something else than of others. */
export function supportOf(levels: ElementLevels, pattern: Pattern): Support {
  const count = countSupport(levels);
  if (pattern !== 'all' && !pattern.endsWith('-slip'))
    return `other-${toCount(count + one(isSameHome(levels)))}`;
  return isSameHome(levels) ? `home-${toCount(count)}` : toCount(count);
}

function isSameHome({ address }: ElementLevels): boolean {
  return address === 'same' || address === 'similar';
}

function agrees(level: string): boolean {
  return level === 'same' || level === 'slip' || level === 'similar';
}

function one(holds: boolean): number {
  return holds ? 1 : 0;
}

export type Household =
  /** Born the same day into one family, with another given name; at the same address. */
  | 'twin-at-home'
  /** The same, by a parent or a phone. */
  | 'twin'
  /** Of one family, born on another day, with another given name. */
  | 'sibling'
  | 'none';

export function householdOf(levels: ElementLevels): Household {
  if (givenAgrees(levels) || (!familyAgrees(levels) && levels.family !== 'kin')) return 'none';
  const isHome = isSameHome(levels);
  if (!isHome && levels.phone !== 'same' && !agrees(levels.mother) && !agrees(levels.guardianGiven))
    return 'none';
  if (!birthAgrees(levels)) return 'sibling';
  return isHome ? 'twin-at-home' : 'twin';
}

/**
 * How many things that are known of both differ, beside name and birth date. Twins have their own numbers and names: of
 * two who live together it says nothing that these differ.
 */
export function countDifferences(levels: ElementLevels, household: Household): Count {
  const own = household === 'twin-at-home' ? 0 : countOwnDifferences(levels);
  return toCount(
    own +
      one(levels.address === 'different' || levels.address === 'moved-in-town') +
      one(levels.phone === 'different') +
      one(levels.mother === 'different') +
      one(levels.guardianGiven === 'different') +
      one(levels.sex === 'different'),
  );
}

function countOwnDifferences(levels: ElementLevels): number {
  return (
    one(levels.ssn === 'different') +
    one(levels.medicaid === 'different') +
    one(levels.middle === 'different')
  );
}
