import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { VaccineGroupForecast } from '../../../src/forecast/forecast-result.ts';
import type { AdministeredDose, ObservationCode } from '../../../src/forecast/patient-history.ts';
import { parseScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import type { EpochDay } from '../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import type { CvxCode } from '../../../src/values/vaccine-code.ts';

// What a clinician would expect where the letter of the schedule, or a record as it comes, leads astray.

const schedule = compileSchedule(parseScheduleData(readFileSync('schedules/4.64-508.json', 'utf8')));
const day = (text: string) => parseEpochDay(text) as EpochDay;
const today = '2026-11-29';

type Given = readonly [date: string, cvx: string, more?: Partial<AdministeredDose>];

function answer(born: string, doses: readonly Given[] = [], observed: readonly string[] = [], on = today) {
  const history = {
    dateOfBirth: day(born),
    gender: 'Female',
    doses: doses.map(([date, cvx, more], i) => ({
      id: `d${i}`,
      date: day(date),
      cvx: cvx as CvxCode,
      ...more,
    })),
    observations: observed.map((code) => ({ code: code as ObservationCode })),
  } as const;
  return forecast(schedule, history, day(on));
}

function ask(group: string, ...asked: Parameters<typeof answer>): VaccineGroupForecast {
  const found = answer(...asked).forecasts.find(({ vaccineGroup }) => vaccineGroup === group);
  if (!found) throw new Error(`no forecast of ${group}`);
  return found;
}

describe('nirsevimab of 200 mg', () => {
  // MMWR 2023;72(34): two injections of 100 mg at one visit, for a child at high risk in a second season.
  const twice: readonly Given[] = [
    ['2026-11-09', '307'],
    ['2026-11-09', '307'],
  ];
  it('is two injections of one day', () => {
    expect(ask('RSV', '2025-11-29', twice, ['017']).status).toBe('Complete');
  });
  it('is not three', () => {
    const three = [...twice, ['2026-11-09', '307'] as const];
    expect(answer('2025-11-29', three, ['017']).dataProblems).toHaveLength(1);
  });
});

describe('a dose that was spoiled', () => {
  it.each<[string, Partial<AdministeredDose>]>([
    ['expired', { lotExpiration: day('2020-01-01') }],
    ['not in condition', { condition: 'partial' } as unknown as Partial<AdministeredDose>],
  ])('does not hide the one that replaced it on the same day: %s', (_, spoiled) => {
    const good = { lotExpiration: day('2027-01-01') };
    const doses: readonly Given[] = [
      ['2025-12-29', '03', spoiled],
      ['2025-12-29', '03', good],
    ];
    for (const each of [doses, doses.toReversed()]) {
      const { evaluations, dataProblems } = answer('2024-11-29', each);
      const measles = evaluations.filter(({ antigen }) => antigen === 'Measles');
      expect(measles.map(({ status }) => status).sort()).toEqual(['Sub-standard', 'Valid']);
      expect(dataProblems).toEqual([]);
    }
  });
});

describe('a contraindication of some vaccines', () => {
  it('leaves the series that has another one', () => {
    const { status, namedVaccines } = ask('COVID-19', '1996-11-29', [], ['188']);
    expect([status, namedVaccines]).toEqual(['Not Complete', ['313']]);
  });
  it('is not told by the series of infants', () => {
    expect(ask('COVID-19', '2018-11-29', [], ['188']).seriesNames[0]).not.toMatch(/6mo-23mo/);
  });
});

describe('vaccines that are in the schedule for judging histories', () => {
  it.each([
    ['55 years, no pneumococcal vaccine', '1971-11-29', [], '33'],
    ['HIV at 19', '2007-11-29', ['154'], '33'],
    ['a healthy adult', '2000-11-29', [], '44'],
    ['a vaccine that is not used in the US', '2007-11-29', ['154'], '512'],
  ])('are not put forward: %s', (_, born, observed, cvx) => {
    const named = answer(born, [], observed).forecasts.flatMap(({ namedVaccines }) => namedVaccines);
    expect(named.length).toBeGreaterThan(0);
    expect(named).not.toContain(cvx);
  });
  it('are where they are meant: hepatitis B vaccine for dialysis', () => {
    const named = answer('1976-11-29', [], ['032']).forecasts.flatMap(({ namedVaccines }) => namedVaccines);
    expect(named).toContain('44');
  });
  it('are where they go on: PPSV23 after PCV15', () => {
    expect(ask('Pneumococcal', '1961-11-29', [['2025-01-10', '215']]).namedVaccines).toContain('33');
  });
});

describe('the series for a risk', () => {
  it.each(['2023-11-29', '2007-11-29', '1969-11-29'])('is one for the age, born %s', (born) => {
    const [series] = ask('Meningococcal', born, [], ['154']).seriesNames;
    expect(series).not.toMatch(/2-23 month/);
  });
  it('is that of infants for an infant', () => {
    expect(ask('Meningococcal', '2026-07-01', [], ['154']).seriesNames[0]).toMatch(/2-23 month/);
  });
});

describe('behind since', () => {
  const doses: readonly Given[] = [
    ['2026-03-29', '216'],
    ['2026-05-29', '216'],
  ];
  it('is no day on which nothing was overdue', () => {
    expect(ask('Pneumococcal', '2025-07-29', doses).behindSince).toBeUndefined();
    expect(ask('Pneumococcal', '2025-07-29', doses, [], '2026-06-28').behindSince).toBeUndefined();
  });
  it('stays where one was', () => {
    const infant: readonly Given[] = [
      ['2022-03-01', '20'],
      ['2022-05-01', '20'],
      ['2022-07-01', '20'],
    ];
    expect(ask('DTaP/Tdap/Td', '2022-01-01', infant).behindSince).toBe(day('2023-08-29'));
  });
});

describe('a child in the first season against influenza', () => {
  const numbers = (doses: readonly Given[]) => {
    const { doseNumber, seriesDoses } = ask('Influenza', '2021-01-01', doses);
    return [doseNumber, seriesDoses];
  };
  it.each<[string, readonly Given[], readonly number[]]>([
    ['none', [], [1, 2]],
    ['one of last year', [['2025-10-10', '140']], [1, 2]],
    [
      'one of last year and one of this',
      [
        ['2025-10-10', '140'],
        ['2026-11-01', '140'],
      ],
      [2, 2],
    ],
    [
      'two of last year',
      [
        ['2025-10-10', '140'],
        ['2025-11-15', '140'],
      ],
      [1, 1],
    ],
  ])('is to have two: %s', (_, doses, expected) => {
    expect(numbers(doses)).toEqual(expected);
  });
  it('has had the first of two with the first of this season', () => {
    const { evaluations } = answer('2021-01-01', [
      ['2025-10-10', '140'],
      ['2026-11-01', '140'],
    ]);
    expect(evaluations.map(({ doseNumber, seriesDoses }) => [doseNumber, seriesDoses]).at(-1)).toEqual([
      1, 2,
    ]);
  });
});
