import { familyAgrees, givenAgrees, isNameAlone } from './level-patterns.ts';
import type { MatchLevels } from './match-fields.ts';
import type { MatchOutcome } from './match-outcome.ts';

export type Ruled = { readonly outcome: MatchOutcome; readonly rule: string };

type Rule = {
  readonly name: string;
  readonly outcome: MatchOutcome;
  /** Outcomes by points that it changes. */
  readonly instead: readonly MatchOutcome[];
  readonly holds: (levels: MatchLevels) => boolean;
};

/** What no sum of points may decide otherwise; the first that holds decides (CDC's guidance for registries). */
const rules: readonly Rule[] = [
  {
    name: 'the name alone',
    outcome: 'none',
    instead: ['match', 'possible'],
    holds: (levels) => isBornAnotherDay(levels.birthDate) && isNameAlone(levels),
  },
  {
    name: 'a generation apart',
    outcome: 'none',
    instead: ['match', 'possible'],
    holds: (levels) => levels.birthDate === 'generation' && !sharesNumber(levels),
  },
  {
    name: 'another order of birth',
    outcome: 'possible',
    instead: ['match'],
    holds: ({ birthOrder }) => birthOrder === 'other-order',
  },
  {
    // Twins agree in everything else.
    name: 'another given name',
    outcome: 'possible',
    instead: ['match'],
    holds: (levels) => !givenAgrees(levels),
  },
  {
    name: 'another family name',
    outcome: 'possible',
    instead: ['match'],
    holds: (levels) => !familyAgrees(levels),
  },
  {
    name: 'another birth date',
    outcome: 'possible',
    instead: ['match'],
    holds: ({ birthDate }) => birthDate !== 'same' && birthDate !== 'same-default',
  },
  {
    name: 'another suffix',
    outcome: 'possible',
    instead: ['match'],
    holds: ({ suffix }) => suffix === 'different',
  },
  {
    // Twins of one first name are called by the second.
    name: 'another middle name',
    outcome: 'possible',
    instead: ['match'],
    holds: (levels) => levels.middle === 'different' && !sharesNumber(levels),
  },
  {
    name: 'another sex',
    outcome: 'possible',
    instead: ['match'],
    holds: (levels) => levels.sex === 'different' && !sharesNumber(levels),
  },
  {
    name: 'name and birth date alone',
    outcome: 'possible',
    instead: ['match'],
    holds: isNameAlone,
  },
  {
    name: 'the same number of the same owner',
    outcome: 'match',
    instead: ['possible'],
    holds: (levels) =>
      levels.recordNumber === 'same-owner' &&
      levels.given === 'same' &&
      levels.birthDate === 'same' &&
      familyAgrees(levels) &&
      levels.sex !== 'different' &&
      levels.ssn !== 'different',
  },
  {
    name: 'the whole name, and nearly the birth date',
    outcome: 'possible',
    instead: ['none'],
    holds: (levels) =>
      levels.given === 'same' &&
      levels.family === 'same' &&
      isNearly(levels.birthDate) &&
      levels.differences === 'none' &&
      levels.suffix !== 'different' &&
      levels.birthOrder !== 'other-order',
  },
];

function isBornAnotherDay(birthDate: MatchLevels['birthDate']): boolean {
  return birthDate === 'different' || birthDate === 'generation' || birthDate === 'missing';
}

/** A number of which each person has one. */
function sharesNumber({ ssn, medicaid, recordNumber }: MatchLevels): boolean {
  return ssn === 'same' || medicaid === 'same' || recordNumber === 'same-owner';
}

function isNearly(birthDate: MatchLevels['birthDate']): boolean {
  return birthDate === 'next-day' || birthDate === 'swapped' || birthDate === 'slip' || birthDate === 'near';
}

export function hardRuleFor(levels: MatchLevels, byPoints: MatchOutcome): Ruled | undefined {
  for (const { name, outcome, instead, holds } of rules) {
    if (instead.includes(byPoints) && holds(levels)) return { outcome, rule: name };
  }
  return undefined;
}
