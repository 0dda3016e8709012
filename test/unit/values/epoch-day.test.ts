import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysInMonth, formatEpochDay, toCivilDate, toEpochDay } from '../../../src/values/epoch-day.ts';

describe('epoch days', () => {
  it.each`
    civil             | day
    ${[1970, 1, 1]}   | ${0}
    ${[1969, 12, 31]} | ${-1}
    ${[2000, 2, 29]}  | ${11_016}
    ${[1900, 3, 1]}   | ${-25_508}
    ${[2999, 12, 31]} | ${376_199}
  `('counts $civil as day $day', ({ civil, day }) => {
    expect(toEpochDay(civil[0], civil[1], civil[2])).toBe(day);
  });

  it('agrees with the calendar of the platform in every month from year 1 to 9999', () => {
    const date = fc.record({
      year: fc.integer({ min: 1, max: 9999 }),
      month: fc.integer({ min: 1, max: 12 }),
      share: fc.nat(30),
    });
    fc.assert(
      fc.property(date, ({ year, month, share }) => {
        const day = 1 + (share % daysInMonth(year, month));
        const platform = new Date(0);
        platform.setUTCFullYear(year, month - 1, day);
        const counted = toEpochDay(year, month, day);
        expect(counted).toBe(platform.getTime() / 86_400_000);
        expect(toCivilDate(counted)).toEqual({ year, month, day });
        expect(formatEpochDay(counted)).toBe(platform.toISOString().slice(0, 10));
      }),
    );
  });
});
