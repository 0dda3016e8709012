import type { EpochDay } from './epoch-day.ts';
import type { EpochMs } from './instant.ts';
import { dayIn, startOfDayIn, type TimeZone } from './time-zone.ts';

/** The present moment as a port: main passes the system's, tests pass one that stands still. */
export type Clock = { readonly now: () => EpochMs };

export const systemClock: Clock = { now: () => Date.now() as EpochMs };

/** A clock that hangs where the registry is: it knows which day it is there. */
export type LocalClock = Clock & {
  readonly zone: TimeZone;
  readonly today: () => EpochDay;
};

export function clockIn(zone: TimeZone, { now }: Clock = systemClock): LocalClock {
  return { now, zone, today: () => dayIn(zone, now()) };
}

/** When the day of the place ends, and what was decided by it. */
export function endOfToday({ zone, today }: LocalClock): EpochMs {
  return startOfDayIn(zone, (today() + 1) as EpochDay);
}
