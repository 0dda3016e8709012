import { describe, expect, it } from 'vitest';
import { forecast } from '../../../src/forecast/forecast.ts';
import { day, doseData, history, scheduleWithSeries, seriesData } from './small-schedule.ts';

// CDSi Logic Specification, Table 8-14 and SELECTSCORE-2: such series count what was given, and recommend nothing.
describe('a series that is for evaluation only', () => {
  const series = (defaultSeries: boolean) =>
    seriesData({
      seriesName: 'Abroad',
      seriesType: 'Evaluation Only',
      defaultSeries,
      seriesGroup: '2',
      doses: [doseData({ ages: [{ maxAge: '46 Years' }] }), doseData()],
    });

  it.each([true, false])('is never forecast, though it be the default (%s)', (isDefault) => {
    for (const doses of [[], [['2020-06-01']]] as const) {
      const schedule = scheduleWithSeries(seriesData(), series(isDefault));
      const { forecasts } = forecast(schedule, history({ doses }), day('2021-01-01'));
      expect(forecasts.flatMap(({ seriesNames }) => seriesNames)).not.toContain('Abroad');
    }
  });

  it('is evaluated where there is no other, and ages are read in any case of their letters', () => {
    const schedule = scheduleWithSeries(series(false));
    const ask = (on: string) =>
      forecast(schedule, history({ born: '1970-01-02', doses: [[on]] }), day('2021-01-01'));
    expect(ask('2016-01-01').evaluations.map(({ status }) => status)).toEqual(['Valid']);
    expect(ask('2016-01-02').evaluations.map(({ status }) => status)).toEqual(['Extraneous']);
    expect(ask('2016-01-01').forecasts.filter(({ vaccineGroup }) => vaccineGroup === 'Polio')).toEqual([]);
  });
});
