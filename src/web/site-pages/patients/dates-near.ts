import { formatEpochDay, toEpochDay } from '../../../values/epoch-day.ts';
import { parsePartialDate } from '../../../values/partial-date.ts';

/** So many days before and after. */
const mostDays = 3;

/**
 * Days that are easily written for this one (YYYY-MM-DD), without itself: a few days off, day and month in each other's
 * place, one digit another, two beside each other changed.
 */
export function datesNear(date: string): readonly string[] {
  const parsed = parsePartialDate(date);
  if (parsed?.precision !== 'day') return [];
  const { year, month, day } = parsed;
  const near = new Set<string>();
  for (let off = -mostDays; off <= mostDays; off++) {
    near.add(formatEpochDay((toEpochDay(year, month, day) + off) as ReturnType<typeof toEpochDay>));
  }
  const [years = '', months = '', days = ''] = date.split('-');
  near.add(`${years}-${days}-${months}`);
  const digits = years + months + days;
  for (let at = 0; at < digits.length; at++) {
    for (let digit = 0; digit < 10; digit++) near.add(dashed(spliced(digits, at, String(digit))));
    near.add(dashed(spliced(digits, at, `${digits[at + 1] ?? ''}${digits[at]}`)));
  }
  near.delete(date);
  return [...near].filter((text) => parsePartialDate(text)?.precision === 'day' && isLikely(text));
}

function spliced(digits: string, at: number, other: string): string {
  return digits.slice(0, at) + other + digits.slice(at + other.length);
}

function dashed(digits: string): string {
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** Nobody was born in another age. */
function isLikely(date: string): boolean {
  return date >= '1900' && date < '2100';
}
