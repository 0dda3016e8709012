import { describe, expect, it } from 'vitest';
import { explainForecast } from '../../../src/forecast/forecast.ts';
import type { ForecastDates } from '../../../src/forecast/forecast-result.ts';
import { schedule, toDay, toHistory } from '../../cdsi/answer-case.ts';
import { readCases } from '../../cdsi/cdsi-case.ts';
import { day, doseData, scheduleWithDoses, tell } from './small-schedule.ts';

const explained = readCases()
  .filter((_, i) => i % 20 === 0)
  .map((each) => ({ each, ...explainForecast(schedule, toHistory(each), toDay(each.assessmentDate)) }));

describe('an explanation', () => {
  it.each(explained)('of $each.id tells of every dose in every series, and why', ({ explanation }) => {
    for (const { series } of explanation.antigens) {
      for (const { doses, forecastSteps } of series) {
        for (const dose of doses) {
          const said = dose.reasons[0] === 'series-already-complete' || dose.steps.length > 0;
          expect(said, `${dose.doseId} ${dose.status}`).toBe(true);
        }
        expect(forecastSteps.some(({ rule }) => rule === 'Table 7-10')).toBe(true);
      }
    }
  });

  it.each(explained)('of $each.id shows which date won, for each earliest date', ({ explanation }) => {
    const series = explanation.antigens.flatMap((antigen) => antigen.series);
    for (const { dates, forecastSteps } of series.filter(({ dates }) => dates !== undefined)) {
      const candidates = forecastSteps.filter(({ subject }) => subject.startsWith('earliest: '));
      if (candidates.length === 0) continue;
      const winners = candidates.filter(({ outcome }) => outcome === 'won').map(({ limit }) => limit);
      expect(winners).toContain(dates?.earliest);
    }
  });

  it.each([
    ['FORECASTDT-2', ({ unadjustedRecommended }: ForecastDates) => unadjustedRecommended],
    ['FORECASTDT-3', ({ unadjustedPastDue }: ForecastDates) => unadjustedPastDue],
  ] as const)('shows which age or interval won by %s', (rule, dateOf) => {
    const series = explained
      .flatMap(({ explanation }) => explanation.antigens)
      .flatMap((each) => each.series);
    let won = 0;
    for (const { dates, forecastSteps } of series) {
      const date = dates && dateOf(dates);
      // Those of a target dose that gave way to this one are told too.
      const gave = forecastSteps.filter((step) => step.rule === rule && step.limit === date);
      if (gave.length === 0) continue;
      expect(gave.map(({ outcome }) => outcome)).toContain('won');
      won++;
    }
    expect(won).toBeGreaterThan(100);
  });

  it('is plain data', () => {
    const [first] = explained;
    expect(JSON.parse(JSON.stringify(first?.explanation))).toEqual(first?.explanation);
  });

  it('holds rule, dates and outcome of a step', () => {
    const schedule = scheduleWithDoses(doseData({ ages: [{ absMinAge: '1 year' }] }));
    expect(tell(schedule, { doses: [['2020-12-31']] }).series[0]?.doses[0]?.steps[0]).toEqual({
      rule: 'CALCDTAGE-5',
      subject: 'absolute minimum age',
      reference: day('2020-12-31'),
      limit: day('2021-01-01'),
      offset: '1 year',
      outcome: 'failed',
    });
  });
});
