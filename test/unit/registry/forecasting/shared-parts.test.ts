import type { Immunization, Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { answerForecast } from '../../../../src/registry/forecasting/forecast-answer.ts';
import { loadKnowledgeBases } from '../../../../src/shipped/knowledge-bases.ts';
import type { EpochDay } from '../../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../../src/values/partial-date.ts';

const [knowledgeBase] = loadKnowledgeBases('none');
const cvx = 'http://hl7.org/fhir/sid/cvx';

function answerFor(birthDate: string, given: readonly (readonly [string, string])[]) {
  const patient: Patient = { resourceType: 'Patient', id: 'p', birthDate, gender: 'female' };
  const immunizations = given.map(([occurrenceDateTime, code], place) => {
    const resource: Immunization = {
      resourceType: 'Immunization',
      id: `i${place}`,
      status: 'completed',
      patient: { reference: 'Patient/p' },
      vaccineCode: { coding: [{ system: cvx, code }] },
      occurrenceDateTime,
    };
    return { resource, reference: `Immunization/i${place}`, expression: `Immunization/i${place}` };
  });
  const record = {
    patient: { resource: patient, reference: 'Patient/p', expression: 'Patient/p' },
    immunizations,
    clinical: [],
  };
  const assessmentDate = parseEpochDay('2026-03-01') as EpochDay;
  const asked = { record, assessmentDate, knowledgeBase, explain: false, includeDistant: true, notes: [] };
  return answerForecast(asked, false);
}

function partsOf(value: unknown, found: Set<object> = new Set()): ReadonlySet<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  for (const part of Object.values(value)) partsOf(part, found);
  return found;
}

describe('the answers of two people', () => {
  const child = partsOf(
    answerFor('2024-01-10', [
      ['2024-03-10', '110'],
      ['2024-03-12', '110'],
      ['2024-03-10', '999'],
    ]),
  );
  const grownUp = partsOf(
    answerFor('1961-01-10', [
      ['2001-03-10', '03'],
      ['2024-03-10', '110'],
      ['2020-02-01', '999'],
    ]),
  );

  it('have in common only what nobody can change', () => {
    const common = [...child].filter((part) => grownUp.has(part));
    expect(common.length).toBeGreaterThan(20);
    expect(common.filter((part) => !Object.isFrozen(part))).toEqual([]);
  });
});
