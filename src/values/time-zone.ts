import type { EpochDay } from './epoch-day.ts';
import type { EpochMs } from './instant.ts';

/** How the clocks of a place go, by the IANA time zone database. */
export type TimeZone = {
  readonly name: string;
  /** Milliseconds that its clocks are ahead of UTC at a moment. */
  readonly offsetAt: (at: EpochMs) => number;
  /** "EST" and "EDT"; "GMT+13" where there is no such name. */
  readonly shortNameAt: (at: EpochMs) => string;
};

const msPerHour = 3_600_000;
const msPerDay = 24 * msPerHour;

export const utc: TimeZone = { name: 'UTC', offsetAt: () => 0, shortNameAt: () => 'UTC' };

/** A name of the IANA time zone database, in any case. An offset such as +05:00 is none: it knows no summer. */
export function parseTimeZone(name: string): TimeZone | undefined {
  if (/^(?:Etc\/)?UTC$/i.test(name)) return utc;
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return openTimeZone(name);
  } catch {
    return undefined;
  }
}

/** Throws where there is no such zone. */
function openTimeZone(name: string): TimeZone {
  const partOf = (timeZoneName: 'short' | 'longOffset') => {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName });
    return (at: number) => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  };
  const offsetText = partOf('longOffset');
  return {
    name,
    offsetAt: rememberedByHour((at) => parseOffset(offsetText(at))),
    shortNameAt: partOf('short'),
  };
}

/** "GMT-05:00", "GMT-04:56:02" of before there were zones, "GMT". */
function parseOffset(text: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] =
    /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ahead : ahead;
}

/** To ask takes microseconds, and moments come in their order: one hour in which the clocks do not change is remembered. */
function rememberedByHour(ask: (at: number) => number): (at: EpochMs) => number {
  let known = { from: 0, until: 0, offset: 0 };
  return (at) => {
    if (at >= known.from && at < known.until) return known.offset;
    const from = Math.floor(at / msPerHour) * msPerHour;
    const until = from + msPerHour;
    const offset = ask(from);
    if (ask(until - 1) !== offset) return ask(at);
    known = { from, until, offset };
    return offset;
  };
}

/** The calendar day at a moment. */
export function dayIn({ offsetAt }: TimeZone, at: EpochMs): EpochDay {
  return Math.floor((at + offsetAt(at)) / msPerDay) as EpochDay;
}

/** The time of day at a moment, as clocks show it: 21:05:00. */
export function timeOfDayIn({ offsetAt }: TimeZone, at: EpochMs): string {
  const local = at + offsetAt(at);
  const seconds = Math.floor((local - Math.floor(local / msPerDay) * msPerDay) / 1000);
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60]
    .map((value) => String(Math.floor(value)).padStart(2, '0'))
    .join(':');
}

/** The first moment of a day; where clocks skip midnight that is later than 00:00. */
export function startOfDayIn(zone: TimeZone, day: EpochDay): EpochMs {
  const midnight = day * msPerDay;
  const [first, second] = [-msPerDay, msPerDay]
    .map((aside) => (midnight - zone.offsetAt((midnight + aside) as EpochMs)) as EpochMs)
    .sort((one, other) => one - other) as [EpochMs, EpochMs];
  return dayIn(zone, first) === day ? first : second;
}
