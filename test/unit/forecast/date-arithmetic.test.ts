import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addOffset, parseOffset } from '../../../src/forecast/date-arithmetic.ts';
import { formatEpochDay, toCivilDate } from '../../../src/values/epoch-day.ts';
import { day } from './small-schedule.ts';

describe('ages and intervals', () => {
  it.each([
    ['19 years - 4 days', 228, -4],
    ['8 months + 1 day', 8, 1],
    ['16 years - 4 months', 188, 0],
    ['6 weeks', 0, 42],
    ['1 years - 4 days', 12, -4],
    ['0 days', 0, 0],
    ['  13 years ', 156, 0],
    ['7 months + 4 weeks', 7, 28],
    ['1 year + 2 months - 3 weeks + 1 day', 14, -20],
    ['- 4 days', 0, -4],
  ])('reads %j', (text, months, days) => {
    expect(parseOffset(text)).toEqual({ months, days });
  });

  it.each([
    '',
    'n/a',
    '4',
    'days',
    '4 fortnights',
    '4 days 3 weeks',
    '4 days -',
    '1.5 years',
    '4days',
    '4 days, 1 week',
  ])('does not read %j', (text) => {
    expect(parseOffset(text)).toBeUndefined();
  });
});

describe('date arithmetic, CALCDT-1 to CALCDT-6', () => {
  it.each([
    ['CALCDT-1', '2000-01-01', '10 years', '2010-01-01'],
    ['CALCDT-2', '2000-01-15', '13 months', '2001-02-15'],
    ['CALCDT-3', '2000-12-20', '2 weeks', '2001-01-03'],
    ['CALCDT-4', '2000-03-01', '0 days - 1 day', '2000-02-29'],
    ['CALCDT-5: no 31 September', '2000-03-31', '6 months', '2000-10-01'],
    ['CALCDT-5: no 29 February', '2004-02-29', '1 year', '2005-03-01'],
    ['CALCDT-5: 29 February in a leap year', '2003-08-29', '6 months', '2004-02-29'],
    ['CALCDT-5: 31 August to February', '2001-08-31', '6 months', '2002-03-01'],
    ['CALCDT-5: over the end of a year', '2001-10-31', '4 months', '2002-03-01'],
    ['CALCDT-6: days come after the roll-over', '2001-01-31', '6 months - 4 days', '2001-07-27'],
    ['CALCDT-6: 31 May to 1 October', '2001-05-31', '4 months - 1 day', '2001-09-30'],
    ['months that go back', '2001-03-31', '16 years - 4 months', '2016-12-01'],
    ['the end of a century', '1899-12-31', '2 months', '1900-03-01'],
  ])('%s', (_, from, text, expected) => {
    const offset = parseOffset(text);
    expect(offset && formatEpochDay(addOffset(day(from), offset))).toBe(expected);
  });

  it('agrees with the calendar: a sum of months is the same day of the month or the first', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -30_000, max: 60_000 }),
        fc.integer({ min: 0, max: 1500 }),
        (from, months) => {
          const start = day('1970-01-01');
          const begin = addOffset(start, { months: 0, days: from });
          const end = toCivilDate(addOffset(begin, { months, days: 0 }));
          const { year, month, day: dayOfMonth } = toCivilDate(begin);
          const reached = year * 12 + month - 1 + months;
          const monthsBetween = end.year * 12 + end.month - 1 - reached;
          expect(monthsBetween === 0 ? end.day : `${monthsBetween} ${end.day}`).toBe(
            monthsBetween === 0 ? dayOfMonth : '1 1',
          );
        },
      ),
    );
  });
});
