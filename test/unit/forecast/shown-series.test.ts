import { describe, expect, it } from 'vitest';
import type { PreferableVaccineData, SeriesData } from '../../../src/forecast/schedule-data.ts';
import { antigenData, compile, doseData, measles, scheduleData, seriesData, tell } from './small-schedule.ts';

const vaccine = (cvx: string, more: Partial<PreferableVaccineData> = {}) => ({
  cvx,
  forecastVaccineType: true,
  ...more,
});
const other = (more: Partial<SeriesData>) =>
  seriesData({ seriesName: 'other', defaultSeries: false, ...more });
const dosesOf = (...preferableVaccines: readonly PreferableVaccineData[]) => [
  doseData({ preferableVaccines }),
];

/** Status and series of the Polio group. */
function shown(
  series: readonly SeriesData[],
  given: Parameters<typeof tell>[1],
  assessed: string,
  more = {},
) {
  const schedule = compile(scheduleData({ antigens: [antigenData({ series, ...more }), measles()] }));
  const [found] = tell(schedule, given, assessed).forecast.forecasts;
  return [found?.status, found?.seriesNames.join()];
}

describe('where all vaccines of the series are contraindicated', () => {
  const forbids = {
    vaccineContraindications: [{ observation: '048', vaccines: [{ cvx: '10' }, { cvx: '02' }] }],
  };
  const ask = (doses: SeriesData['doses'], age: string, more: Partial<SeriesData> = {}) =>
    shown([seriesData(), other({ doses, ...more })], { observations: [['048']] }, age, forbids);
  const none = ['Contraindicated', 'Polio standard'];
  const fromTwelve = vaccine('89', { beginAge: '12 years' });

  it('another series is gone on with that has one which fits', () => {
    expect(ask(dosesOf(fromTwelve), '2035-01-01')).toEqual(['Not Complete', 'other']);
    expect(ask(dosesOf(fromTwelve), '2030-01-01')).toEqual(none);
  });
  it('a forbidden vaccine that fits opens none', () => {
    expect(ask(dosesOf(vaccine('10'), fromTwelve), '2030-01-01')).toEqual(none);
  });
  it('a series that cannot be begun any more is none', () => {
    const ended = { maxAgeToStart: '5 years' };
    expect(ask(dosesOf(vaccine('89')), '2024-01-01', ended)).toEqual(['Not Complete', 'other']);
    expect(ask(dosesOf(vaccine('89')), '2030-01-01', ended)).toEqual(none);
  });
  it('nothing is gone on with against a contraindication of the disease itself', () => {
    const whole = { contraindications: [{ observation: '048' }] };
    const series = [seriesData(), other({ doses: dosesOf(vaccine('89')) })];
    expect(shown(series, { observations: [['048']] }, '2030-01-01', whole)).toEqual(none);
  });
});

describe('of two series for a risk', () => {
  const risk = (seriesName: string, minAge: string) =>
    other({
      seriesName,
      seriesType: 'Risk',
      indications: [{ observation: '007' }],
      doses: Array.from({ length: 3 }, () => doseData({ ages: [{ absMinAge: minAge, minAge }] })),
    });
  const both = [risk('infants', '2 months'), risk('children', '2 years')];
  const ask = (assessed: string, doses: readonly (readonly [string])[] = [], series = both) =>
    shown(series, { observations: [['007']], doses }, assessed)[1];

  it.each([
    ['2021-06-01', 'infants'],
    ['2023-06-01', 'children'],
  ])('the one for the age is shown: %s', (assessed, series) => {
    expect(ask(assessed)).toBe(series);
    expect(ask(assessed, [], both.toReversed())).toBe(series);
  });
  it('the one that was begun is', () => {
    expect(ask('2023-06-01', [['2020-04-01']])).toBe('infants');
  });
});
