import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockIn } from '../../../src/values/clock.ts';
import { formatEpochDay } from '../../../src/values/epoch-day.ts';
import { type EpochMs, formatInstant, parseMsRange, utcDayOf } from '../../../src/values/instant.ts';
import {
  dayIn,
  parseTimeZone,
  startOfDayIn,
  type TimeZone,
  timeOfDayIn,
  utc,
} from '../../../src/values/time-zone.ts';

const zoneOf = (name: string) => parseTimeZone(name) as TimeZone;
const at = (instant: string) => parseMsRange(instant)?.first as EpochMs;
const shown = (name: string, instant: string) => {
  const zone = zoneOf(name);
  const moment = at(instant);
  return `${formatEpochDay(dayIn(zone, moment))} ${timeOfDayIn(zone, moment)} ${zone.shortNameAt(moment)}`;
};

describe('a time zone', () => {
  it.each`
    zone                     | instant                       | local
    ${'UTC'}                 | ${'2026-11-30T03:00:00Z'}     | ${'2026-11-30 03:00:00 UTC'}
    ${'America/New_York'}    | ${'2026-11-30T03:00:00Z'}     | ${'2026-11-29 22:00:00 EST'}
    ${'America/New_York'}    | ${'2026-11-30T04:59:59.999Z'} | ${'2026-11-29 23:59:59 EST'}
    ${'America/New_York'}    | ${'2026-11-30T05:00:00Z'}     | ${'2026-11-30 00:00:00 EST'}
    ${'America/New_York'}    | ${'2026-03-08T06:59:59Z'}     | ${'2026-03-08 01:59:59 EST'}
    ${'America/New_York'}    | ${'2026-03-08T07:00:00Z'}     | ${'2026-03-08 03:00:00 EDT'}
    ${'America/New_York'}    | ${'2026-03-09T03:59:59Z'}     | ${'2026-03-08 23:59:59 EDT'}
    ${'America/New_York'}    | ${'2026-03-09T04:00:00Z'}     | ${'2026-03-09 00:00:00 EDT'}
    ${'America/New_York'}    | ${'2026-11-01T05:59:59Z'}     | ${'2026-11-01 01:59:59 EDT'}
    ${'America/New_York'}    | ${'2026-11-01T06:00:00Z'}     | ${'2026-11-01 01:00:00 EST'}
    ${'America/New_York'}    | ${'2026-11-02T04:59:59Z'}     | ${'2026-11-01 23:59:59 EST'}
    ${'Pacific/Auckland'}    | ${'2026-11-29T11:00:00Z'}     | ${'2026-11-30 00:00:00 GMT+13'}
    ${'Pacific/Auckland'}    | ${'2026-04-04T13:59:59Z'}     | ${'2026-04-05 02:59:59 GMT+13'}
    ${'Pacific/Auckland'}    | ${'2026-04-04T14:00:00Z'}     | ${'2026-04-05 02:00:00 GMT+12'}
    ${'Asia/Kathmandu'}      | ${'2026-11-29T18:14:59Z'}     | ${'2026-11-29 23:59:59 GMT+5:45'}
    ${'Asia/Kathmandu'}      | ${'2026-11-29T18:15:00Z'}     | ${'2026-11-30 00:00:00 GMT+5:45'}
    ${'America/St_Johns'}    | ${'2026-03-08T05:29:59Z'}     | ${'2026-03-08 01:59:59 GMT-3:30'}
    ${'America/St_Johns'}    | ${'2026-03-08T05:30:00Z'}     | ${'2026-03-08 03:00:00 GMT-2:30'}
    ${'Australia/Lord_Howe'} | ${'2026-04-04T14:59:59Z'}     | ${'2026-04-05 01:59:59 GMT+11'}
    ${'Australia/Lord_Howe'} | ${'2026-04-04T15:00:00Z'}     | ${'2026-04-05 01:30:00 GMT+10:30'}
  `('shows $instant in $zone as $local', ({ zone, instant, local }) => {
    expect(shown(zone, instant)).toBe(local);
  });

  it('says the same whatever was asked before', () => {
    const moments = fc.integer({ min: at('2025-12-01T00:00:00Z'), max: at('2027-02-01T00:00:00Z') });
    for (const name of ['America/New_York', 'Pacific/Auckland', 'Asia/Kathmandu', 'America/St_Johns']) {
      const used = zoneOf(name);
      fc.assert(
        fc.property(moments, (moment) => {
          const fresh = zoneOf(name);
          expect(used.offsetAt(moment as EpochMs)).toBe(fresh.offsetAt(moment as EpochMs));
        }),
        { numRuns: 60 },
      );
    }
  });

  it.each(['America/New_York', 'Pacific/Auckland', 'Asia/Kathmandu', 'Africa/Cairo', 'UTC'])(
    'begins each day of %s once, and at its first moment',
    (name) => {
      const zone = zoneOf(name);
      for (let day = utcDayOf(at('2026-01-01T00:00:00Z')), end = day + 366; day < end; day++) {
        const start = startOfDayIn(zone, day as typeof day);
        expect(dayIn(zone, start)).toBe(day);
        expect(dayIn(zone, (start - 1) as EpochMs)).toBe(day - 1);
      }
    },
  );

  it('begins a day without midnight when its clocks do', () => {
    const zone = zoneOf('Africa/Cairo');
    const day = dayIn(zone, at('2026-04-24T12:00:00Z'));
    expect(formatInstant(startOfDayIn(zone, day))).toBe('2026-04-23T22:00:00.000Z');
    expect(timeOfDayIn(zone, startOfDayIn(zone, day))).toBe('01:00:00');
  });

  it.each(['', '+05:00', '-5', 'Local', 'America/Nowhere', 'America/New York', '../etc'])(
    'is not %j',
    (name) => {
      expect(parseTimeZone(name)).toBeUndefined();
    },
  );

  it('is found in any case, and UTC by both of its names', () => {
    expect(parseTimeZone('america/new_york')?.offsetAt(at('2026-11-30T00:00:00Z'))).toBe(-5 * 3_600_000);
    expect(parseTimeZone('Etc/UTC')).toBe(utc);
  });
});

describe('a clock', () => {
  it('knows the day of where it hangs', () => {
    const now = () => at('2026-11-30T03:00:00Z');
    const dayOf = (name: string) => formatEpochDay(clockIn(zoneOf(name), { now }).today());
    expect(['UTC', 'America/New_York', 'Pacific/Auckland'].map(dayOf)).toEqual([
      '2026-11-30',
      '2026-11-29',
      '2026-11-30',
    ]);
  });
});
