import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsOn } from '../../../src/search/objection-days.ts';
import {
  dataSharingObjection,
  marksOf,
  objectionMark,
  objectionMarksOn,
  objectsAsLong,
} from '../../../src/search/reach.ts';
import { type EpochDay, toCivilDate, toEpochDay } from '../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import { indexResource } from './search-world.ts';

type Period = { readonly start?: string; readonly end?: string };

const objection = (period?: Period) => ({
  resourceType: 'Consent',
  id: 'c',
  status: 'active',
  category: [{ coding: [dataSharingObjection] }],
  patient: { reference: 'Patient/p' },
  provision: { type: 'deny', ...(period && { period }) },
});
const marksDuring = (period?: Period) => {
  const consent = objection(period);
  return marksOf('Consent', indexResource(consent), consent);
};
const on = (text: string) => parseEpochDay(text) as EpochDay;
const objectsOn = (marks: readonly string[], day: EpochDay) =>
  objectionMarksOn(day).some((mark) => marks.includes(mark));

describe('an objection with a period', () => {
  it.each<[Period, readonly string[], readonly string[]]>([
    [
      { start: '2026-03-05', end: '2026-03-07' },
      ['2026-03-05', '2026-03-06', '2026-03-07'],
      ['2026-03-04', '2026-03-08', '2025-03-06'],
    ],
    [
      { start: '2026-03-05' },
      ['2026-03-05', '2026-12-31', '2099-01-01', '2900-01-01'],
      ['2026-03-04', '1990-01-01'],
    ],
    [{ end: '2026-03-05' }, ['2026-03-05', '2000-01-01', '1950-01-01'], ['2026-03-06', '2100-01-01']],
    [{ start: '2026-03', end: '2026-04' }, ['2026-03-01', '2026-04-30'], ['2026-02-28', '2026-05-01']],
    [{ start: '2026', end: '2027' }, ['2026-01-01', '2027-12-31'], ['2025-12-31', '2028-01-01']],
    [
      { start: '2026-03-05T23:30:00-08:00', end: '2026-03-07T00:00:00+10:00' },
      ['2026-03-05', '2026-03-07'],
      ['2026-03-04', '2026-03-08'],
    ],
  ])('counts from its first to its last day: %j', (period, within, outside) => {
    const marks = marksDuring(period);
    for (const day of within) expect([day, objectsOn(marks, on(day))]).toEqual([day, true]);
    for (const day of outside) expect([day, objectsOn(marks, on(day))]).toEqual([day, false]);
  });

  it.each<[Period | undefined]>([
    [undefined],
    [{}],
    [{ start: 'soon' }],
    [{ start: '2026-03-05', end: '2026-03-04' }],
  ])('counts always where it has no days: %j', (period) => {
    expect(marksDuring(period)).toEqual([objectionMark]);
    expect(countsOn(objection(period), on('2026-03-20'))).toBe(true);
  });

  it('gives few marks', () => {
    expect(marksDuring({ start: '2026-01-02', end: '2026-12-30' })).toHaveLength(30 + 10 + 30);
    expect(marksDuring({ start: '1999-12-31' })).toEqual(
      ['1999-12-31', ...Array.from({ length: 10 }, (_, index) => String(20 + index))].map(
        (one) => `objects|${one}`,
      ),
    );
  });

  const days = fc.integer({ min: toEpochDay(1995, 1, 1), max: toEpochDay(2205, 1, 1) });
  const text = (day: number) => {
    const { year, month, day: ofMonth } = toCivilDate(day as EpochDay);
    return [year, ...[month, ofMonth].map((part) => String(part).padStart(2, '0'))].join('-');
  };
  const periods = fc
    .tuple(days, fc.oneof(days, fc.integer({ min: 0, max: 400 })), fc.boolean(), fc.boolean())
    .map(([first, other, hasStart, hasEnd]) => {
      const last = Math.max(first, other < 401 ? first + other : other);
      return { first: hasStart ? first : -1e9, last: hasEnd ? last : 1e9 };
    });
  const written = ({ first, last }: { readonly first: number; readonly last: number }): Period => ({
    ...(first > -1e9 && { start: text(first) }),
    ...(last < 1e9 && { end: text(last) }),
  });

  it('counts on the days of its period alone, whatever they are', () => {
    fc.assert(
      fc.property(periods, days, fc.integer({ min: -2, max: 2 }), (period, any, beside) => {
        const marks = marksDuring(written(period));
        for (const day of [any, period.first + beside, period.last + beside]) {
          if (Math.abs(day) > 1e6) continue;
          const counts = period.first <= day && day <= period.last;
          expect(objectsOn(marks, day as EpochDay)).toBe(counts);
          expect(countsOn(objection(written(period)), day as EpochDay)).toBe(counts);
        }
      }),
    );
  });

  it('lasts as long as another where it holds its days', () => {
    fc.assert(
      fc.property(periods, periods, (one, other) => {
        const holds =
          (one.first === -1e9 && one.last === 1e9) || (one.first <= other.first && one.last >= other.last);
        expect(objectsAsLong(marksDuring(written(one)), marksDuring(written(other)))).toBe(holds);
      }),
    );
  });
});
