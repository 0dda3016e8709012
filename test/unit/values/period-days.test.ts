import { expect, it } from 'vitest';
import { toEpochDay } from '../../../src/values/epoch-day.ts';
import { holdsDay, type WrittenPeriod } from '../../../src/values/period-days.ts';

it.each<[WrittenPeriod, boolean]>([
  [{}, true],
  [{ start: '2026-03-09' }, true],
  [{ start: '2026-03-10' }, false],
  [{ start: '2026-03' }, true],
  [{ start: '2026-04' }, false],
  [{ end: '2026-03-09' }, true],
  [{ end: '2026-03-08' }, false],
  [{ end: '2026-03' }, true],
  [{ end: '2026' }, true],
  [{ end: '2026-02' }, false],
  [{ start: '2026-03-09T23:00:00-08:00', end: '2026-03-09T00:00:00+10:00' }, true],
  [{ start: 'soon', end: 'late' }, true],
])('says of %j whether it holds 2026-03-09', (period, holds) => {
  expect(holdsDay(period, toEpochDay(2026, 3, 9))).toBe(holds);
});
