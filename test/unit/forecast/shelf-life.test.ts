import { describe, expect, it } from 'vitest';
import { scheduleWarnings } from '../../../src/forecast/shelf-life.ts';
import { day, scheduleData } from './small-schedule.ts';

describe('how long a schedule may be trusted', () => {
  const schedule = scheduleData({
    id: 'USA-XX',
    version: 'spring',
    effective: '2026-02-01',
    expires: '2026-12-31',
  });
  it.each([
    ['2026-01-31', ['Schedule USA-XX spring is in effect only from 2026-02-01']],
    ['2026-02-01', []],
    ['2026-12-31', []],
    [
      '2027-01-01',
      ['Schedule USA-XX spring expired on 2026-12-31; whether its advice has changed since is not known'],
    ],
  ])('on %s', (on, warnings) => {
    expect(scheduleWarnings(schedule, day(on))).toEqual(warnings);
  });

  it('is not told of one that says nothing of it', () => {
    expect(scheduleWarnings(scheduleData(), day('2090-01-01'))).toEqual([]);
  });
});
