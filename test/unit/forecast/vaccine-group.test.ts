import { describe, expect, it } from 'vitest';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { SeriesStatus } from '../../../src/forecast/forecast-result.ts';
import type { ScheduleData, SeriesData, SeriesDoseData } from '../../../src/forecast/schedule-data.ts';
import { blendStatus } from '../../../src/forecast/vaccine-group-forecast.ts';
import { formatEpochDay } from '../../../src/values/epoch-day.ts';
import {
  antigenData,
  compile,
  day,
  doseData,
  history,
  measles,
  scheduleData,
  scheduleWithSeries,
  seriesData,
  tell,
} from './small-schedule.ts';

describe('status of a group of several antigens, Table 9-4', () => {
  it.each([
    [['Contraindicated', 'Aged Out'], 'Contraindicated'],
    [['Aged Out', 'Not Recommended'], 'Aged Out'],
    [['Not Complete', 'Not Recommended'], 'Not Recommended'],
    [['Immune', 'Not Complete', 'Complete'], 'Not Complete'],
    [['Immune', 'Immune'], 'Immune'],
    [['Complete', 'Immune'], 'Complete'],
    [['Complete', 'Complete'], 'Complete'],
  ] as readonly (readonly [SeriesStatus[], SeriesStatus])[])('%j: %s', (statuses, status) => {
    expect(blendStatus(statuses)).toBe(status);
  });
});

/** One vaccine group of two antigens, both in CVX 10; only the first in CVX 02. */
function twoAntigens(
  first: readonly SeriesDoseData[],
  second: readonly SeriesDoseData[],
  full: boolean,
): ScheduleData {
  const antigen = (name: string, doses: readonly SeriesDoseData[]) =>
    antigenData({ antigen: name, series: [seriesData({ seriesName: name, vaccineGroup: 'Both', doses })] });
  return scheduleData({
    vaccines: [
      { cvx: '10', shortDescription: 'both', associations: [{ antigen: 'First' }, { antigen: 'Second' }] },
      { cvx: '02', shortDescription: 'first', associations: [{ antigen: 'First' }] },
    ],
    vaccineGroups: [{ name: 'Both', antigens: ['First', 'Second'], administerFullVaccineGroup: full }],
    antigens: [antigen('First', first), antigen('Second', second)],
  });
}

describe('dates of a group of several antigens, MULTIANTVG-1 and FORECASTVG-2 to -4', () => {
  const early = doseData({
    ages: [{ minAge: '1 month', earliestRecAge: '2 months', latestRecAge: '2 years', maxAge: '20 years' }],
  });
  const late = doseData({
    ages: [{ minAge: '3 months', earliestRecAge: '4 months', latestRecAge: '1 year', maxAge: '10 years' }],
  });
  const dates = (data: ScheduleData, given: Parameters<typeof history>[0] = {}) => {
    const found = forecast(compile(data), history(given), day('2025-01-01')).forecasts[0]?.dates;
    return [found?.earliest, found?.recommended, found?.pastDue, found?.latest].map((each) =>
      each === undefined ? '-' : formatEpochDay(each),
    );
  };

  it('takes the latest earliest date, and the first of the others but not before it', () => {
    expect(dates(twoAntigens([early], [late], true))).toEqual([
      '2020-04-01',
      '2020-04-01',
      '2020-12-31',
      '2029-12-31',
    ]);
  });

  it('a priority forecast pulls the group forward, but not before the last dose', () => {
    const hurried = doseData({
      ages: [{ minAge: '1 month' }],
      intervals: [{ fromPrevious: true, minInt: '1 day', intervalPriority: true }],
    });
    expect(dates(twoAntigens([hurried], [late], true))[0]).toBe('2020-02-01');
    const first = doseData({ preferableVaccines: [{ cvx: '02', forecastVaccineType: true }] });
    const given = { doses: [['2020-03-15', '02']] } as const;
    expect(dates(twoAntigens([first, late], [hurried], true), given)[0]).toBe('2020-03-15');
  });

  it.each([
    [true, 1],
    [false, 2],
  ])('number with administerFullVaccineGroup %s, FORECASTDN-2', (full, number) => {
    const first = doseData({ preferableVaccines: [{ cvx: '02', forecastVaccineType: true }] });
    const schedule = compile(twoAntigens([first, doseData()], [doseData()], full));
    const [found] = forecast(
      schedule,
      history({ doses: [['2021-01-01', '02']] }),
      day('2025-01-01'),
    ).forecasts;
    expect(found?.doseNumber).toBe(number);
  });

  it('names the antigens needed, and no reason of those that are not (FORECASTVG-7, -8)', () => {
    const first = doseData({ preferableVaccines: [{ cvx: '02', forecastVaccineType: true }] });
    const schedule = compile(twoAntigens([first], [doseData()], true));
    const [found] = forecast(
      schedule,
      history({ doses: [['2021-01-01', '02']] }),
      day('2025-01-01'),
    ).forecasts;
    expect(found).toMatchObject({
      status: 'Not Complete',
      antigensNeeded: ['Second'],
      reasons: [],
      supportingDoses: ['1'],
    });
  });
});

describe('several forecasts of one vaccine group', () => {
  const standard = (extra: Partial<SeriesData> = {}) =>
    seriesData({ doses: [doseData(), doseData()], ...extra });
  const risk = (extra: Partial<SeriesData> = {}) =>
    seriesData({
      seriesName: 'risk',
      seriesType: 'Risk',
      seriesGroup: '2',
      indications: [{ observation: '007' }],
      doses: [doseData(), doseData()],
      ...extra,
    });
  const adult = standard({ seriesName: 'adult', seriesGroup: '3', minAgeToStart: '50 years' });
  const order = (series: readonly SeriesData[], given: Parameters<typeof history>[0] = {}) =>
    tell(scheduleWithSeries(...series), { observations: [['007']], ...given })
      .forecast.forecasts.filter(({ vaccineGroup }) => vaccineGroup === 'Polio')
      .map(({ seriesGroup, status }) => `${seriesGroup} ${status}`);

  it('one for each series group, never mixed', () => {
    expect(order([standard(), adult])).toHaveLength(2);
  });

  it('puts what the patient is too young for last, unless a dose of it was valid', () => {
    expect(order([adult, standard()])).toEqual(['1 Not Complete', '3 Not Complete']);
    expect(order([adult, standard({ doses: [doseData()] })], { doses: [['2021-01-01']] })).toEqual([
      '3 Not Complete',
      '1 Complete',
    ]);
  });

  it('puts risk before standard while it says something', () => {
    expect(order([standard(), risk()])).toEqual(['2 Not Complete', '1 Not Complete']);
    expect(order([standard(), risk({ doses: [doseData()] })], { doses: [['2021-01-01']] })).toEqual([
      '2 Complete',
      '1 Not Complete',
    ]);
    expect(order([standard(), risk({ doses: [doseData({ ages: [{ maxAge: '1 year' }] })] })])).toEqual([
      '1 Not Complete',
      '2 Aged Out',
    ]);
  });

  it('gives one evaluation for each dose and antigen, that of the first forecast', () => {
    const { evaluations } = tell(scheduleWithSeries(standard(), risk()), {
      doses: [['2021-01-01'], ['2022-01-01']],
      observations: [['007']],
    }).forecast;
    expect(evaluations.map(({ doseId, seriesType, targetDose }) => [doseId, seriesType, targetDose])).toEqual(
      [
        ['1', 'Risk', 1],
        ['2', 'Risk', 2],
      ],
    );
  });

  it('gives the evaluation of the series in which the dose counts', () => {
    const late = { ...risk(), doses: [doseData({ ages: [{ absMinAge: '5 years' }] })] };
    const { evaluations } = tell(scheduleWithSeries(standard(), late), {
      doses: [['2021-01-01'], ['2026-01-01']],
      observations: [['007']],
    }).forecast;
    expect(evaluations.map(({ doseId, seriesType, status }) => [doseId, seriesType, status])).toEqual([
      ['1', 'Standard', 'Valid'],
      ['2', expect.any(String), 'Valid'],
    ]);
  });
});

describe('what cannot be judged', () => {
  it('is reported and not guessed', () => {
    const { forecast: found } = tell(scheduleWithSeries(standardOnly()), {
      doses: [['2021-01-01', '999'], ['2019-12-31'], ['2030-01-02'], ['2021-01-01']],
    });
    expect(found.dataProblems).toEqual([
      { doseId: '1', problem: 'unknown-cvx' },
      { doseId: '2', problem: 'before-birth' },
      { doseId: '3', problem: 'after-assessment' },
    ]);
    expect(found.evaluations.map(({ doseId }) => doseId)).toEqual(['4']);
  });

  it('names doses of an antigen for which no series applies', () => {
    const schedule = compile(
      scheduleData({
        antigens: [antigenData(), measles({ seriesType: 'Risk', indications: [{ observation: '007' }] })],
      }),
    );
    const found = forecast(schedule, history({ doses: [['2021-01-01', '03']] }), day('2025-01-01'));
    expect(found.unjudgedDoses).toEqual([{ doseId: '1', antigen: 'Measles' }]);
    expect(found.evaluations).toEqual([]);
  });

  it('splits a dose by the age at which it holds an antigen (4.2)', () => {
    const vaccines = [
      {
        cvx: '10',
        shortDescription: 'changes with age',
        associations: [
          { antigen: 'Polio', endAge: '50 years' },
          { antigen: 'Measles', beginAge: '50 years' },
        ],
      },
    ];
    const schedule = compile(scheduleData({ vaccines }));
    const antigens = (date: string) =>
      forecast(schedule, history({ born: '1950-01-01', doses: [[date]] }), day('2025-01-01')).evaluations.map(
        ({ antigen }) => antigen,
      );
    expect(antigens('1999-12-31')).toEqual(['Polio']);
    expect(antigens('2000-01-01')).toEqual(['Measles']);
  });

  function standardOnly(): SeriesData {
    return seriesData();
  }
});
