import type { Brand } from './brand.ts';
import { type EpochDay, formatEpochDay, toEpochDay } from './epoch-day.ts';
import { daysMeantBy, parseEpochDay, parsePartialDate } from './partial-date.ts';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Brand<number, 'EpochMs'>;

/** First and last millisecond, both included. */
export type MsRange = { readonly first: EpochMs; readonly last: EpochMs };

const msPerDay = 86_400_000;
const shape =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})?$/;

/**
 * The span that a FHIR R4 `date`, `dateTime` or `instant` means (search.html#date): a year is all its
 * milliseconds, a time given to the second is 1000 of them, a finer one is the millisecond that it lies in. A value
 * without a zone is read as UTC, wherever the registry is. Seconds may be missing, as search values allow it; 24:00 and offsets over 14:00 do not exist.
 */
export function parseMsRange(text: string): MsRange | undefined {
  const date = parsePartialDate(text);
  if (date) {
    const { first, last } = daysMeantBy(date);
    return { first: (first * msPerDay) as EpochMs, last: (last * msPerDay + msPerDay - 1) as EpochMs };
  }
  const match = shape.exec(text);
  return match ? timeRange(match) : undefined;
}

function timeRange(match: RegExpExecArray): MsRange | undefined {
  const [, dateText = '', hour = '', minute = '', second, fraction, zone = 'Z'] = match;
  const date = parsePartialDate(dateText);
  const offset = parseOffset(zone);
  // A leap second, 60, is read as the second that follows 59.
  if (!date || offset === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) {
    return undefined;
  }
  const wholeSeconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second ?? 0);
  const milliseconds = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const first = daysMeantBy(date).first * msPerDay + wholeSeconds * 1000 + milliseconds - offset;
  return { first: first as EpochMs, last: (first + spanOf(second, fraction) - 1) as EpochMs };
}

function spanOf(second: string | undefined, fraction: string | undefined): number {
  if (second === undefined) return 60_000;
  if (fraction === undefined) return 1000;
  return fraction.length === 1 ? 100 : fraction.length === 2 ? 10 : 1;
}

function parseOffset(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** FHIR `instant` in UTC to the millisecond: 2024-02-29T12:00:00.000Z. */
export function formatInstant(at: EpochMs): string {
  const day = utcDayOf(at);
  const time = at - day * msPerDay;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const ms = String(time % 1000).padStart(3, '0');
  return `${formatEpochDay(day)}T${two(time / 3_600_000)}:${two((time / 60_000) % 60)}:${two((time / 1000) % 60)}.${ms}Z`;
}

/** The calendar day in UTC. */
export function utcDayOf(at: EpochMs): EpochDay {
  return Math.floor(at / msPerDay) as EpochDay;
}

/** The calendar day that was written, in the zone it was written in: 2014-08-19T23:16:46-04:00 is 2014-08-19. */
export function writtenDayOf(text: string): EpochDay | undefined {
  if (text.length === 10) return parseEpochDay(text);
  const date = parsePartialDate(text.slice(0, 10));
  if (date?.precision !== 'day' || parseMsRange(text) === undefined) return undefined;
  return toEpochDay(date.year, date.month, date.day);
}

/** For what asks for a Date, such as a database driver. */
export function toDate(at: EpochMs): Date {
  return new Date(at);
}
