import { describe, expect, it } from 'vitest';
import type { Forecast } from '../../../../src/forecast/forecast-result.ts';
import { withoutDistant } from '../../../../src/registry/forecasting/distant.ts';
import { type EpochDay, toEpochDay } from '../../../../src/values/epoch-day.ts';

describe('withoutDistant', () => {
  it.each`
    earliest                   | leftOut
    ${toEpochDay(2046, 2, 28)} | ${[]}
    ${toEpochDay(2046, 3, 1)}  | ${['Zoster']}
  `('leaves out what is due on the day twenty years ahead or later', ({ earliest, leftOut }) => {
    const forecasts = [{ vaccineGroup: 'Zoster', dates: { earliest: earliest as EpochDay } }];
    const found = withoutDistant({
      assessmentDate: toEpochDay(2026, 3, 1),
      forecasts,
    } as unknown as Forecast);
    expect(found.leftOut).toEqual(leftOut);
    expect(found.forecast.forecasts).toHaveLength(leftOut.length === 0 ? 1 : 0);
  });
});
