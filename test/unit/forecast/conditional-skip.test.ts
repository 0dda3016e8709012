import { describe, expect, it } from 'vitest';
import type {
  ConditionalSkipData,
  SkipConditionData,
  SkipSetData,
} from '../../../src/forecast/schedule-data.ts';
import { isCountMet } from '../../../src/forecast/vaccine-count.ts';
import {
  doseData,
  scheduleWithDoses,
  scheduleWithSeries,
  seriesData,
  tell,
  verdicts,
} from './small-schedule.ts';

const age7: SkipConditionData = { type: 'Age', beginAge: '7 years' };
const age8: SkipConditionData = { type: 'Age', beginAge: '8 years' };

function set(conditions: readonly SkipConditionData[], extra: Partial<SkipSetData> = {}): SkipSetData {
  return { conditionLogic: 'AND', conditions, ...extra };
}

function skip(sets: readonly SkipSetData[], extra: Partial<ConditionalSkipData> = {}): ConditionalSkipData {
  return { context: 'Both', sets, ...extra };
}

/** Which target dose a single dose of this day is held against, when the first may be skipped. */
function targetOn(date: string, ...skips: readonly ConditionalSkipData[]): number | undefined {
  const schedule = scheduleWithDoses(doseData({ conditionalSkips: skips }), doseData());
  return tell(schedule, { doses: [[date]] }).series[0]?.doses[0]?.targetDose;
}

describe('conditional skip (6.2)', () => {
  it.each([
    ['Evaluation', 2, 1],
    ['Forecast', 1, 2],
    ['Both', 2, 2],
  ] as const)('in the context %s', (context, evaluated, forecast) => {
    expect(targetOn('2027-01-01', skip([set([age7])], { context }))).toBe(evaluated);
    const schedule = scheduleWithDoses(
      doseData({ conditionalSkips: [skip([set([age7])], { context })] }),
      doseData(),
    );
    expect(tell(schedule).series[0]?.targetDose).toBe(forecast);
  });

  it('age: from the begin to before the end', () => {
    const window = skip([set([{ type: 'Age', beginAge: '7 years', endAge: '8 years' }])]);
    expect(targetOn('2026-12-31', window)).toBe(1);
    expect(targetOn('2027-01-01', window)).toBe(2);
    expect(targetOn('2027-12-31', window)).toBe(2);
    expect(targetOn('2028-01-01', window)).toBe(1);
  });

  it.each([
    ['all conditions', skip([set([age7, age8])]), '2027-06-01', 1],
    ['all conditions', skip([set([age7, age8])]), '2028-06-01', 2],
    ['any condition', skip([set([age7, age8], { conditionLogic: 'OR' })]), '2027-06-01', 2],
    ['all sets', skip([set([age7]), set([age8])], { setLogic: 'AND' }), '2027-06-01', 1],
    ['any set', skip([set([age7]), set([age8])], { setLogic: 'OR' }), '2027-06-01', 2],
  ] as const)('%s', (_, data, date, target) => {
    expect(targetOn(date, data)).toBe(target);
  });

  it('any instance suffices', () => {
    expect(targetOn('2027-06-01', skip([set([age8])]), skip([set([age7])]))).toBe(2);
  });

  it('a set counts only while it is in effect, and none in effect is not met', () => {
    const open = set([age7], { effectiveDate: '2027-03-01', cessationDate: '2027-03-02' });
    const dates = ['2027-02-28', '2027-03-01', '2027-03-02', '2027-03-03'];
    expect(dates.map((date) => targetOn(date, skip([open])))).toEqual([1, 2, 2, 1]);
  });

  it('interval: from the immediate previous dose administered, valid or not (CALCDTSKIP-5)', () => {
    const second = doseData({
      conditionalSkips: [skip([set([{ type: 'Interval', interval: '6 months' }])])],
    });
    const schedule = scheduleWithDoses(doseData(), second, doseData());
    const at = (date: string) =>
      tell(schedule, { doses: [['2021-01-01'], [date]] }).series[0]?.doses[1]?.targetDose;
    expect(at('2021-06-30')).toBe(2);
    expect(at('2021-07-01')).toBe(3);
    const recalled = ['2021-06-01', '10', { condition: 'recall' }] as const;
    const behind = (date: string) =>
      tell(schedule, { doses: [['2021-01-01'], recalled, [date]] }).series[0]?.doses[2]?.targetDose;
    expect(behind('2021-11-30')).toBe(2);
    expect(behind('2021-12-01')).toBe(3);
    const alone = scheduleWithDoses({ ...second }, doseData());
    expect(tell(alone, { doses: [['2025-01-01']] }).series[0]?.doses[0]?.targetDose).toBe(1);
  });

  it('all skipped, none satisfied: not recommended because of past immunizations', () => {
    const schedule = scheduleWithDoses(doseData({ conditionalSkips: [skip([set([age7])])] }));
    expect(tell(schedule).series[0]).toMatchObject({
      status: 'Not Recommended',
      reason: 'past-immunization-history',
    });
  });

  it('a dose that could be skipped on its earliest day gives way (7.6)', () => {
    const first = doseData({ ages: [{ minAge: '9 years' }], conditionalSkips: [skip([set([age8])])] });
    const schedule = scheduleWithDoses(first, doseData({ ages: [{ minAge: '1 year' }] }));
    expect(tell(schedule, {}, '2025-01-01').series[0]?.targetDose).toBe(2);
  });
});

describe('vaccine count, CONDSKIP-1', () => {
  it.each([
    ['greater than', 2, [false, false, true]],
    ['equal to', 2, [false, true, false]],
    ['less than', 2, [true, false, false]],
  ] as const)('%s %i', (logic, count, met) => {
    const condition = { logic, count } as Parameters<typeof isCountMet>[0];
    expect([1, 2, 3].map((found) => isCountMet(condition, found))).toEqual(met);
  });

  function counting(
    extra: Partial<Extract<SkipConditionData, { type: 'Vaccine Count' }>>,
  ): ConditionalSkipData {
    return skip([
      set([
        { type: 'Vaccine Count', doseType: 'Total', doseCountLogic: 'greater than', doseCount: 0, ...extra },
      ]),
    ]);
  }

  /** The target dose of the second dose, when the first was given on a day on which it was too young. */
  function secondTarget(
    condition: ConditionalSkipData,
    first: readonly [string, string?],
  ): number | undefined {
    const dose = doseData({ ages: [{ absMinAge: '1 year' }], conditionalSkips: [condition] });
    const schedule = scheduleWithDoses(dose, doseData());
    const doses = tell(schedule, { doses: [first, ['2021-06-01']] }).series[0]?.doses;
    return doses?.at(-1)?.targetDose;
  }

  it('a total counts doses that were not valid', () => {
    expect(secondTarget(counting({}), ['2020-06-01'])).toBe(2);
    expect(secondTarget(counting({ doseType: 'Valid' }), ['2020-06-01'])).toBe(1);
  });

  it.each([
    ['at the age', { beginAge: '5 months', endAge: '5 months + 1 day' }, 2],
    ['before the age', { beginAge: '6 months' }, 1],
    ['past the age', { endAge: '5 months' }, 1],
    ['on the start date', { startDate: '2020-06-01' }, 2],
    ['before the start date', { startDate: '2020-06-02' }, 1],
    ['on the end date', { endDate: '2020-06-01' }, 1],
    ['before the end date', { endDate: '2020-06-02' }, 2],
    ['of the vaccine', { vaccineTypes: ['02', '10'] }, 2],
    ['of another vaccine', { vaccineTypes: ['02'] }, 1],
  ] as const)('counts a dose %s', (_, extra, target) => {
    expect(secondTarget(counting(extra), ['2020-06-01'])).toBe(target);
  });

  it('a total with a list of vaccines also counts those of other antigens', () => {
    expect(secondTarget(counting({ vaccineTypes: ['21'] }), ['2020-06-01', '21'])).toBe(2);
    expect(secondTarget(counting({}), ['2020-06-01', '21'])).toBe(1);
  });

  it('counts only doses before the one that is evaluated, but all of them in a forecast', () => {
    const dose = doseData({ conditionalSkips: [counting({})], recurringDose: true });
    const schedule = scheduleWithDoses(dose);
    expect(verdicts(schedule, { doses: [['2021-01-01']] })).toEqual(['Valid']);
    expect(tell(schedule, { doses: [['2021-01-01']] }).series[0]?.status).toBe('Complete');
  });
});

describe('completed series', () => {
  const standard = seriesData({ doses: [doseData(), doseData()] });
  const skippable = doseData({
    conditionalSkips: [skip([set([{ type: 'Completed Series', seriesGroups: ['1'] }])])],
  });
  const risk = seriesData({
    seriesName: 'Polio risk',
    seriesType: 'Risk',
    seriesGroup: '2',
    defaultSeries: false,
    indications: [{ observation: '007' }],
    doses: [skippable, skippable, doseData()],
  });
  const schedule = scheduleWithSeries(risk, standard);
  const riskSeries = (doses: readonly [string][]) =>
    tell(schedule, { doses, observations: [['007']] }).series.find(
      ({ seriesName }) => seriesName === 'Polio risk',
    );

  it('counts from the dose after the one that completed the other series', () => {
    const doses = riskSeries([['2021-01-01'], ['2022-01-01'], ['2023-01-01']])?.doses;
    expect(doses?.map((each) => each.targetDose)).toEqual([1, 2, 3]);
    expect(riskSeries([['2021-01-01']])?.targetDose).toBe(2);
  });

  it('skips in the forecast once the other series is complete', () => {
    const late = { ...skippable, ages: [{ absMinAge: '5 years' }] };
    const found = tell(scheduleWithSeries(standard, { ...risk, doses: [late, late, doseData()] }), {
      doses: [['2021-01-01'], ['2022-01-01']],
      observations: [['007']],
    });
    expect(found.series.find(({ seriesName }) => seriesName === 'Polio risk')?.targetDose).toBe(3);
  });
});
