import { formatEpochDay } from '../values/epoch-day.ts';
import { parseMsRange } from '../values/instant.ts';
import { parsePartialDate } from '../values/partial-date.ts';
import { dayIn, timeOfDayIn } from '../values/time-zone.ts';
import { parseTextKey, type Translate } from './translate.ts';

/** A FHIR date, or the day that a dateTime was written with, in words and no finer than it is known; other text as it is. */
export function formatDate(t: Translate, text: string): string {
  const date = parsePartialDate(text.slice(0, 10));
  if (!date) return text;
  if (date.precision === 'year') return String(date.year);
  const monthKey = parseTextKey(`month.${date.month}`);
  const month = monthKey ? t(monthKey) : '';
  return date.precision === 'month'
    ? t('date.month', { month, year: date.year })
    : t('date.day', { day: date.day, month, year: date.year });
}

/** The day of an instant, where the registry is; a date as it is. */
export function formatDayOf(t: Translate, instant: string): string {
  return formatDate(t, isoDayOf(t, instant));
}

/** The same with the time of day and the zone: "Nov 29, 2026, 21:05 EST". */
export function formatMoment(t: Translate, instant: string, to: 'minute' | 'second' = 'minute'): string {
  const at = instantIn(instant);
  if (at === undefined) return formatDate(t, instant);
  const time = timeOfDayIn(t.zone, at).slice(0, to === 'minute' ? 5 : 8);
  return `${formatDayOf(t, instant)}, ${time} ${t.zone.shortNameAt(at)}`;
}

/** For files: the day of an instant, where the registry is, as 2026-11-29. */
export function isoDayOf({ zone }: Translate, instant: string): string {
  const at = instantIn(instant);
  return at === undefined ? instant : formatEpochDay(dayIn(zone, at));
}

function instantIn(text: string) {
  return text.includes('T') ? parseMsRange(text)?.first : undefined;
}
