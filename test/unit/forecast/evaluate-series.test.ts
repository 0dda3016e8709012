import { describe, expect, it } from 'vitest';
import { judgeAge } from '../../../src/forecast/evaluate-age.ts';
import { targetDoseVerdict } from '../../../src/forecast/evaluate-series.ts';
import {
  antigenData,
  compile,
  day,
  doseData,
  measles,
  scheduleData,
  scheduleWithDoses,
  seriesData,
  tell,
  verdicts,
} from './small-schedule.ts';

describe('evaluate age, Table 6-15', () => {
  const limits = {
    absoluteMinimum: day('2020-02-10'),
    minimum: day('2020-02-14'),
    maximum: day('2021-01-01'),
  };
  it.each([
    ['2020-02-09', 'too-young'],
    ['2020-02-10', 'grace-period'],
    ['2020-02-13', 'grace-period'],
    ['2020-02-14', 'right'],
    ['2020-12-31', 'right'],
    ['2021-01-01', 'too-old'],
  ])('a dose of %s is %s', (date, verdict) => {
    expect(judgeAge(day(date), limits)).toBe(verdict);
  });

  const ages = [{ absMinAge: '6 weeks - 4 days', minAge: '6 weeks', maxAge: '12 months' }];
  it.each([
    ['2020-02-07', 'Not Valid: too-young'],
    ['2020-02-08', 'Valid: age-grace-period'],
    ['2020-02-12', 'Valid'],
    ['2021-01-01', 'Extraneous: too-old'],
  ])('judges a dose of %s as %s', (date, verdict) => {
    expect(verdicts(scheduleWithDoses(doseData({ ages })), { doses: [[date]] })).toEqual([verdict]);
  });

  it('uses the instance that is in effect on the date administered, both days included', () => {
    const changing = doseData({
      ages: [
        { absMinAge: '2 years', cessationDate: '2021-05-31' },
        { absMinAge: '1 year', effectiveDate: '2021-06-01' },
      ],
    });
    const at = (date: string) => verdicts(scheduleWithDoses(changing), { doses: [[date]] });
    expect(at('2021-05-31')).toEqual(['Not Valid: too-young']);
    expect(at('2021-06-01')).toEqual(['Valid']);
  });
});

describe('is the target dose satisfied? Table 6-31', () => {
  it.each([
    ['too-old', 'too-soon', true, 'neither', 'Extraneous'],
    ['too-old', 'right', false, 'preferable', 'Extraneous'],
    ['too-young', 'right', false, 'preferable', 'Not Valid'],
    ['right', 'too-soon', false, 'preferable', 'Not Valid'],
    ['right', 'right', true, 'preferable', 'Not Valid'],
    ['right', 'right', false, 'neither', 'Not Valid'],
    ['grace-period', 'grace-period', false, 'allowable', 'Valid'],
    ['right', 'right', false, 'preferable', 'Valid'],
  ] as const)('%s, %s, conflict %s, %s: %s', (age, interval, conflict, vaccine, status) => {
    expect(targetDoseVerdict({ age, interval, conflict, vaccine })).toBe(status);
  });

  it('keeps every reason, the deciding ones first', () => {
    const second = doseData({
      ages: [{ minAge: '10 years' }],
      intervals: [{ fromPrevious: true, absMinInt: '4 weeks' }],
    });
    const given = { doses: [['2021-01-01'], ['2021-01-10', '02']] } as const;
    expect(verdicts(scheduleWithDoses(doseData(), second), given)[1]).toBe(
      'Not Valid: too-soon, not-preferable-or-allowable, age-grace-period',
    );
  });
});

describe('the dose itself (6.1, 6.3)', () => {
  it.each([
    [{ lotExpiration: day('2020-12-31') }, 'Sub-standard: lot-expired'],
    [{ lotExpiration: day('2021-01-01') }, 'Valid'],
    [{ condition: 'recall' as const }, 'Sub-standard: dose-condition'],
  ])('with %o is %s', (extra, verdict) => {
    expect(verdicts(scheduleWithDoses(doseData()), { doses: [['2021-01-01', '10', extra]] })).toEqual([
      verdict,
    ]);
  });

  it('leaves the target dose to the next record, and is no interval reference', () => {
    const doses = [doseData({ intervals: [{ fromPrevious: true, absMinInt: '4 weeks' }] })];
    const given = {
      doses: [['2021-01-01', '10', { condition: 'storage' as const }], ['2021-01-02']],
    } as const;
    expect(verdicts(scheduleWithDoses(...doses), given)).toEqual(['Sub-standard: dose-condition', 'Valid']);
  });

  it('an inadvertent vaccine is Not Valid for that alone, and restarts no interval', () => {
    const second = doseData({
      ages: [{ absMinAge: '2 years' }],
      inadvertentVaccines: ['02'],
      intervals: [{ fromPrevious: true, absMinInt: '4 weeks' }],
    });
    const given = { doses: [['2021-12-20'], ['2021-12-25', '02'], ['2022-01-17']] } as const;
    expect(verdicts(scheduleWithDoses(doseData(), second), given)).toEqual([
      'Valid',
      'Not Valid: inadvertent-vaccine',
      'Valid',
    ]);
  });

  it('what comes after the last target dose is extraneous', () => {
    const given = { doses: [['2021-01-01'], ['2022-01-01']] } as const;
    expect(verdicts(scheduleWithDoses(doseData()), given)).toEqual([
      'Valid',
      'Extraneous: series-already-complete',
    ]);
  });

  it('asks for a recurring target dose again and again', () => {
    const given = { doses: [['2021-01-01'], ['2022-01-01'], ['2023-01-01']] } as const;
    expect(verdicts(scheduleWithDoses(doseData({ recurringDose: true })), given)).toEqual([
      'Valid',
      'Valid',
      'Valid',
    ]);
  });
});

describe('intervals (6.5, 6.6)', () => {
  const fourWeeks = { fromPrevious: true, absMinInt: '4 weeks - 4 days', minInt: '4 weeks' } as const;
  it.each([
    ['2021-01-24', 'Not Valid: too-soon'],
    ['2021-01-25', 'Valid: interval-grace-period'],
    ['2021-01-29', 'Valid'],
  ])('a second dose of %s is %s', (date, verdict) => {
    const schedule = scheduleWithDoses(doseData(), doseData({ intervals: [fourWeeks] }));
    expect(verdicts(schedule, { doses: [['2021-01-01'], [date]] })[1]).toBe(verdict);
  });

  it('counts from the previous dose even if that one was not valid (CALCDTINT-1)', () => {
    const schedule = scheduleWithDoses(doseData(), doseData({ intervals: [fourWeeks] }));
    const given = { doses: [['2021-01-01'], ['2021-01-10'], ['2021-02-01']] } as const;
    expect(verdicts(schedule, given)).toEqual(['Valid', 'Not Valid: too-soon', 'Not Valid: too-soon']);
  });

  it('counts from the dose that satisfied a target dose (CALCDTINT-2)', () => {
    const third = doseData({ intervals: [{ fromTargetDose: 1, absMinInt: '6 months' }] });
    const schedule = scheduleWithDoses(doseData(), doseData(), third);
    const given = { doses: [['2021-01-01'], ['2021-02-01'], ['2021-06-30'], ['2021-07-01']] } as const;
    expect(verdicts(schedule, given).slice(2)).toEqual(['Not Valid: too-soon', 'Valid']);
  });

  it('counts from the most recent dose of certain vaccines, of whatever antigen (CALCDTINT-8)', () => {
    const first = doseData({ intervals: [{ fromMostRecent: ['21', '02'], absMinInt: '8 weeks' }] });
    const at = (date: string) =>
      verdicts(scheduleWithDoses(first), { doses: [['2021-01-01', '21'], [date]] });
    expect(at('2021-02-25')).toEqual(['Not Valid: too-soon']);
    expect(at('2021-02-26')).toEqual(['Valid']);
  });

  it('does not count from a most recent dose that was inadvertent in the series', () => {
    const first = doseData({
      inadvertentVaccines: ['02'],
      intervals: [{ fromMostRecent: ['02'], absMinInt: '8 weeks' }],
    });
    const given = { doses: [['2021-01-01', '02'], ['2021-01-02']] } as const;
    expect(verdicts(scheduleWithDoses(first), given)).toEqual(['Not Valid: inadvertent-vaccine', 'Valid']);
  });

  it('counts from an observation (CALCDTINT-9), the most recent if it was made twice', () => {
    const first = doseData({ intervals: [{ fromRelevantObs: '171', absMinInt: '6 months' }] });
    const at = (date: string) =>
      verdicts(scheduleWithDoses(first), {
        doses: [[date]],
        observations: [['171', '2021-03-01'], ['171', '2021-01-01'], ['171']],
      });
    expect(at('2021-08-31')).toEqual(['Not Valid: too-soon']);
    expect(at('2021-09-01')).toEqual(['Valid']);
  });

  it.each([
    ['a target dose that was skipped', { fromTargetDose: 1, absMinInt: '9 years' }],
    ['a vaccine never given', { fromMostRecent: ['21'], absMinInt: '9 years' }],
    ['an observation without a date', { fromRelevantObs: '120', absMinInt: '9 years' }],
  ])('ignores an interval from %s', (_, interval) => {
    const skipped = doseData({
      conditionalSkips: [
        { context: 'Both', sets: [{ conditionLogic: 'AND', conditions: [{ type: 'Age' }] }] },
      ],
    });
    const schedule = scheduleWithDoses(skipped, doseData({ intervals: [interval] }));
    expect(verdicts(schedule, { doses: [['2021-01-01']], observations: [['120']] })).toEqual(['Valid']);
  });

  it('needs all preferable intervals, or else all allowable ones', () => {
    const both = [fourWeeks, { fromTargetDose: 1, absMinInt: '6 months' }];
    const allowable = [{ fromTargetDose: 1, absMinInt: '2 months' }];
    const strict = scheduleWithDoses(doseData(), doseData({ intervals: both }));
    const lenient = scheduleWithDoses(
      doseData(),
      doseData({ intervals: both, allowableIntervals: allowable }),
    );
    const at = (schedule: typeof strict, date: string) =>
      verdicts(schedule, { doses: [['2021-01-01'], [date]] })[1];
    expect(at(strict, '2021-03-01')).toBe('Not Valid: too-soon');
    expect(at(strict, '2021-07-01')).toBe('Valid');
    expect(at(lenient, '2021-02-28')).toBe('Not Valid: too-soon');
    expect(at(lenient, '2021-03-01')).toBe('Valid');
  });

  it('uses the intervals in effect on the date administered', () => {
    const second = doseData({
      intervals: [{ ...fourWeeks, effectiveDate: '2021-01-20', cessationDate: '2021-01-22' }],
    });
    const at = (date: string) =>
      verdicts(scheduleWithDoses(doseData(), second), { doses: [['2021-01-10'], [date]] })[1];
    expect([at('2021-01-19'), at('2021-01-20'), at('2021-01-22'), at('2021-01-23')]).toEqual([
      'Valid',
      'Not Valid: too-soon',
      'Not Valid: too-soon',
      'Valid',
    ]);
  });

  it('takes the earlier entry of a day as the previous dose', () => {
    const preferableVaccines = ['10', '89'].map((cvx) => ({ cvx, forecastVaccineType: true }));
    const schedule = scheduleWithDoses(doseData(), doseData({ intervals: [fourWeeks], preferableVaccines }));
    const sameDay = [['2021-01-01'], ['2021-01-01', '89']] as const;
    const expected = ['Valid', 'Not Valid: too-soon'];
    expect(verdicts(schedule, { doses: sameDay })).toEqual(expected);
    // Which is the earlier one is not a matter of the order in which they were sent.
    expect(verdicts(schedule, { doses: [...sameDay].reverse() })).toEqual(expected);
  });

  it('takes the same vaccine twice on one day for one dose', () => {
    const schedule = scheduleWithDoses(doseData(), doseData());
    const found = tell(schedule, { doses: [['2021-01-01'], ['2021-01-01']] });
    expect(found.series[0]?.doses.map(({ doseId, status }) => [doseId, status])).toEqual([['1', 'Valid']]);
    expect(found.series[0]?.status).toBe('Not Complete');
    expect(found.forecast.dataProblems).toEqual([{ doseId: '2', problem: 'repeated' }]);
  });
});

describe('vaccine conflict (6.7)', () => {
  const conflict = {
    conflictBeginInterval: '1 day',
    minConflictEndInterval: '24 days',
    conflictEndInterval: '28 days',
  };
  const schedule = compile(
    scheduleData({
      vaccineConflicts: [
        { previous: '21', current: '10', ...conflict },
        { previous: '10', current: '10', ...conflict },
      ],
      antigens: [
        antigenData({
          series: [seriesData({ doses: [doseData({ ages: [{ absMinAge: '1 year' }] }), doseData()] })],
        }),
        measles(),
      ],
    }),
  );
  it.each([
    ['another antigen, the same day', [['2021-01-10', '21'], ['2021-01-10']], 'Valid'],
    ['another antigen, next day', [['2021-01-10', '21'], ['2021-01-11']], 'Not Valid: vaccine-conflict'],
    ['another antigen, day 23', [['2021-01-10', '21'], ['2021-02-02']], 'Not Valid: vaccine-conflict'],
    ['another antigen, day 24: the short end', [['2021-01-10', '21'], ['2021-02-03']], 'Valid'],
    ['a valid dose here, day 24: the short end', [['2021-01-10'], ['2021-02-03']], 'Valid'],
    [
      'a dose not valid here, day 24: the full end',
      [['2020-12-20'], ['2021-01-13']],
      'Not Valid: vaccine-conflict',
    ],
    ['a dose not valid here, day 28', [['2020-12-20'], ['2021-01-17']], 'Valid'],
  ] as const)('after %s', (_, doses, verdict) => {
    expect(verdicts(schedule, { doses }).at(-1)).toBe(verdict);
  });
});

describe('vaccine (6.8, 6.9)', () => {
  const dose = doseData({
    preferableVaccines: [
      { cvx: '10', beginAge: '1 year', endAge: '5 years', volume: 0.5, forecastVaccineType: true },
      { cvx: '89', mvx: 'SKB', tradeName: 'ENGERIX-B ADULT', forecastVaccineType: false },
    ],
    allowableVaccines: [{ cvx: '02', beginAge: '1 year', endAge: '2 years' }],
  });
  it.each([
    ['2020-12-31', '10', {}, 'Not Valid: not-preferable-or-allowable'],
    ['2021-01-01', '10', {}, 'Valid'],
    ['2024-12-31', '10', {}, 'Valid'],
    ['2025-01-01', '10', {}, 'Not Valid: not-preferable-or-allowable'],
    ['2021-01-01', '10', { volume: 0.25 }, 'Valid: volume-below-recommended'],
    ['2021-01-01', '10', { volume: 0.5 }, 'Valid'],
    ['2021-12-31', '02', {}, 'Valid: not-preferable-but-allowable'],
    ['2022-01-01', '02', {}, 'Not Valid: not-preferable-or-allowable'],
    ['2021-01-01', '89', {}, 'Valid'],
    ['2021-01-01', '89', { mvx: 'SKB' }, 'Valid'],
    ['2021-01-01', '89', { mvx: 'MSD' }, 'Not Valid: not-preferable-or-allowable'],
    ['2021-01-01', '89', { mvx: 'SKB', tradeName: 'Engerix-B Adult' }, 'Valid'],
    ['2021-01-01', '89', { tradeName: 'Other' }, 'Not Valid: not-preferable-or-allowable'],
  ])('on %s CVX %s %o is %s', (date, cvx, extra, verdict) => {
    const given = { doses: [[date, cvx, extra as object]] } as const;
    expect(verdicts(scheduleWithDoses(dose), given)).toEqual([verdict]);
  });

  it('any entry of a CVX code that fits suffices', () => {
    const twice = doseData({
      preferableVaccines: [
        { cvx: '10', endAge: '1 year', forecastVaccineType: true },
        { cvx: '10', beginAge: '2 years', forecastVaccineType: true },
      ],
    });
    const at = (date: string) => verdicts(scheduleWithDoses(twice), { doses: [[date]] })[0];
    expect([at('2020-12-31'), at('2021-06-01'), at('2022-01-01')]).toEqual([
      'Valid',
      'Not Valid: not-preferable-or-allowable',
      'Valid',
    ]);
  });
});
