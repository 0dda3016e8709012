import { daysInMonth, type EpochDay, toCivilDate, toEpochDay } from '../values/epoch-day.ts';

/** What is added to a date: "19 years - 4 days" is 228 months and -4 days. */
export type Offset = { readonly months: number; readonly days: number };

/** Before and after every real date: what an absent minimum or maximum means. */
export const beginOfTime = -2_000_000_000 as EpochDay;
export const endOfTime = 2_000_000_000 as EpochDay;

const notation =
  /^\s*[+-]?\s*[0-9]{1,4}\s+(year|month|week|day)s?(\s*[+-]\s*[0-9]{1,4}\s+(year|month|week|day)s?)*\s*$/i;
const term = /([+-]?)\s*([0-9]+)\s+(year|month|week|day)/gi;

/** CDC's notation of ages and intervals; the sign before a term counts for that term only. */
export function parseOffset(text: string): Offset | undefined {
  if (!notation.test(text)) return undefined;
  let months = 0;
  let days = 0;
  for (const [, sign, digits, unit = ''] of text.matchAll(term)) {
    const count = sign === '-' ? -Number(digits) : Number(digits);
    const { inMonths, inDays } = unitOf(unit);
    months += count * inMonths;
    days += count * inDays;
  }
  return { months, days };
}

function unitOf(unit: string): { readonly inMonths: number; readonly inDays: number } {
  switch (unit.toLowerCase()) {
    case 'year':
      return { inMonths: 12, inDays: 0 };
    case 'month':
      return { inMonths: 1, inDays: 0 };
    default:
      return { inMonths: 0, inDays: unit.toLowerCase() === 'week' ? 7 : 1 };
  }
}

/**
 * CALCDT-1 to CALCDT-6: years and months move the calendar fields; a day that does not exist becomes the first
 * of the next month; weeks and days are added last. 31 January + 1 month is 1 March.
 */
export function addOffset(day: EpochDay, offset: Offset): EpochDay {
  return offset.months === 0 ? plusDays(day, offset.days) : addMonths(toCivilDate(day), offset);
}

/** The same from fields that are already known: an age is counted from one date of birth many times. */
export function addMonths(
  from: { readonly year: number; readonly month: number; readonly day: number },
  offset: Offset,
): EpochDay {
  const monthCount = from.year * 12 + from.month - 1 + offset.months;
  const year = Math.floor(monthCount / 12);
  const month = monthCount - year * 12 + 1;
  const exists = from.day <= 28 || from.day <= daysInMonth(year, month);
  // CALCDT-5: the day after the last one is the first of the next month.
  const day = exists
    ? toEpochDay(year, month, from.day)
    : toEpochDay(year, month, daysInMonth(year, month)) + 1;
  return (day + offset.days) as EpochDay;
}

export function plusDays(day: EpochDay, days: number): EpochDay {
  return (day + days) as EpochDay;
}

export function laterOf(a: EpochDay, b: EpochDay): EpochDay {
  return a > b ? a : b;
}

export function earlierOf(a: EpochDay, b: EpochDay): EpochDay {
  return a < b ? a : b;
}
