import { daysInMonth, type EpochDay, toEpochDay } from '../../values/epoch-day.ts';

/** The day that a TS or DT begins with, as written; undefined where it has no whole day of the calendar. */
export function dayOf(text: string | undefined): EpochDay | undefined {
  if (text === undefined) return undefined;
  const digits = leadingDigits(text);
  // Half an hour is none.
  if (digits < 8 || digits === 9) return undefined;
  const [year, month, day] = [numberIn(text, 0, 4), numberIn(text, 4, 6), numberIn(text, 6, 8)];
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return toEpochDay(year, month, day);
}

function numberIn(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - zero;
  return number;
}

/** So many digits a text begins with, ten at most: this is asked of each date by many rules. */
function leadingDigits(text: string): number {
  let count = 0;
  while (count < 10 && isDigit(text.charCodeAt(count))) count += 1;
  return count;
}

const zero = 48;
const isDigit = (code: number): boolean => code >= zero && code < zero + 10;
