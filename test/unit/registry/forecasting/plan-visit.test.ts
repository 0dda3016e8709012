import { readFileSync } from 'node:fs';
import type { Immunization } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../../src/forecast/compile-schedule.ts';
import { forecast } from '../../../../src/forecast/forecast.ts';
import { readScheduleData } from '../../../../src/forecast/read-schedule-data.ts';
import { toKnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import { planVisit } from '../../../../src/registry/forecasting/plan-visit.ts';
import { toPatientHistory } from '../../../../src/registry/forecasting/to-patient-history.ts';
import { day } from './asking.ts';

/** CDC's schedule, but that MMR may not be given on the day of varicella vaccine either. */
function withConflictOnOneDay() {
  const text = readFileSync('schedules/4.64-508.json', 'utf8');
  const json = JSON.parse(text);
  for (const conflict of json.vaccineConflicts) conflict.conflictBeginInterval = '0 days';
  const data = readScheduleData(json);
  return toKnowledgeBase(data, compileSchedule(data));
}

it('proposes no vaccines together that would not count together', async () => {
  const knowledgeBase = withConflictOnOneDay();
  const on = day('2026-11-28');
  const patient = {
    resource: { resourceType: 'Patient', birthDate: '2025-11-01' },
    reference: 'Patient/p',
    expression: 'Patient/p',
  } as const;
  const reading = toPatientHistory({ patient, immunizations: [], clinical: [] }, knowledgeBase, on);
  const available = new Set(['03', '21', '83']);
  const { injections, uncovered } = await planVisit(
    { reading, knowledgeBase, day: on, available, withheld: new Set() },
    () => undefined,
  );
  const given = injections.map(({ cvx }) => cvx);
  expect(given).toContain('83');
  expect(given.filter((cvx) => cvx !== '83').length).toBeLessThan(2);
  const open = uncovered.map(({ vaccineGroup }) => vaccineGroup);
  expect(open.includes('MMR') || open.includes('Varicella')).toBe(true);
});

it('proposes another vaccine than a live one where there is one', async () => {
  const data = readScheduleData(JSON.parse(readFileSync('schedules/4.64-508.json', 'utf8')));
  const knowledgeBase = toKnowledgeBase(data, compileSchedule(data));
  const on = day('2025-11-28');
  const patient = {
    resource: { resourceType: 'Patient', birthDate: '2022-11-01' },
    reference: 'Patient/p',
    expression: 'Patient/p',
  } as const;
  const reading = toPatientHistory({ patient, immunizations: [], clinical: [] }, knowledgeBase, on);
  const proposedOf = async (available?: ReadonlySet<string>) => {
    const question = { reading, knowledgeBase, day: on, available, withheld: new Set<string>() };
    const { injections } = await planVisit(question, () => undefined);
    return injections.flatMap(({ cvx, covers }) =>
      covers.some(({ vaccineGroup }) => vaccineGroup === 'Influenza') ? [cvx] : [],
    );
  };
  // CVX 111 and 149: live attenuated influenza vaccine by the nose.
  const live = ['111', '149'];
  const [usual = ''] = await proposedOf();
  expect(usual).not.toBe('');
  expect(live).not.toContain(usual);
  expect(live).toContain((await proposedOf(new Set(live)))[0]);
});

describe('what comes after a visit', () => {
  const data = readScheduleData(JSON.parse(readFileSync('schedules/4.64-508.json', 'utf8')));
  const knowledgeBase = toKnowledgeBase(data, compileSchedule(data));
  const on = day('2026-11-28');

  const doseOf = (cvx: string, date: string): Immunization => ({
    resourceType: 'Immunization',
    status: 'completed',
    patient: { reference: 'Patient/p' },
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] },
    occurrenceDateTime: date,
  });

  type Doses = readonly (readonly [cvx: string, date: string])[];

  const questionOf = (birthDate: string, doses: Doses = []) => {
    const patient = {
      resource: { resourceType: 'Patient', birthDate },
      reference: 'Patient/p',
      expression: 'Patient/p',
    } as const;
    const immunizations = doses.map(([cvx, date], nth) => ({
      resource: doseOf(cvx, date),
      reference: `Immunization/${nth}`,
      expression: `Immunization/${nth}`,
    }));
    const reading = toPatientHistory({ patient, immunizations, clinical: [] }, knowledgeBase, on);
    return { reading, knowledgeBase, day: on, available: undefined, withheld: new Set<string>() };
  };

  const planOf = (birthDate: string, doses?: Doses) =>
    planVisit(questionOf(birthDate, doses), () => undefined);

  const ages = ['1944-03-01', '1967-08-20', '1984-01-01', '2004-05-05', '2011-11-25', '2019-02-02'];

  const birthDates = [...ages, '2024-03-28', '2025-08-01', '2026-09-28', '2026-11-25'];

  it.each(birthDates)('is the same where the forecast is known already, born on %s', async (birthDate) => {
    for (const withheld of [[], ['Influenza', 'COVID-19', 'MMR']]) {
      const question = { ...questionOf(birthDate), withheld: new Set(withheld) };
      const known = forecast(knowledgeBase.schedule, question.reading.history, on);
      const plan = await planVisit(question, () => undefined);
      expect(await planVisit({ ...question, known }, () => undefined)).toEqual(plan);
      // It is taken as it is: of one by which nothing is due nothing is proposed.
      const none = { ...known, forecasts: [] };
      expect((await planVisit({ ...question, known: none }, () => undefined)).injections).toEqual([]);
    }
  });

  it.each(birthDates)(
    'may be earlier than what is recommended, and never later, for who was born on %s',
    async (birthDate) => {
      const { after } = await planOf(birthDate);
      if (!after) return;
      expect(after.recommended).toBeGreaterThan(on);
      expect(after.earliest).toBeGreaterThan(on);
      expect(after.earliest).toBeLessThanOrEqual(after.recommended);
      expect(after.mayBeGiven).not.toEqual([]);
      expect(after.isRecommended).not.toEqual([]);
    },
  );

  it('is not before a dose that may be given later alone, where the rest may be given already', async () => {
    const first = ['110', '48', '215', '119'].map((cvx) => [cvx, '2026-10-26'] as const);
    const { after, due } = await planOf('2026-08-24', [
      ['08', '2026-08-24'],
      ['306', '2026-09-05'],
      ...first,
    ]);
    expect(due).toEqual([]);
    expect(after).toMatchObject({ earliest: day('2026-12-24'), recommended: day('2026-12-24') });
    expect(after?.mayBeGiven).not.toContain('HepB');
    expect(after?.isRecommended.map(({ vaccineGroup }) => vaccineGroup)).toEqual(after?.mayBeGiven);
  });

  it.each([
    ['an adult', '1970-01-01', '216'],
    ['an infant', '2026-09-28', '215'],
  ])('is as little as can be: of the pneumococcal vaccines %s gets', async (_who, birthDate, cvx) => {
    const { injections } = await planOf(birthDate);
    const given = injections.filter(({ covers }) =>
      covers.some(({ vaccineGroup }) => vaccineGroup === 'Pneumococcal'),
    );
    expect(given.map((each) => each.cvx)).toEqual([cvx]);
  });
});
