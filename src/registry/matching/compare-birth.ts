import { type EpochDay, toEpochDay } from '../../values/epoch-day.ts';
import type { BirthDay, MatchRecord } from './match-record.ts';

export type BirthDateLevel =
  | 'same'
  /** The same first of January, which is written where nobody knows the day. */
  | 'same-default'
  /** Month and day have changed places. */
  | 'swapped'
  /** A day before or after. */
  | 'next-day'
  /** One part, or one digit, is another. */
  | 'slip'
  /** Two whole dates within a month, or a part that is not known would have to be. */
  | 'near'
  | 'partial'
  | 'different'
  /** So many years apart that the one may be a parent of the other. */
  | 'generation'
  | 'missing';

export function compareBirthDates(a: BirthDay | undefined, b: BirthDay | undefined): BirthDateLevel {
  if (!a || !b) return 'missing';
  if (a.day === 0 || b.day === 0) return comparePartial(a, b);
  return compareWhole(a, b);
}

function compareWhole(a: BirthDay, b: BirthDay): BirthDateLevel {
  const sameParts = countSameParts(a, b);
  if (sameParts === 3) return a.isDefault ? 'same-default' : 'same';
  if (a.year === b.year && a.month === b.day && a.day === b.month) return 'swapped';
  const apart = Math.abs(dayOf(a) - dayOf(b));
  if (apart === 1) return 'next-day';
  if (sameParts === 2) return isDigitSlip(a, b) ? 'slip' : 'near';
  if (isHalfKnown(a, b)) return 'partial';
  if (apart <= 31) return 'near';
  return Math.abs(a.year - b.year) < generation ? 'different' : 'generation';
}

/** In years. */
const generation = 12;

function isHalfKnown(a: BirthDay, b: BirthDay): boolean {
  return a.year === b.year && (a.isDefault || b.isDefault);
}

function countSameParts(a: BirthDay, b: BirthDay): number {
  return Number(a.year === b.year) + Number(a.month === b.month) + Number(a.day === b.day);
}

function comparePartial(a: BirthDay, b: BirthDay): BirthDateLevel {
  if (Math.abs(a.year - b.year) >= generation) return 'generation';
  if (a.year !== b.year) return 'different';
  return a.month === 0 || b.month === 0 || a.month === b.month ? 'partial' : 'different';
}

function dayOf({ year, month, day }: BirthDay): EpochDay {
  return toEpochDay(year, month, day);
}

/** The part that differs does so by one digit, or by two that have changed places, or by one in number. */
function isDigitSlip(a: BirthDay, b: BirthDay): boolean {
  if (a.year !== b.year) return isNumberSlip(a.year, b.year);
  return a.month !== b.month ? isNumberSlip(a.month, b.month) : isNumberSlip(a.day, b.day);
}

function isNumberSlip(a: number, b: number): boolean {
  if (Math.abs(a - b) === 1) return true;
  const x = String(a).padStart(2, '0');
  const y = String(b).padStart(2, '0');
  let differ = 0;
  for (let at = 0; at < x.length; at++) if (x[at] !== y[at]) differ++;
  return differ === 1 || (differ === 2 && [...x].sort().join('') === [...y].sort().join(''));
}

export type BirthOrderLevel =
  | 'same-order'
  | 'other-order'
  | 'both-multiple'
  | 'one-multiple'
  | 'multiple-single'
  | 'single'
  | 'missing';

/** Who was born with another, and as which of them. */
export function compareBirthOrder(a: MatchRecord, b: MatchRecord): BirthOrderLevel {
  if (a.birthOrder > 0 && b.birthOrder > 0)
    return a.birthOrder === b.birthOrder ? 'same-order' : 'other-order';
  if (a.isMultiple === undefined || b.isMultiple === undefined) {
    return a.isMultiple === true || b.isMultiple === true ? 'one-multiple' : 'missing';
  }
  if (a.isMultiple && b.isMultiple) return 'both-multiple';
  return a.isMultiple === b.isMultiple ? 'single' : 'multiple-single';
}

export type SexLevel = 'same' | 'different' | 'missing';

export function compareSex(a: MatchRecord, b: MatchRecord): SexLevel {
  if (a.sex === '' || b.sex === '') return 'missing';
  return a.sex === b.sex ? 'same' : 'different';
}
