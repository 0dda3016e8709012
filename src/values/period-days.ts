import type { EpochDay } from './epoch-day.ts';
import { type DayRange, daysMeantBy, parsePartialDate } from './partial-date.ts';

/** FHIR R4 Period as it is written; an end that is missing, or is no date, is open. */
export type WrittenPeriod = { readonly start?: string | undefined; readonly end?: string | undefined };

/** The days that an end of a period may mean: the one that was written, whatever the time and zone beside it. */
export function daysOfEnd(text: string | undefined): DayRange | undefined {
  const date = parsePartialDate(text?.slice(0, 10) ?? '');
  return date && daysMeantBy(date);
}

/** R4 datatypes.html#Period: both ends are included, so 2026-02 as an end is the last day of February. */
export function holdsDay({ start, end }: WrittenPeriod, day: EpochDay): boolean {
  const [first, last] = [daysOfEnd(start)?.first, daysOfEnd(end)?.last];
  return (first === undefined || first <= day) && (last === undefined || day <= last);
}
