import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import type { SeasonRuleData } from '../../../src/forecast/schedule-data.ts';
import { ScheduleError } from '../../../src/forecast/schedule-error.ts';
import { seasonOn } from '../../../src/forecast/seasons.ts';
import type { EpochDay } from '../../../src/values/epoch-day.ts';
import { formatEpochDay, toEpochDay } from '../../../src/values/epoch-day.ts';
import { antigenData, doseData, measles, scheduleData, seriesData } from './small-schedule.ts';

const influenza = { startDate: '2025-07-01', endDate: '2026-06-30' };
const rsv = { startDate: '2025-10-01', endDate: '2026-03-31' };
const covid = { startDate: '2025-08-27' };

describe('the season of a day', () => {
  it.each([
    ['is the coded one before it begins', influenza, '2024-01-01', influenza],
    ['is the coded one to its last day', influenza, '2026-06-30', influenza],
    ['is assumed from the day after', influenza, '2026-07-01', assumed('2026-07-01', '2027-06-30')],
    ['repeats for good', influenza, '2031-02-28', assumed('2030-07-01', '2031-06-30')],
    ['between two seasons is the next', rsv, '2026-04-01', assumed('2026-10-01', '2027-03-31')],
    ['goes over the turn of the year', rsv, '2027-03-31', assumed('2026-10-01', '2027-03-31')],
    ['without an end lasts until the next', covid, '2026-08-26', covid],
    ['without an end is followed by the next', covid, '2026-08-27', assumed('2026-08-27')],
    ['without an end repeats', covid, '2029-08-26', assumed('2028-08-27')],
    [
      'is there on the last day that can be written',
      influenza,
      '9999-12-31',
      assumed('9999-07-01', '9999-12-31'),
    ],
    ['without an end is there on that day too', covid, '9999-12-31', assumed('9999-08-27')],
    [
      'begins on the last of February',
      { startDate: '2024-02-29', endDate: '2024-03-10' },
      '2025-03-10',
      assumed('2025-02-28', '2025-03-10'),
    ],
  ])('%s', (_, coded, day, expected) => {
    expect(seasonOn(coded, undefined, day)).toEqual(expected);
  });

  const dated: SeasonRuleData = {
    antigen: 'Influenza',
    dated: [{ startDate: '2026-09-15', endDate: '2027-05-31' }],
    repeats: { from: '09-01', to: '05-31' },
  };
  it.each([
    ['is the dated one behind the coded one', '2026-07-01', dated.dated[0]],
    ['is assumed behind the last that is dated', '2027-06-01', assumed('2027-09-01', '2028-05-31')],
  ])('of a rule %s', (_, day, expected) => {
    expect(seasonOn(influenza, dated, day)).toEqual(expected);
  });

  it('has not ended, and the one before had', () => {
    const days = { min: toEpochDay(2025, 7, 1), max: toEpochDay(2060, 1, 1) };
    fc.assert(
      fc.property(fc.integer(days), (number) => {
        const day = formatEpochDay(number as EpochDay);
        const { startDate, endDate = '' } = seasonOn(rsv, undefined, day);
        expect(day <= endDate).toBe(true);
        const before = `${Number(endDate.slice(0, 4)) - 1}${endDate.slice(4)}`;
        expect(day > before || startDate === rsv.startDate).toBe(true);
      }),
    );
  });

  function assumed(startDate: string, endDate?: string) {
    return { startDate, ...(endDate !== undefined && { endDate }), assumed: true };
  }
});

describe('a rule of seasons', () => {
  const seasonal = seriesData({ doses: [doseData({ seasonalRecommendation: influenza })] });
  const data = (rule: Partial<SeasonRuleData>) => ({
    ...scheduleData({ antigens: [antigenData({ series: [seasonal] }), measles()] }),
    seasons: [{ antigen: 'Polio', dated: [], repeats: { from: '07-01', to: '06-30' }, ...rule }],
  });
  it.each<[string, Partial<SeasonRuleData>, RegExp]>([
    ['names an antigen without one', { antigen: 'Measles' }, /seasons\[0\]\.antigen.*Measles/],
    ['names a series without one', { series: ['None'] }, /seasons\[0\]\.series\[0\].*None/],
    ['overlaps', { dated: [{ startDate: '2026-06-01', endDate: '2027-01-01' }] }, /dated\[0\]\.startDate/],
    [
      'goes on behind the beginning of the next',
      { dated: [{ startDate: '2026-07-01', endDate: '2027-07-01' }] },
      /dated\[0\]\.endDate.*2027-07-01/,
    ],
    ['has no month and day', { repeats: { from: '7-1' } }, /repeats\.from/],
  ])('that %s is refused', (_, rule, place) => {
    expect(() => readScheduleData(data(rule))).toThrow(ScheduleError);
    expect(() => readScheduleData(data(rule))).toThrow(place);
  });

  it('is read', () => {
    expect(readScheduleData(data({})).seasons).toHaveLength(1);
    const dated = [{ startDate: '2026-07-01', endDate: '2027-06-30' }];
    expect(readScheduleData(data({ dated })).seasons).toHaveLength(1);
  });
});
