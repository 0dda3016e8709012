import { toCivilDate, toEpochDay } from '../../values/epoch-day.ts';
import type { DatedVaccine, DoseEvent } from './dose-event.ts';
import {
  dateWindow,
  dayWeights,
  shortestIntervals,
  shortestOfVaccines,
  thresholds,
  usualInterval,
  weights,
} from './dose-weights.ts';
import { isSameLot } from './normal-lot.ts';

export type Verdict = 'same' | 'unsure' | 'different';

export type FieldWeight = { readonly field: string; readonly level: string; readonly weight: number };

/** Whether two events of one person are one dose, and what each field said. */
export type PairEvaluation = {
  readonly verdict: Verdict;
  /** 0 to 1, between the least and the greatest sum that there is. */
  readonly score: number;
  readonly fields: readonly FieldWeight[];
  /** The rule that forbade what the weights say. */
  readonly rule?: string;
};

/** Whether two doses are alike enough to be compared. */
export function areComparable(a: DatedVaccine, b: DatedVaccine): boolean {
  return daysBetween(a, b) !== undefined && sharesAntigen(a, b);
}

/** MIROW, phase 1: two events that may be one dose at all; undefined where they are not even compared. */
export function evaluatePair(a: DoseEvent, b: DoseEvent): PairEvaluation | undefined {
  const days = daysBetween(a, b);
  if (days === undefined || !sharesAntigen(a, b)) return undefined;
  const fields = weigh(a, b, days);
  const sum = fields.reduce((total, { weight }) => total + weight, 0);
  const score = (sum - least) / (greatest - least);
  const byWeights = verdictOf(score);
  const rule = ruleAgainst(a, b, days, byWeights);
  if (!rule) return { verdict: byWeights, score, fields };
  return { verdict: rule.verdict, score, fields, rule: rule.name };
}

function verdictOf(score: number): Verdict {
  if (score > thresholds.same) return 'same';
  return score < thresholds.different ? 'different' : 'unsure';
}

type Days = { readonly apart: number; readonly isSwapped: boolean };

/** A day and a month that were exchanged are as a day apart. Undefined where they are too far apart, or not known to the day. */
function daysBetween(a: DatedVaccine, b: DatedVaccine): Days | undefined {
  if (a.day === undefined || b.day === undefined) return undefined;
  const apart = Math.abs(a.day - b.day);
  if (apart <= dateWindow) return { apart, isSwapped: false };
  const { year, month, day } = toCivilDate(b.day);
  const isSwapped = day <= 12 && day !== month && toEpochDay(year, day, month) === a.day;
  return isSwapped ? { apart: 1, isSwapped } : undefined;
}

function sharesAntigen(a: DatedVaccine, b: DatedVaccine): boolean {
  for (const antigen of a.antigens) if (b.antigens.has(antigen)) return true;
  return false;
}

function weigh(a: DoseEvent, b: DoseEvent, { apart, isSwapped }: Days): readonly FieldWeight[] {
  const field = (name: keyof typeof weights, level: string): FieldWeight => ({
    field: name,
    level,
    weight: (weights[name] as Readonly<Record<string, number>>)[level] ?? 0,
  });
  const dayWeight = dayWeights[Math.min(apart, dayWeights.length - 1)] ?? 0;
  return [
    field('source', sourceLevel(a, b)),
    field('lot', levelOf(a.lot, b.lot, isSameLot)),
    field('vaccine', levelOf(a.cvx, b.cvx)),
    field('product', levelOf(a.product, b.product)),
    field('organization', levelOf(a.organization, b.organization)),
    { field: 'date', level: isSwapped ? 'swapped' : `${apart} days`, weight: dayWeight },
  ];
}

function sourceLevel(a: DoseEvent, b: DoseEvent): string {
  if (a.source === undefined || b.source === undefined) return 'absent';
  if (a.source !== b.source) return 'different';
  return a.source;
}

function levelOf(
  a: string | undefined,
  b: string | undefined,
  isSame: (a: string, b: string) => boolean = (one, other) => one === other,
): string {
  if (a === undefined || b === undefined) return 'absent';
  return isSame(a, b) ? 'same' : 'different';
}

const sumOf = (pick: (...values: readonly number[]) => number) =>
  Object.values(weights).reduce((sum, levels) => sum + pick(...Object.values(levels)), pick(...dayWeights));
const least = sumOf(Math.min);
const greatest = sumOf(Math.max);

type Rule = {
  readonly name: string;
  readonly verdict: Verdict;
  readonly instead: readonly Verdict[];
  readonly holds: (a: DoseEvent, b: DoseEvent, days: Days) => boolean;
};

const areBothGiven = (a: DoseEvent, b: DoseEvent) =>
  a.source === 'administered' && b.source === 'administered';

/** What no sum decides: a dose that was given must not be lost; the first rule that holds decides. */
const rules: readonly Rule[] = [
  {
    name: 'both given, as far apart as doses of a series may be',
    verdict: 'different',
    instead: ['same', 'unsure'],
    holds: (a, b, { apart }) => areBothGiven(a, b) && apart >= intervalOf(a, b),
  },
  {
    name: 'as far apart as doses of a series may be',
    verdict: 'unsure',
    instead: ['same'],
    holds: (a, b, { apart, isSwapped }) => isSwapped || apart >= intervalOf(a, b),
  },
  {
    name: 'two vaccines of one kind',
    verdict: 'unsure',
    instead: ['same'],
    holds: (a, b) =>
      levelOf(a.cvx, b.cvx) === 'different' && !a.isUnspecified && !b.isUnspecified && hasSameAntigens(a, b),
  },
  {
    name: 'each holds what the other does not',
    verdict: 'unsure',
    instead: ['same'],
    holds: (a, b) => !isSubset(a.antigens, b.antigens) && !isSubset(b.antigens, a.antigens),
  },
];

function ruleAgainst(a: DoseEvent, b: DoseEvent, days: Days, byWeights: Verdict): Rule | undefined {
  return rules.find(({ instead, holds }) => instead.includes(byWeights) && holds(a, b, days));
}

/** The shortest interval of any series against what both are. */
function intervalOf(a: DoseEvent, b: DoseEvent): number {
  const ofVaccine = a.cvx === b.cvx ? shortestOfVaccines[a.cvx ?? ''] : undefined;
  let shortest = ofVaccine ?? usualInterval;
  for (const antigen of a.antigens) {
    if (b.antigens.has(antigen)) shortest = Math.min(shortest, shortestIntervals[antigen] ?? usualInterval);
  }
  return shortest;
}

function hasSameAntigens(a: DoseEvent, b: DoseEvent): boolean {
  return isSubset(a.antigens, b.antigens) && isSubset(b.antigens, a.antigens);
}

export function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  for (const one of some) if (!all.has(one)) return false;
  return true;
}
