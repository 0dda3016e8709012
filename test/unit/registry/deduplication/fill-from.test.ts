import type { Immunization, Practitioner } from 'fhir/r4.js';
import { expect, it } from 'vitest';
import { fillFrom } from '../../../../src/registry/deduplication/fill-from.ts';

const practitioner = (id: string, family: string): Practitioner => ({
  resourceType: 'Practitioner',
  id,
  name: [{ family }],
});
const by = (id: string) => [{ actor: { reference: `#${id}` } }];
const dose = (members: Partial<Immunization>): Immunization => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
  patient: { reference: 'Patient/p' },
  occurrenceDateTime: '2025-01-01',
  ...members,
});

it('takes along who is contained in what a dose is filled from', () => {
  const other = dose({
    id: 'b',
    contained: [practitioner('who', 'Ng'), practitioner('x', 'Vance')],
    performer: by('who'),
  });
  const third = dose({ id: 'c', contained: [practitioner('who', 'Third')], performer: by('who') });
  expect(fillFrom(dose({ id: 'a' }), [other, third])).toMatchObject({
    contained: [{ id: 'who', name: [{ family: 'Ng' }] }],
    performer: by('who'),
  });
});

it('is not filled by what would mean another who is contained in the dose', () => {
  const own = dose({ id: 'a', contained: [practitioner('who', 'Own')], lotNumber: 'A' });
  const other = dose({
    id: 'b',
    contained: [practitioner('who', 'Ng')],
    performer: by('who'),
    lotNumber: 'B',
  });
  expect(fillFrom(own, [other])).toEqual(own);
});
