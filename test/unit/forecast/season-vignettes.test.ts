import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { Gender, ObservationCode } from '../../../src/forecast/patient-history.ts';
import { parseScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import { scheduleWarnings } from '../../../src/forecast/shelf-life.ts';
import { type EpochDay, formatEpochDay } from '../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import type { CvxCode } from '../../../src/values/vaccine-code.ts';

// Ordinary people in the seasons after the last that CDC's release dates (influenza 2025-07-01 to 2026-06-30, RSV of
// infants to 2026-03-31 and of pregnant women to 2026-01-31, COVID-19 from 2025-08-27).

const data = parseScheduleData(readFileSync('schedules/4.64-508.json', 'utf8'));
const schedule = compileSchedule(data);
const day = (text: string) => parseEpochDay(text) as EpochDay;

type Person = {
  readonly born: string;
  readonly doses?: readonly (readonly [date: string, cvx: string])[];
  readonly pregnantSince?: string;
};

/** Status, recommended date and season of the group's forecast that begins first. */
function ask(group: string, on: string, { born, doses = [], pregnantSince }: Person): string {
  const found = forecast(
    schedule,
    {
      dateOfBirth: day(born),
      gender: 'Female' satisfies Gender,
      doses: doses.map(([date, cvx], i) => ({ id: `d${i}`, date: day(date), cvx: cvx as CvxCode })),
      observations:
        pregnantSince === undefined ? [] : [{ code: '007' as ObservationCode, date: day(pregnantSince) }],
    },
    day(on),
  ).forecasts.find(({ vaccineGroup }) => vaccineGroup === group);
  if (!found) return 'none';
  const { status, dates, season } = found;
  const from = dates ? ` from ${formatEpochDay(dates.recommended)}` : '';
  return `${status}${from}, ${season?.assumed ? 'season assumed' : 'season dated'}`;
}

describe('influenza', () => {
  const sixYears = (year: number, ...doses: readonly (readonly [string, string])[]): Person => ({
    born: `${year - 6}-11-01`,
    doses,
  });
  it.each([2026, 2028])('of a child of six years in November %i', (year) => {
    const on = `${year}-11-28`;
    const due = `Not Complete from ${year}-07-01, season assumed`;
    expect(ask('Influenza', on, sixYears(year))).toBe(due);
    const before = [
      [`${year - 1}-10-10`, '140'],
      [`${year - 1}-11-20`, '140'],
    ] as const;
    // What was complete last year is due again, one dose.
    expect(ask('Influenza', on, sixYears(year, ...before))).toBe(due);
    expect(ask('Influenza', on, sixYears(year, ...before, [`${year}-10-10`, '140']))).toBe(
      'Complete, season assumed',
    );
    // Two doses four weeks apart for whom never had two.
    expect(ask('Influenza', on, sixYears(year, [`${year}-11-10`, '140']))).toBe(
      `Not Complete from ${year}-12-08, season assumed`,
    );
  });

  it.each([2026, 2028])('of an adult in November %i', (year) => {
    const adult = (date: string): Person => ({ born: `${year - 40}-01-01`, doses: [[date, '140']] });
    expect(ask('Influenza', `${year}-11-28`, adult(`${year - 1}-10-10`))).toBe(
      `Not Complete from ${year}-07-01, season assumed`,
    );
    expect(ask('Influenza', `${year}-11-28`, adult(`${year}-10-10`))).toBe('Complete, season assumed');
  });

  it('stays what the release says as long as its season lasts', () => {
    expect(ask('Influenza', '2026-06-30', sixYears(2026))).toBe('Not Complete from 2025-07-01, season dated');
  });
});

describe('RSV', () => {
  it.each([
    ['2026-11-28', '2026-09-28', 'Not Complete from 2026-10-01, season assumed'],
    ['2026-06-15', '2026-04-15', 'Not Complete from 2026-10-01, season assumed'],
    // Too old before the next season begins.
    ['2026-06-15', '2025-11-15', 'Aged Out, season assumed'],
  ])('on %s of an infant born on %s', (on, born, expected) => {
    expect(ask('RSV', on, { born })).toBe(expected);
  });

  it.each([
    ['2026-11-28', '2026-04-10', 'Not Complete from 2026-09-01, season assumed'],
    ['2026-06-15', '2025-11-01', 'Not Complete from 2026-09-01, season assumed'],
  ])('on %s of a woman pregnant since %s', (on, pregnantSince, expected) => {
    expect(ask('RSV', on, { born: '1996-01-01', pregnantSince })).toBe(expected);
  });
});

describe('COVID-19', () => {
  it.each([
    [30, '2025-10-10', 'Not Complete from 2026-08-27, season assumed'],
    [70, '2025-10-10', 'Not Complete from 2026-08-27, season assumed'],
    [30, '2026-10-10', 'Complete, season assumed'],
  ])('in November 2026 at %i years, last dose %s', (age, date, expected) => {
    expect(ask('COVID-19', '2026-11-28', { born: `${2026 - age}-01-01`, doses: [[date, '312']] })).toBe(
      expected,
    );
  });
});

describe('how far the schedule may be trusted', () => {
  it.each([
    ['2026-01-31', []],
    ['2026-02-01', ['RSV']],
    ['2026-07-01', ['Influenza', 'RSV']],
    ['2026-11-28', ['COVID-19', 'Influenza', 'RSV']],
  ])('on %s', (on, antigens) => {
    const warnings = scheduleWarnings(data, day(on));
    expect(warnings).toHaveLength(antigens.length);
    for (const [i, antigen] of antigens.entries()) expect(warnings[i]).toContain(` of ${antigen} `);
  });

  it('tells the last season that is dated, and the one that is assumed', () => {
    const [, influenza] = scheduleWarnings(data, day('2026-11-28'));
    expect(influenza).toContain('2025-07-01 to 2026-06-30');
    expect(influenza).toContain('2026-07-01 to 2027-06-30 is assumed');
  });
});

it('answers on the last day that can be written', () => {
  const { forecasts } = forecast(
    schedule,
    { dateOfBirth: day('9990-01-01'), gender: 'Female', doses: [], observations: [] },
    day('9999-12-31'),
  );
  expect(forecasts.length).toBeGreaterThan(10);
  expect(scheduleWarnings(data, day('9999-12-31'))).toHaveLength(3);
});

it('never says that a season is over', () => {
  for (let year = 2026; year < 2030; year++) {
    for (const month of ['02', '05', '08', '11']) {
      for (const born of [`${year - 1}-10-01`, `${year - 5}-01-01`, `${year - 80}-01-01`]) {
        const { forecasts } = forecast(
          schedule,
          { dateOfBirth: day(born), gender: 'Female', doses: [], observations: [] },
          day(`${year}-${month}-15`),
        );
        expect(forecasts.flatMap(({ reasons }) => reasons)).not.toContain('past-seasonal-end');
      }
    }
  }
});
