import { describe, expect, it } from 'vitest';
import { renderForecast } from '../../../src/cli/render-forecast.ts';
import { explainForecast } from '../../../src/forecast/forecast.ts';
import { day, doseData, history, scheduleWithSeries, seriesData } from '../forecast/small-schedule.ts';

const first = doseData({ ages: [{ absMinAge: '6 weeks - 4 days', minAge: '6 weeks' }] });
const second = doseData({
  ages: [{ earliestRecAge: '4 months', latestRecAge: '6 months', maxAge: '10 years' }],
  intervals: [{ fromPrevious: true, absMinInt: '4 weeks - 4 days', minInt: '4 weeks' }],
});
const schedule = scheduleWithSeries(seriesData({ doses: [first, second] }));

function render(date: string, doses: readonly (readonly [string, string?])[]): string {
  const given = history({ doses: doses.map((dose) => [...dose] as [string]) });
  const explained = explainForecast(schedule, given, day(date));
  const displayOf = (cvx: string) => (cvx === '10' ? 'IPV' : undefined);
  const about = {
    ...explained,
    subject: 'Patient/p',
    history: given,
    displayOf,
    warnings: ['the season is assumed'],
    notes: ['warning: left out'],
  };
  // The schedule has an MMR series too, without ages.
  return renderForecast(about).replace(/ {2}MMR.*\n(?: {6}.*\n)*/g, '');
}

const head = (date: string, doses: number) =>
  `Forecast for ${date} by schedule 1.0\nPatient/p, born 2020-01-01, female, doses: ${doses}`;
const dates =
  'overdue after 2020-06-30, not after 2029-12-31\n      give: IPV (CVX 10)\n      why: age (2020-01-01 + 4 months) [FORECASTDT-2]';

describe('a forecast for a person to read', () => {
  it.each([
    ['2020-04-30', `Later\n  Polio              dose 2 on 2020-05-01, possible from 2020-03-30, ${dates}`],
    ['2020-05-01', `Due now\n  Polio              dose 2 since 2020-05-01, ${dates}`],
    ['2020-06-30', `Due now\n  Polio              dose 2 since 2020-05-01, ${dates}`],
    ['2020-07-01', `Overdue\n  Polio              dose 2 since 2020-05-01, ${dates}`],
  ])('says on %s whether a dose is due, why, and until when', (date, section) => {
    const text = render(date, [['2020-03-02']]);
    expect(text.startsWith(`${head(date, 1)}\n\n`)).toBe(true);
    expect(text).toContain(section);
  });

  it.each(['permissive', 'isSharedDecision'] as const)('calls nobody late where it is %s', (left) => {
    const given = history({ doses: [['2020-03-02']] });
    const explained = explainForecast(schedule, given, day('2020-05-01'));
    const forecasts = explained.forecast.forecasts.map((each) => ({ ...each, [left]: true }));
    const text = renderForecast({
      ...explained,
      forecast: { ...explained.forecast, forecasts },
      subject: 'Patient/p',
      history: given,
      displayOf: () => undefined,
      warnings: [],
      notes: [],
    });
    expect(text).toContain('dose 2 since 2020-05-01, not after 2029-12-31');
  });

  it.each([
    ['Not Complete', false],
    ['Complete', false],
    ['Aged Out', true],
  ] as const)('says that a group is aged out beside one that is %s: %s', (status, isSaid) => {
    const given = history({ doses: [] });
    const explained = explainForecast(schedule, given, day('2020-05-01'));
    const forecasts = explained.forecast.forecasts.flatMap((each) => [
      { ...each, status },
      { ...each, status: 'Aged Out' as const },
    ]);
    const text = renderForecast({
      ...explained,
      forecast: { ...explained.forecast, forecasts },
      subject: 'Patient/p',
      history: given,
      displayOf: () => undefined,
      warnings: [],
      notes: [],
    });
    expect(text.includes('aged out')).toBe(isSaid);
  });

  it('says what is complete, which doses do not count, and what was not used', () => {
    const text = render('2021-01-01', [
      ['2020-01-20'],
      ['2020-03-02'],
      ['2020-05-01'],
      ['2020-05-02', '999'],
    ]);
    expect(text).toContain('Nothing to give\n  Polio              complete [Polio standard]');
    expect(text).toContain('Doses that do not count\n  2020-01-20 IPV (CVX 10): Polio not valid (too young)');
    expect(text).toContain('Not used\n  warning: left out\n  warning: 4: unknown cvx');
  });
});
