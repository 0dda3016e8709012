import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../../src/forecast/compile-schedule.ts';
import { readScheduleData } from '../../../../src/forecast/read-schedule-data.ts';
import { toKnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import {
  type ClinicalResource,
  toObservations,
} from '../../../../src/registry/forecasting/to-observations.ts';
import { toEpochDay } from '../../../../src/values/epoch-day.ts';

const data = readScheduleData(JSON.parse(readFileSync('schedules/4.64-508.json', 'utf8')));
const knowledgeBase = toKnowledgeBase(data, compileSchedule(data));
const assessment = toEpochDay(2025, 11, 10);
const own = 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation';

const pregnant = {
  resourceType: 'Condition',
  subject: { reference: 'Patient/p' },
  code: { coding: [{ system: own, code: '007' }] },
  onsetDateTime: '2025-05-01',
};
const read = (resource: object) => toObservations(resource as ClinicalResource, knowledgeBase, assessment);
const since = { code: '007', date: toEpochDay(2025, 5, 1) };

describe('toObservations', () => {
  it.each`
    what                                     | change                                                       | found
    ${'a CDSi code'}                         | ${{}}                                                        | ${[since]}
    ${'one without a date as active'}        | ${{ onsetDateTime: undefined }}                              | ${[{ code: '007' }]}
    ${'the recorded date for want of onset'} | ${{ onsetDateTime: undefined, recordedDate: '2025-05-01' }}  | ${[since]}
    ${'one that ended before'}               | ${{ abatementDateTime: '2025-10-01' }}                       | ${[{ ...since, endDate: toEpochDay(2025, 10, 1) }]}
    ${'a month that ended before'}           | ${{ abatementDateTime: '2025-10' }}                          | ${[]}
    ${'one that begins after'}               | ${{ onsetDateTime: '2026' }}                                 | ${[]}
    ${'one in a year long past, undated'}    | ${{ onsetDateTime: '2020' }}                                 | ${[{ code: '007' }]}
    ${'nothing that was refuted'}            | ${{ verificationStatus: { coding: [{ code: 'refuted' }] } }} | ${[]}
    ${'nothing that is resolved'}            | ${{ clinicalStatus: { coding: [{ code: 'resolved' }] } }}    | ${[]}
    ${'no code of an unknown system'}        | ${{ code: { coding: [{ system: 'urn:x', code: '007' }] } }}  | ${[]}
  `('reads $what', ({ change, found }) => {
    expect(read({ ...pregnant, ...change })).toEqual({ observations: found });
  });

  it('keeps evidence of immunity when the disease is over', () => {
    const varicella = { ...pregnant, code: { coding: [{ system: own, code: '024' }] } };
    const resolved = { ...varicella, clinicalStatus: { coding: [{ code: 'resolved' }] } };
    expect(read(resolved).observations).toEqual([{ code: '024', date: since.date }]);
    expect(read({ ...varicella, abatementDateTime: '2025-06-01' }).observations).toEqual([
      { code: '024', date: since.date },
    ]);
  });

  it('reports a date that may lie on either side of the assessment', () => {
    expect(read({ ...pregnant, onsetDateTime: '2025-11' })).toEqual({
      observations: [],
      unsure: '2025-11 may lie before or after the assessment date',
    });
  });

  it('reads an Observation by its code and its value, but not a negative one', () => {
    const snomed = data.observations
      .find(({ code }) => code === '007')
      ?.codedValues.find(({ system }) => system === 'SNOMED');
    const coded = { coding: [{ system: 'http://snomed.info/sct', code: snomed?.code }] };
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'status' },
      valueCodeableConcept: coded,
    };
    expect(read(observation).observations).toEqual([{ code: '007' }]);
    const negative = { coding: [{ system: 'http://snomed.info/sct', code: '260385009' }] };
    expect(read({ ...observation, code: coded, valueCodeableConcept: negative }).observations).toEqual([]);
    expect(read({ ...observation, code: coded, valueBoolean: false }).observations).toEqual([]);
    expect(read({ ...observation, status: 'entered-in-error' }).observations).toEqual([]);
  });

  it('reads a reaction to a vaccine only where the vaccine is named', () => {
    const general = { system: 'urn:oid:2.16.840.1.114222.4.5.274', code: 'VXC20' };
    const rotavirus = { system: 'http://hl7.org/fhir/sid/cvx', code: '116' };
    const allergy = { resourceType: 'AllergyIntolerance', patient: { reference: 'Patient/p' } };
    expect(read({ ...pregnant, code: { coding: [general] } })).toEqual({
      observations: [],
      unsure: 'VXC20 needs a CVX code beside it that says which vaccine is meant',
    });
    const both = { ...pregnant, onsetDateTime: undefined, code: { coding: [general, rotavirus] } };
    expect(read(both).observations).toEqual([{ code: '083' }]);
    expect(read({ ...allergy, code: { coding: [rotavirus] } }).observations).toEqual([{ code: '083' }]);
    expect(read({ ...pregnant, code: { coding: [rotavirus] } }).observations).toEqual([]);
  });
});
