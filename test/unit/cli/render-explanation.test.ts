import { describe, expect, it } from 'vitest';
import { renderExplanation } from '../../../src/cli/render-explanation.ts';
import { explainForecast } from '../../../src/forecast/forecast.ts';
import { day, doseData, history, scheduleWithSeries, seriesData } from '../forecast/small-schedule.ts';

const first = doseData({ ages: [{ absMinAge: '6 weeks - 4 days', minAge: '6 weeks' }] });
const second = doseData({
  ages: [{ earliestRecAge: '2 months', latestRecAge: '3 months' }],
  intervals: [{ fromPrevious: true, absMinInt: '4 weeks - 4 days', minInt: '4 weeks' }],
});
const risk = seriesData({
  seriesName: 'Polio risk',
  seriesType: 'Risk',
  seriesGroup: '2',
  indications: [{ observation: '007' }],
});
const schedule = scheduleWithSeries(seriesData({ doses: [first, second] }), risk);

function render(allSeries: boolean): string {
  const given = history({ doses: [['2020-02-10'], ['2020-03-01'], ['2031-01-01'], ['2020-03-01', '999']] });
  const { forecast, explanation } = explainForecast(schedule, given, day('2021-01-01'));
  return renderExplanation(forecast, explanation, { allSeries });
}

describe('an explanation as text', () => {
  it('gives the answer first, then every rule that decided', () => {
    expect(render(false)).toBe(`Forecast of 2021-01-01 by schedule 1.0

Not judged
  dose 3: given after the assessment date
  dose 4: the schedule does not know its CVX code

== Polio ==
Standard, group 1: Not Complete, dose 2: earliest 2020-03-29, recommended 2020-03-29, past due 2020-03-31, CVX 10
Polio: 1 series apply, 1 do not (Table 5-4)
  group 1: Polio standard by only-scorable (Table 8-3); shown: standard (Table 8-14)
  Polio standard: Not Complete, next target dose 2
    dose 1 of 2020-02-10, CVX 10, target dose 1: Valid (age grace period)
      + absolute minimum age: 2020-02-10 against 2020-02-08 (6 weeks - 4 days) passed [CALCDTAGE-5]
      ~ minimum age: 2020-02-10 against 2020-02-12 (6 weeks) grace-period [CALCDTAGE-4]
      + vaccine CVX 10: preferable: 2020-02-10 passed [6.8]
    dose 2 of 2020-03-01, CVX 10, target dose 2: Not Valid (too soon)
      - absolute minimum interval from the previous dose: 2020-03-01 against 2020-03-05 (4 weeks - 4 days) failed [CALCDTINT-3]
      + vaccine CVX 10: preferable: 2020-03-01 passed [6.8]
    forecast
      * earliest: minimum interval from the previous dose: 2020-03-29 (2020-03-01 + 4 weeks) won [FORECASTDTCAN-1]
        earliest: last dose given: 2020-03-01 considered [FORECASTDTCAN-1]
      * recommended: age: 2020-03-01 (2020-01-01 + 2 months) won [FORECASTDT-2]
      * past due: age: 2020-03-31 (2020-01-01 + 3 months - 1 day) won [FORECASTDT-3]
      * recommended: not before the earliest date: 2020-03-29 (2020-03-01) won [FORECASTDT-5]
      + dose needed passed [Table 7-10]

== MMR ==
Standard, group 1: Not Complete, dose 1: earliest 2020-01-01, recommended 2020-01-01, CVX 03
Measles: 1 series apply, 0 do not (Table 5-4)
  group 1: Measles standard by default-series (Table 8-3); shown: standard (Table 8-14)
  Measles standard: Not Complete, next target dose 1
    forecast
      + dose needed passed [Table 7-10]
`);
  });

  it('names series that do not apply when asked for all', () => {
    expect(render(true)).toContain('  not relevant (no-indication): Polio risk\n');
  });
});
