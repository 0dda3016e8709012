import { describe, expect, it } from 'vitest';
import type { SelectionExplanation } from '../../../src/forecast/explanation.ts';
import { explainForecast } from '../../../src/forecast/forecast.ts';
import type { SeriesData } from '../../../src/forecast/schedule-data.ts';
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

type Given = Parameters<typeof history>[0];

function selections(series: readonly SeriesData[], given: Given = {}, assessed = '2030-01-01') {
  const { explanation } = explainForecast(scheduleWithSeries(...series), history(given), day(assessed));
  return explanation.antigens[0]?.selections ?? [];
}

/** "B by only-scorable", for the only series group. */
function chosen(series: readonly SeriesData[], given: Given = {}): string {
  const [found] = selections(series, given);
  return `${found?.prioritized} by ${found?.decision}`;
}

function total(found: SelectionExplanation | undefined, seriesName: string): number {
  const scores = found?.candidates.find((each) => each.seriesName === seriesName)?.scores ?? [];
  return scores.reduce((sum, { points }) => sum + points, 0);
}

const named = (seriesName: string, extra: Partial<SeriesData> = {}) =>
  seriesData({ seriesName, defaultSeries: false, doses: [doseData(), doseData()], ...extra });
const ofAge = (absMinAge: string, count = 2) =>
  Array.from({ length: count }, () => doseData({ ages: [{ absMinAge, minAge: absMinAge }] }));
const risk = (seriesName: string, extra: Partial<SeriesData> = {}) =>
  named(seriesName, {
    seriesType: 'Risk',
    seriesGroup: '2',
    indications: [{ observation: '007' }],
    ...extra,
  });
const withIndication: Given = { observations: [['007']] };

describe('relevant series, Tables 5-4 and 5-5', () => {
  it.each([
    ['Female', ['Female', 'Unknown'], true],
    ['Unknown', ['Female', 'Unknown'], true],
    ['Male', ['Female', 'Unknown'], false],
    ['Male', [], true],
  ] as const)('gender %s where %j is required', (gender, requiredGender, relevant) => {
    expect(tell(scheduleWithSeries(named('A', { requiredGender })), { gender }).series.length === 1).toBe(
      relevant,
    );
  });

  it.each([
    ['no observation', [], '2025-01-01', 0],
    ['another observation', [['048']], '2025-01-01', 0],
    ['the observation', [['007']], '2025-01-01', 1],
    ['the observation before the begin age', [['007']], '2024-12-31', 0],
    ['the observation at the end age', [['007']], '2030-01-01', 0],
  ] as const)('risk series with %s', (_, observations, assessed, count) => {
    const indications = [{ observation: '007', beginAge: '5 years', endAge: '10 years' }];
    const schedule = scheduleWithSeries(risk('A', { indications }));
    expect(tell(schedule, { observations }, assessed).series).toHaveLength(count);
  });
});

describe('candidates, SELECTB-24', () => {
  const other = doseData({ preferableVaccines: [{ cvx: '02', forecastVaccineType: true }] });
  const series = [risk('A'), risk('B', { doses: [other, other] })];
  it.each([
    ['007', [true, true]],
    ['048', [false, true]],
    ['080', [true, true]],
  ])('with observation %s', (observation, candidates) => {
    const polio = antigenData({
      series,
      contraindications: [{ observation: '080' }],
      vaccineContraindications: [{ observation: '048', vaccines: [{ cvx: '10' }] }],
    });
    const schedule = compile(scheduleData({ antigens: [polio, measles()] }));
    const given = history({ observations: [['007'], [observation]] });
    const [found] =
      explainForecast(schedule, given, day('2030-01-01')).explanation.antigens[0]?.selections ?? [];
    expect(found?.candidates.map(({ candidate }) => candidate)).toEqual(candidates);
  });
});

describe('one obvious winner, Table 8-3', () => {
  it('no series is scorable: the default one, even if it is not', () => {
    expect(chosen([named('A'), named('B', { defaultSeries: true })])).toBe('B by default-series');
  });

  it('one series is scorable: that one', () => {
    const late = named('B', { doses: ofAge('5 years') });
    const series = [named('A', { defaultSeries: true }), late];
    expect(chosen(series, { doses: [['2021-01-01']] })).toBe('A by only-scorable');
  });

  it('a standard series is scorable only if it was begun before its maximum age to start', () => {
    const series = [named('A', { maxAgeToStart: '1 year' }), named('B', { maxAgeToStart: '2 years' })];
    expect(chosen(series, { doses: [['2021-01-01']] })).toBe('B by only-scorable');
  });

  it('one is complete', () => {
    const series = [named('A'), named('B', { doses: [doseData()] })];
    expect(chosen(series, { doses: [['2021-01-01']] })).toBe('B by only-complete');
  });

  it('one is in process', () => {
    const agedOut = named('A', { doses: [doseData(), doseData({ ages: [{ maxAge: '2 years' }] })] });
    expect(chosen([agedOut, named('B')], { doses: [['2021-01-01']] })).toBe('B by only-in-process');
  });

  it('several risk series are scorable without a dose: the default one', () => {
    expect(chosen([risk('A'), risk('B', { defaultSeries: true })], withIndication)).toBe(
      'B by default-series',
    );
  });

  it('of risk series only those of the best priority are scorable', () => {
    const series = [risk('A', { seriesPriority: 'B' }), risk('B', { seriesPriority: 'A' })];
    expect(chosen(series, withIndication)).toBe('B by only-scorable');
  });

  it('an evaluation-only series counts only when complete', () => {
    const only = named('B', { seriesType: 'Evaluation Only', doses: [doseData()] });
    const series = [named('A', { defaultSeries: true }), only];
    expect(chosen(series)).toBe('A by default-series');
    expect(chosen(series, { doses: [['2021-01-01']] })).toBe('B by only-complete');
  });

  it('nothing to choose: no prioritized series', () => {
    expect(chosen([named('A', { seriesType: 'Evaluation Only' })])).toBe('undefined by no-series');
  });
});

describe('scores', () => {
  it('several complete, Table 8-7: the most valid doses', () => {
    const series = [named('A', { doses: [doseData()] }), named('B')];
    const [found] = selections(series, { doses: [['2021-01-01'], ['2022-01-01']] });
    expect([found?.table, found?.prioritized, total(found, 'A'), total(found, 'B')]).toEqual([
      'Table 8-7',
      'B',
      -1,
      1,
    ]);
  });

  it('several in process, Table 8-9: each condition gives its points', () => {
    const series = [
      named('A', { productPath: true }),
      named('B', { doses: [doseData(), doseData(), doseData({ ages: [{ maxAge: '5 years' }] })] }),
    ];
    const [found] = selections(series, { doses: [['2021-01-01']] });
    const points = found?.candidates.map(({ scores }) => scores.map((line) => line.points));
    expect(found?.table).toBe('Table 8-9');
    expect(points).toEqual([
      [2, 3, 0, 2, 0],
      [-2, 3, 0, -2, 0],
    ]);
  });

  it('one dose that is not valid spoils a product path', () => {
    const first = [doseData({ ages: [{ absMinAge: '6 months' }] }), doseData(), doseData()];
    const series = [named('A', { productPath: true, doses: first }), named('B', { doses: first })];
    const [found] = selections(series, { doses: [['2020-03-01'], ['2021-01-01']] });
    expect(found?.candidates[0]?.scores[0]?.points).toBe(-2);
  });

  it('the one that cannot be finished in time loses', () => {
    const tight = [doseData(), doseData({ intervals: [{ fromPrevious: true, minInt: '1 year' }] })];
    const late = [
      ...tight,
      doseData({ ages: [{ maxAge: '18 months' }], intervals: [{ fromPrevious: true, minInt: '1 year' }] }),
    ];
    const [found] = selections([named('A', { doses: late }), named('B', { doses: tight })], {
      doses: [['2021-01-01']],
    });
    const points = found?.candidates.map(({ scores }) => scores.map((line) => line.points));
    expect(points).toEqual([
      [-2, -3, 0, -2, -1],
      [-2, 3, 0, 2, 1],
    ]);
  });

  it.each([
    ['2 years', -3],
    ['2 years + 1 day', 3],
  ])('finishing at 2 years is in time before %s', (maxAge, points) => {
    const last = doseData({ ages: [{ maxAge }], intervals: [{ fromPrevious: true, minInt: '1 year' }] });
    const [found] = selections([named('A', { doses: [doseData(), doseData(), last] }), named('B')], {
      doses: [['2021-01-01']],
    });
    expect(found?.candidates[0]?.scores[1]).toEqual({ condition: 'completable', points });
  });

  it('no valid dose, Table 8-11: the earliest start, and rather not a product path', () => {
    const series = [named('A', { productPath: true }), named('B', { doses: ofAge('1 year') }), named('C')];
    const [found] = selections(series);
    const points = found?.candidates.map(({ scores }) => scores.map((line) => line.points));
    expect(found?.table).toBe('Table 8-11');
    expect(points).toEqual([
      [0, 1, -1],
      [-1, 1, 1],
      [0, 1, 1],
    ]);
    expect(found?.prioritized).toBe('C');
  });

  it('equals: the lowest preference, none being the worst, then the order in the file', () => {
    const { seriesPreference: _, ...unpreferred } = named('A');
    expect(chosen([unpreferred, named('B', { seriesPreference: 7 })])).toBe('B by highest-score');
    expect(chosen([named('A', { seriesPreference: 2 }), named('B', { seriesPreference: 1 })])).toBe(
      'B by highest-score',
    );
    expect(chosen([named('A'), named('B')])).toBe('A by highest-score');
  });

  it('no table fits: the most valid doses', () => {
    const tooLate = doseData({ ages: [{ maxAge: '3 years' }] });
    const fromTwo = doseData({ ages: [{ absMinAge: '18 months' }] });
    const series = [
      named('A', { doses: [fromTwo, tooLate] }),
      named('B', { doses: [doseData(), doseData(), tooLate] }),
    ];
    expect(chosen(series, { doses: [['2021-01-01'], ['2022-01-01']] })).toBe('B by most-valid-doses');
  });
});

describe('best series, Table 8-14', () => {
  const standard = (extra: Partial<SeriesData> = {}) => named('Standard', { defaultSeries: true, ...extra });
  const best = (series: readonly SeriesData[], given: Given) =>
    selections(series, given).map(
      ({ prioritized, best: isBest, bestBecause }) => `${prioritized} ${isBest} ${bestBecause}`,
    );
  it.each([
    ['a standard series alone', [standard()], {}, ['Standard true standard']],
    [
      'beside a risk series that is no equivalent',
      [standard(), risk('Risk')],
      withIndication,
      ['Standard true standard', 'Risk true risk'],
    ],
    [
      'beside an equivalent risk series',
      [standard({ equivalentSeriesGroups: ['2'] }), risk('Risk')],
      withIndication,
      ['Standard false equivalent-risk', 'Risk true risk'],
    ],
    [
      'complete beside an equivalent risk series',
      [
        standard({ equivalentSeriesGroups: ['2'], doses: [doseData()] }),
        risk('Risk', { equivalentSeriesGroups: ['1'] }),
      ],
      { ...withIndication, doses: [['2021-01-01']] },
      ['Standard true complete', 'Risk false equivalent-complete'],
    ],
    [
      'equivalence goes one way only',
      [standard({ equivalentSeriesGroups: ['2'], doses: [doseData()] }), risk('Risk')],
      { ...withIndication, doses: [['2021-01-01']] },
      ['Standard true complete', 'Risk true risk'],
    ],
  ] as const)('%s', (_, series, given, expected) => {
    expect(best(series, given as Given)).toEqual(expected);
  });
});
