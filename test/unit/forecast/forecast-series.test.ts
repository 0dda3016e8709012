import { describe, expect, it } from 'vitest';
import { decideNeed } from '../../../src/forecast/forecast-need.ts';
import {
  antigenData,
  compile,
  datesOf,
  day,
  doseData,
  measles,
  scheduleData,
  scheduleWithDoses,
  scheduleWithSeries,
  seriesData,
  tell,
} from './small-schedule.ts';

describe('forecast need, Table 7-10', () => {
  const needed = {
    isImmune: false,
    isContraindicated: false,
    hasTarget: true,
    hasSatisfied: false,
    assessmentDate: day('2025-01-01'),
    seasonEnd: day('2025-01-01'),
    maximumAge: day('2025-01-02'),
    earliest: day('2025-01-01'),
  };
  it.each([
    [{}, 'Not Complete', undefined],
    [{ isImmune: true, isContraindicated: true, hasTarget: false }, 'Immune', 'immune'],
    [{ isContraindicated: true, hasTarget: false, hasSatisfied: true }, 'Contraindicated', 'contraindicated'],
    [{ hasTarget: false, hasSatisfied: true }, 'Complete', 'complete'],
    [{ hasTarget: false }, 'Not Recommended', 'past-immunization-history'],
    [{ seasonEnd: day('2024-12-31'), maximumAge: day('2024-01-01') }, 'Not Recommended', 'past-seasonal-end'],
    [{ maximumAge: day('2025-01-01') }, 'Aged Out', 'past-maximum-age'],
    [{ earliest: day('2025-01-02') }, 'Aged Out', 'cannot-finish-before-maximum-age'],
  ] as const)('with %o: %s', (facts, status, reason) => {
    expect(decideNeed({ ...needed, ...facts })).toEqual({ status, reason });
  });
});

describe('evidence of immunity, Table 7-3', () => {
  const polio = antigenData({
    immunity: {
      clinicalHistory: ['048'],
      birthDates: [
        { immunityBirthDate: '1957-01-01', exclusions: ['007'] },
        { immunityBirthDate: '1980-01-01', birthCountry: 'U.S.', exclusions: [] },
      ],
    },
  });
  const schedule = compile(scheduleData({ antigens: [polio, measles()] }));
  it.each([
    ['a clinical history', { observations: [['048']] }, 'Immune'],
    [
      'a clinical history beside an exclusion',
      { born: '1950-01-01', observations: [['048'], ['007']] },
      'Immune',
    ],
    ['birth before the date', { born: '1956-12-31' }, 'Immune'],
    ['birth on the date', { born: '1957-01-01' }, 'Not Complete'],
    [
      'birth before the date, but an exclusion',
      { born: '1956-12-31', observations: [['007']] },
      'Not Complete',
    ],
    ['birth in the country asked for', { born: '1979-12-31', country: 'U.S.' }, 'Immune'],
    ['birth in another country', { born: '1979-12-31', country: 'Canada' }, 'Not Complete'],
    ['birth in a country not known', { born: '1979-12-31' }, 'Not Complete'],
  ] as const)('%s', (_, given, status) => {
    expect(tell(schedule, given).series[0]?.status).toBe(status);
  });
});

describe('contraindications, Tables 7-5 to 7-7', () => {
  const polio = antigenData({
    contraindications: [{ observation: '080', beginAge: '5 years', endAge: '12 years' }],
    vaccineContraindications: [
      { observation: '007', vaccines: [{ cvx: '10' }] },
      { observation: '048', vaccines: [{ cvx: '89', endAge: '2 years' }] },
    ],
    series: [
      seriesData({
        doses: [
          doseData({
            preferableVaccines: [
              { cvx: '10', forecastVaccineType: true },
              { cvx: '89', forecastVaccineType: true },
            ],
          }),
          doseData({ preferableVaccines: [{ cvx: '10', forecastVaccineType: true }] }),
        ],
      }),
    ],
  });
  const schedule = compile(scheduleData({ antigens: [polio, measles()] }));
  it.each([
    ['against the antigen', [['080']], '2030-01-01', 'Contraindicated'],
    ['against the antigen, too young for it', [['080']], '2024-12-31', 'Not Complete'],
    ['against the antigen, too old for it', [['080']], '2032-01-01', 'Not Complete'],
    ['against one of two vaccines', [['007']], '2021-06-01', 'Not Complete'],
    ['against both vaccines', [['007'], ['048']], '2021-06-01', 'Contraindicated'],
    ['against both vaccines, one no longer at this age', [['007'], ['048']], '2022-01-01', 'Not Complete'],
    ['that ended the day before', [['080', '2026-01-01', '2029-12-31']], '2030-01-01', 'Not Complete'],
    ['that ends on the day', [['080', '2026-01-01', '2030-01-01']], '2030-01-01', 'Contraindicated'],
    ['that begins later', [['080', '2030-01-02']], '2030-01-01', 'Not Complete'],
  ] as const)('%s', (_, observations, assessed, status) => {
    expect(tell(schedule, { observations }, assessed).series[0]?.status).toBe(status);
  });

  it('asks of the next target dose, and of none when all are given', () => {
    const statusAfter = (...dates: readonly string[]) =>
      tell(
        schedule,
        { observations: [['007']], doses: dates.map((date) => [date, '10'] as const) },
        '2021-06-01',
      ).series[0]?.status;
    // The first dose may be of the other vaccine, the second is of this one alone.
    expect(statusAfter()).toBe('Not Complete');
    expect(statusAfter('2020-06-01')).toBe('Contraindicated');
    expect(statusAfter('2020-06-01', '2020-09-01')).toBe('Complete');
  });

  it('names what is contraindicated and what remains', () => {
    const [found] = tell(schedule, { observations: [['048']], doses: [] }, '2021-06-01').forecast.forecasts;
    expect(found).toMatchObject({
      recommendedVaccines: ['10'],
      contraindicatedVaccines: ['89'],
      supportingObservations: ['048'],
    });
  });
});

describe('forecast dates, FORECASTDTCAN-1 and FORECASTDT-1 to -6', () => {
  it('counts from the date of birth', () => {
    const ages = [
      {
        absMinAge: '1 day',
        minAge: '2 months',
        earliestRecAge: '3 months',
        latestRecAge: '4 months',
        maxAge: '20 years',
      },
    ];
    expect(datesOf(tell(scheduleWithDoses(doseData({ ages }))))).toEqual([
      '2020-03-01',
      '2020-04-01',
      '2020-04-30',
      '2039-12-31',
    ]);
  });

  it('counts intervals from their references, with the minimum and not the absolute minimum', () => {
    const intervals = [
      {
        fromPrevious: true,
        absMinInt: '4 weeks',
        minInt: '2 months',
        earliestRecInt: '3 months',
        latestRecInt: '4 months',
      },
      { fromTargetDose: 1, minInt: '1 month', latestRecInt: '1 year' },
    ] as const;
    const schedule = scheduleWithDoses(doseData(), doseData({ intervals }));
    expect(datesOf(tell(schedule, { doses: [['2021-01-01']] }))).toEqual([
      '2021-03-01',
      '2021-04-01',
      '2021-12-31',
      '-',
    ]);
  });

  it('an age recommendation goes before one by interval, and neither before the earliest date', () => {
    const second = doseData({
      ages: [{ earliestRecAge: '2 months', latestRecAge: '3 months' }],
      intervals: [
        { fromPrevious: true, minInt: '1 month', earliestRecInt: '9 months', latestRecInt: '9 months' },
      ],
    });
    const found = tell(scheduleWithDoses(doseData(), second), { doses: [['2021-01-01']] });
    expect(datesOf(found)).toEqual(['2021-02-01', '2021-02-01', '2021-02-01', '-']);
    expect(found.forecast.forecasts[0]?.dates).toMatchObject({
      unadjustedRecommended: day('2020-03-01'),
      unadjustedPastDue: day('2020-03-31'),
    });
  });

  it('never before birth, and the recommended date is the earliest when nothing else is given', () => {
    expect(datesOf(tell(scheduleWithDoses(doseData())))).toEqual(['2020-01-01', '2020-01-01', '-', '-']);
  });

  it('waits for the last dose of any status', () => {
    const schedule = scheduleWithDoses(doseData({ ages: [{ absMinAge: '1 month', maxAge: '30 years' }] }));
    const given = { doses: [['2020-01-15', '10', { condition: 'recall' as const }]] } as const;
    expect(datesOf(tell(schedule, given))[0]).toBe('2020-01-15');
  });

  it('waits for the season, and after it for the next', () => {
    const dose = doseData({ seasonalRecommendation: { startDate: '2025-07-01', endDate: '2026-06-30' } });
    const schedule = scheduleWithDoses(dose);
    expect(datesOf(tell(schedule, {}, '2025-01-01'))[0]).toBe('2025-07-01');
    expect(tell(schedule, {}, '2026-06-30').series[0]?.status).toBe('Not Complete');
    expect(datesOf(tell(schedule, {}, '2026-07-01'))[0]).toBe('2026-07-01');
  });

  it('waits for the full end of every conflict with a preferable vaccine (CALCDTCONFLICT-3)', () => {
    const schedule = compile(
      scheduleData({
        vaccineConflicts: [
          {
            previous: '21',
            current: '10',
            conflictBeginInterval: '1 day',
            minConflictEndInterval: '24 days',
            conflictEndInterval: '28 days',
          },
        ],
      }),
    );
    expect(datesOf(tell(schedule, { doses: [['2021-01-01', '21']] }))[0]).toBe('2021-01-29');
  });

  it('uses what is in effect on the assessment date', () => {
    const ages = [
      { minAge: '2 years', cessationDate: '2024-12-31' },
      { minAge: '1 year', effectiveDate: '2025-01-01' },
    ];
    const schedule = scheduleWithDoses(doseData({ ages }));
    expect(datesOf(tell(schedule, {}, '2024-12-31'))[0]).toBe('2022-01-01');
    expect(datesOf(tell(schedule, {}, '2025-01-01'))[0]).toBe('2021-01-01');
  });
});

describe('dose number, FORECASTDN-1', () => {
  it('counts satisfied target doses; skipped ones never', () => {
    const skipped = doseData({
      conditionalSkips: [
        { context: 'Both', sets: [{ conditionLogic: 'AND', conditions: [{ type: 'Age' }] }] },
      ],
    });
    const schedule = scheduleWithDoses(skipped, doseData(), doseData());
    expect(tell(schedule, { doses: [['2021-01-01']] }).forecast.forecasts[0]?.doseNumber).toBe(2);
  });

  it('counts a seasonal dose in its season only', () => {
    const seasonal = doseData({ recurringDose: true, seasonalRecommendation: { startDate: '2025-07-01' } });
    const number = (date: string) =>
      tell(scheduleWithDoses(seasonal), { doses: [[date]] }, '2025-12-01').forecast.forecasts[0]?.doseNumber;
    expect(number('2025-06-30')).toBe(1);
    expect(number('2025-07-01')).toBe(2);
  });

  const complete = seriesData({ doses: [doseData()] });
  const risk = (intervals: Parameters<typeof doseData>[0]) =>
    seriesData({
      seriesName: 'Polio risk',
      seriesType: 'Risk',
      seriesGroup: '2',
      defaultSeries: false,
      indications: [{ observation: '007' }],
      doses: [doseData({ ages: [{ absMinAge: '5 years' }], ...intervals }), doseData()],
    });
  it('goes on from the doses that were valid in a sister series', () => {
    const found = tell(scheduleWithSeries(complete, risk({})), {
      doses: [['2021-01-01'], ['2026-01-01']],
      observations: [['007']],
    });
    expect(found.forecast.forecasts[0]).toMatchObject({ seriesType: 'Risk', doseNumber: 3 });
  });

  it('begins anew in a series that counts from an observation', () => {
    const anew = risk({ intervals: [{ fromRelevantObs: '120', absMinInt: '0 days' }] });
    const found = tell(scheduleWithSeries(complete, anew), {
      doses: [['2021-01-01'], ['2026-01-01']],
      observations: [['007'], ['120', '2022-01-01']],
    });
    expect(found.forecast.forecasts[0]).toMatchObject({ seriesType: 'Risk', doseNumber: 2 });
  });
});

describe('recommended vaccines, FORECASTRECVAC-1', () => {
  it('puts forward what the schedule puts forward and what fits the age when due', () => {
    const dose = doseData({
      ages: [{ minAge: '1 year', earliestRecAge: '5 years' }],
      preferableVaccines: [
        { cvx: '10', forecastVaccineType: true },
        { cvx: '02', endAge: '2 years', forecastVaccineType: true },
        { cvx: '89', beginAge: '4 years', forecastVaccineType: false },
        { cvx: '21', beginAge: '6 years', forecastVaccineType: true },
      ],
    });
    const on = (date: string) => tell(scheduleWithDoses(dose), {}, date).forecast.forecasts[0];
    expect(on('2020-06-01')).toMatchObject({ recommendedVaccines: ['10', '02'], otherVaccines: ['89'] });
    // Nobody is given today what fitted when the dose was due.
    expect(on('2026-06-01')).toMatchObject({ recommendedVaccines: ['10', '21'], otherVaccines: ['89'] });
  });
});
