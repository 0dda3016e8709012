import { describe, expect, it } from 'vitest';
import { datesNear } from '../../../src/web/site-pages/patients/dates-near.ts';

describe('days that are easily written for another', () => {
  const near = datesNear('2024-03-08');

  it.each([
    ['2024-03-05', 'three days before'],
    ['2024-03-11', 'three days after'],
    ['2024-08-03', 'day and month swapped'],
    ['2023-03-08', 'another year'],
    ['2014-03-08', 'another decade'],
    ['2024-03-18', 'a digit'],
    ['2024-12-08', undefined],
    ['2042-03-08', 'digits changed'],
    ['2024-03-12', undefined],
    ['2024-03-08', undefined],
    ['2924-03-08', undefined],
  ])('%s: %s', (date, why) => {
    expect(near.includes(date)).toBe(why !== undefined);
  });

  it('are real days, each once, and few enough for one search', () => {
    expect(datesNear('2024-02-29')).toContain('2024-03-01');
    expect(datesNear('2024-02-29')).not.toContain('2023-02-29');
    expect(new Set(near).size).toBe(near.length);
    expect(near.length).toBeLessThan(60);
  });

  it('are none of a month, a year, or nothing', () => {
    expect([...datesNear('2024-03'), ...datesNear('2024'), ...datesNear('')]).toEqual([]);
  });
});
