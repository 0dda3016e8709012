import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { forecast } from '../../../src/forecast/forecast.ts';
import type { VaccineGroupForecast } from '../../../src/forecast/forecast-result.ts';
import type { ObservationCode, PatientHistory } from '../../../src/forecast/patient-history.ts';
import { parseScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import type { EpochDay } from '../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import type { CvxCode } from '../../../src/values/vaccine-code.ts';

// Answers that somebody acts on, by CDC's schedule.

const schedule = compileSchedule(parseScheduleData(readFileSync('schedules/4.64-508.json', 'utf8')));
const day = (text: string) => parseEpochDay(text) as EpochDay;
const dtap = ['2015-03-01', '2015-05-01', '2015-07-01', '2016-04-01', '2019-02-01'].map(
  (date) => [date, '20'] as const,
);

function ask(
  group: string,
  on: string,
  born: string,
  doses: readonly (readonly [date: string, cvx: string])[] = [],
  more: Partial<PatientHistory> = {},
): VaccineGroupForecast {
  const history = {
    dateOfBirth: day(born),
    gender: 'Female',
    doses: doses.map(([date, cvx], i) => ({ id: `d${i}`, date: day(date), cvx: cvx as CvxCode })),
    observations: [],
    ...more,
  } as const;
  const found = forecast(schedule, history, day(on)).forecasts.find(
    ({ vaccineGroup }) => vaccineGroup === group,
  );
  if (!found) throw new Error(`no forecast of ${group}`);
  return found;
}

describe('the vaccine that is named first', () => {
  it.each([
    ['11 years after five DTaP', '2026-02-01', '2015-01-01', dtap],
    ['7 years without any', '2026-02-01', '2019-01-01', []],
  ])('holds pertussis, at %s', (_, on, born, doses) => {
    const { antigensNeeded, namedVaccines } = ask('DTaP/Tdap/Td', on, born, doses);
    expect(antigensNeeded).toContain('Pertussis');
    expect(namedVaccines[0]).toBe('115');
  });

  it('ends when it is given: one Tdap at eleven is enough for ten years', () => {
    const { status, dates } = ask('DTaP/Tdap/Td', '2026-03-01', '2015-01-01', [
      ...dtap,
      ['2026-02-01', '115'],
    ]);
    expect([status, dates?.recommended]).toEqual(['Not Complete', day('2036-02-01')]);
  });
});

describe('a vaccine that is named', () => {
  it.each([
    ['HepB', '1996-01-01', ['08']],
    ['DTaP/Tdap/Td', '2019-01-01', ['20', '106', '107', '110', '120', '130', '146']],
  ])('of %s fits the age today', (group, born, never) => {
    const { namedVaccines } = ask(group, '2026-11-28', born);
    expect(namedVaccines.length).toBeGreaterThan(0);
    for (const cvx of never) expect(namedVaccines).not.toContain(cvx);
  });
});

describe('the doses of an infant', () => {
  it('are judged once, by the series in which they count', () => {
    const doses = ['2024-03-01', '2024-05-01', '2024-07-01', '2025-01-15'].map((date, i) => ({
      id: `d${i}`,
      date: day(date),
      cvx: '216' as CvxCode,
    }));
    const history = { dateOfBirth: day('2024-01-01'), gender: 'Male', doses, observations: [] } as const;
    const { evaluations } = forecast(schedule, history, day('2026-03-01'));
    expect(evaluations.map(({ doseId, status }) => [doseId, status])).toEqual(
      doses.map(({ id }) => [id, 'Valid']),
    );
  });
});

describe('who has died', () => {
  const dateOfDeath = day('2026-03-01');
  it('needs nothing from that day on, and keeps what was complete', () => {
    const { forecasts } = forecast(
      schedule,
      { dateOfBirth: day('2020-01-01'), gender: 'Male', doses: [], observations: [], dateOfDeath },
      dateOfDeath,
    );
    const needless = forecasts.filter(({ reasons }) => reasons.includes('deceased'));
    expect(needless.length).toBeGreaterThan(5);
    for (const { status, dates, recommendedVaccines } of needless) {
      expect([status, dates, recommendedVaccines]).toEqual(['Not Recommended', undefined, []]);
    }
    expect(forecasts.map(({ status }) => status)).not.toContain('Not Complete');
  });

  it('needs nothing of a group that is contraindicated either', () => {
    const observations = [{ code: '079' as ObservationCode }];
    const at = (on: string) => ask('DTaP/Tdap/Td', on, '2015-01-01', dtap, { observations, dateOfDeath });
    const [before, after] = [at('2026-02-28'), at('2026-03-01')];
    expect([before.status, before.antigensNeeded]).toEqual(['Contraindicated', ['Diphtheria', 'Tetanus']]);
    expect(before.neededDates?.recommended).toBe(day('2026-01-01'));
    expect([after.status, after.neededDates, after.namedVaccines]).toEqual([
      'Contraindicated',
      undefined,
      [],
    ]);
  });

  it('was forecast for before', () => {
    const alive = ask('MMR', '2026-02-28', '2020-01-01', [], { dateOfDeath });
    expect(alive.status).toBe('Not Complete');
  });
});
