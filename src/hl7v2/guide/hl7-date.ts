import { daysInMonth, type EpochDay, toEpochDay } from '../../values/epoch-day.ts';

/** The day that a TS or DT begins with, as written; undefined where it has no whole day of the calendar. */
export function dayOf(text: string | undefined): EpochDay | undefined {
  const [, ...digits] = /^(\d{4})(\d{2})(\d{2})(?!\d(?!\d))/.exec(text ?? '') ?? [];
  const [year = 0, month = 0, day = 0] = digits.map(Number);
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return toEpochDay(year, month, day);
}
