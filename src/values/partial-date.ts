import { daysInMonth, type EpochDay, toEpochDay } from './epoch-day.ts';

/** A date known to the year, the month or the day. It is never padded to the first. */
export type PartialDate =
  | { readonly precision: 'year'; readonly year: number }
  | { readonly precision: 'month'; readonly year: number; readonly month: number }
  | { readonly precision: 'day'; readonly year: number; readonly month: number; readonly day: number };

/** First and last day, both included. */
export type DayRange = { readonly first: EpochDay; readonly last: EpochDay };

const shape = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$/;

/** FHIR R4 `date` (datatypes.html#date): YYYY, YYYY-MM or YYYY-MM-DD of a day that exists; year 0000 does not. */
export function parsePartialDate(text: string): PartialDate | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  const year = Number(match[1]);
  if (year === 0) return undefined;
  if (match[2] === undefined) return { precision: 'year', year };
  const month = Number(match[2]);
  if (month < 1 || month > 12) return undefined;
  if (match[3] === undefined) return { precision: 'month', year, month };
  const day = Number(match[3]);
  return day >= 1 && day <= daysInMonth(year, month) ? { precision: 'day', year, month, day } : undefined;
}

/** The days that the date may mean: 2024-02 is 2024-02-01 to 2024-02-29. */
export function daysMeantBy(date: PartialDate): DayRange {
  switch (date.precision) {
    case 'year':
      return { first: toEpochDay(date.year, 1, 1), last: toEpochDay(date.year, 12, 31) };
    case 'month': {
      const { year, month } = date;
      return { first: toEpochDay(year, month, 1), last: toEpochDay(year, month, daysInMonth(year, month)) };
    }
    case 'day': {
      const day = toEpochDay(date.year, date.month, date.day);
      return { first: day, last: day };
    }
  }
}

/** The day of a whole date; undefined for a partial date and for text that is no date. */
export function parseEpochDay(text: string): EpochDay | undefined {
  const date = parsePartialDate(text);
  return date?.precision === 'day' ? toEpochDay(date.year, date.month, date.day) : undefined;
}
