import type { Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import type { RenderedForecast } from '../../../src/cli/forecast-text/rendered-forecast.ts';
import { renderForecast } from '../../../src/cli/render-forecast.ts';
import { explainForecast } from '../../../src/forecast/forecast.ts';
import type { VaccineGroupForecast } from '../../../src/forecast/forecast-result.ts';
import { codeSystem } from '../../../src/registry/forecasting/code-systems.ts';
import { toKnowledgeBase } from '../../../src/registry/forecasting/knowledge-base.ts';
import { toPatientHistory } from '../../../src/registry/forecasting/to-patient-history.ts';
import {
  antigenData,
  compile,
  day,
  doseData,
  measles,
  scheduleData,
  seriesData,
} from '../forecast/small-schedule.ts';

const first = doseData({ ages: [{ absMinAge: '6 weeks - 4 days', minAge: '6 weeks' }] });
const second = doseData({
  ages: [{ earliestRecAge: '4 months', latestRecAge: '6 months', maxAge: '10 years' }],
  intervals: [{ fromPrevious: true, absMinInt: '4 weeks - 4 days', minInt: '4 weeks' }],
});
const series = [seriesData({ doses: [first, second] })];
const data = scheduleData({ antigens: [antigenData({ series }), measles()] });
const knowledgeBase = toKnowledgeBase(data, compile(data));

type Given = readonly (readonly [date: string, cvx?: string])[];

function given(date: string, doses: Given): RenderedForecast {
  const patient = { resourceType: 'Patient', birthDate: '2020-01-01', gender: 'female' } as const;
  const record = {
    patient: { resource: patient, expression: 'Patient/p', reference: 'Patient/p' },
    immunizations: doses.map(([on, cvx = '10'], i) => {
      const reference = `Immunization/${i + 1}`;
      return { resource: immunization(on, cvx), expression: reference, reference };
    }),
    clinical: [],
  };
  const reading = toPatientHistory(record, knowledgeBase, day(date));
  const explained = explainForecast(knowledgeBase.schedule, reading.history, day(date));
  return { ...explained, record, reading, knowledgeBase, notes: [] };
}

function immunization(occurrenceDateTime: string, code: string): Immunization {
  return {
    resourceType: 'Immunization',
    status: 'completed',
    patient: { reference: 'Patient/p' },
    vaccineCode: { coding: [{ system: codeSystem.cvx, code }] },
    occurrenceDateTime,
  };
}

/** The schedule has an MMR series too, without ages. */
function withoutMmr(text: string): string {
  return text.replace(/ {2}MMR.*\n(?: {6}.*\n)*/g, '');
}

function changed(date: string, change: (each: VaccineGroupForecast) => readonly VaccineGroupForecast[]) {
  const rendered = given(date, [['2020-03-02']]);
  const forecasts = rendered.forecast.forecasts.flatMap(change);
  return renderForecast({ ...rendered, forecast: { ...rendered.forecast, forecasts } });
}

const below = '      give: vaccine 10 (CVX 10)\n      why: recommended from the age of 4 months';

describe('a forecast for a person to read', () => {
  it('says at the top whom it is about, by whose advice, and on what it rests', () => {
    expect(renderForecast(given('2020-05-01', [['2020-03-02']]))).toMatch(
      /^Forecast for 2020-05-01\nPatient\/p, born 2020-01-01 \(4 months old\), female\nBy CDC's ACIP schedule, USA-CDC-CDSI 1\.0\n1 dose on record, evaluated\n\n/,
    );
  });

  it.each([
    ['2020-04-30', 'Later', 'on 2020-05-01, possible now, overdue after 2020-06-30, not after 2029-12-31'],
    ['2020-03-29', 'Later', 'on 2020-05-01, possible from 2020-03-30, overdue after 2020-06-30'],
    ['2020-05-01', 'Due now', 'due today, overdue after 2020-06-30, not after 2029-12-31'],
    ['2020-06-30', 'Due now', 'due since 2020-05-01, overdue after 2020-06-30, not after 2029-12-31'],
    ['2020-07-01', 'Overdue', 'overdue since 2020-07-01, not after 2029-12-31'],
  ])('says on %s in one statement whether a dose is due: %s', (date, section, dates) => {
    const text = withoutMmr(renderForecast(given(date, [['2020-03-02']])));
    expect(text).toContain(`\n${section}\n  Polio              dose 2 of 2, ${dates}`);
    expect(text).toContain(below);
  });

  it('says that what is overdue cannot be given yet, and when it can', () => {
    const text = changed('2020-03-10', (each) =>
      each.vaccineGroup === 'Polio' ? [{ ...each, behindSince: day('2020-03-05') }] : [],
    );
    expect(text).toContain('\nNothing that is due can be given today; next: Polio on 2020-03-30\n');
    expect(text).toContain('dose 2 of 2, overdue since 2020-03-05, not before 2020-03-30, not after');
  });

  it.each(['permissive', 'isSharedDecision'] as const)('calls nobody late where it is %s', (left) => {
    const text = changed('2020-05-01', (each) => [{ ...each, [left]: true }]);
    expect(text).toContain('May be given now\n');
    expect(text).toContain('dose 2 of 2, now, not after 2029-12-31\n');
    expect(text).not.toContain('verdue');
  });

  it.each([
    ['Not Complete', false],
    ['Complete', false],
    ['Aged Out', true],
  ] as const)('says that a group is aged out beside one that is %s: %s', (status, isSaid) => {
    const text = changed('2020-05-01', (each) => [
      { ...each, status },
      { ...each, status: 'Aged Out', reasons: ['past-maximum-age'] },
    ]);
    expect(text.includes('too old')).toBe(isSaid);
  });

  it('says what is complete, and which doses do not count or were left out', () => {
    const text = renderForecast(
      given('2021-01-01', [['2020-01-20'], ['2020-03-02'], ['2020-05-01'], ['2020-05-02', '999']]),
    );
    expect(text).toContain('Complete or immune\n  Polio              complete with 2 doses\n');
    expect(text).toContain(
      'Doses that do not count\n  2020-01-20 vaccine 10 (CVX 10): not counted for Polio: given too young (it would have counted from 2020-02-08 on)',
    );
    expect(text).toContain(
      'Doses left out\n  2020-05-02 CVX 999 [Immunization/4]: the schedule does not know its vaccine code\n',
    );
  });

  it('shows no ids of rules', () => {
    expect(renderForecast(given('2020-05-01', [['2020-03-02']]))).not.toMatch(/[A-Z]{5,}-\d|Table/);
  });
});
