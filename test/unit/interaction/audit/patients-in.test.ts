import { expect, it } from 'vitest';
import type { ResourceType } from '../../../../src/fhir/resource-type.ts';
import { addPatientsIn } from '../../../../src/interaction/audit/patients-in.ts';
import type { ResourceId } from '../../../../src/values/resource-id.ts';

const base = 'http://jenner.test/fhir';

function patientsIn(type: ResourceType, resource: object): readonly string[] {
  const found = new Set<ResourceId>();
  addPatientsIn(found, { type, id: 'own' as ResourceId, text: JSON.stringify(resource) }, base);
  return [...found].sort();
}

const to = (reference: string) => ({ reference });

it.each<[string, ResourceType, object, readonly string[]]>([
  ['a Patient itself', 'Patient', { link: [{ other: to('Patient/b') }] }, ['own']],
  ['whom it is about', 'Immunization', { patient: to('Patient/a') }, ['a']],
  [
    'each once',
    'List',
    { subject: to('Patient/a'), entry: [{ item: to('Patient/b') }, { item: to('Patient/a') }] },
    ['a', 'b'],
  ],
  ['one by a URL of this server', 'Immunization', { patient: to(`${base}/Patient/a`) }, ['a']],
  ['one by a version', 'Provenance', { target: [to('Patient/a/_history/2'), to('Patient/b')] }, ['a', 'b']],
  ['nobody of another server', 'Immunization', { patient: to('http://else.test/fhir/Patient/a') }, []],
  ['nobody in a text', 'Immunization', { note: [{ text: 'see "reference":"Patient/a"' }] }, []],
  ['nobody by what is no id', 'Immunization', { patient: to('Patient/a?b') }, []],
  ['nobody in what is about no person', 'Organization', { contact: to('Patient/a') }, []],
])('finds %s', (_, type, resource, expected) => {
  expect(patientsIn(type, resource)).toEqual(expected);
});

it('finds of a delete only the Patient that it is', () => {
  const found = new Set<ResourceId>();
  addPatientsIn(found, { type: 'Immunization', id: 'x' as ResourceId }, base);
  expect(found.size).toBe(0);
  addPatientsIn(found, { type: 'Patient', id: 'x' as ResourceId }, base);
  expect([...found]).toEqual(['x']);
});
