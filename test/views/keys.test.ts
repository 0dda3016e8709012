import { expect, it } from 'vitest';
import { keyOfReference, keyOfResource } from '../../src/views/keys.ts';

const base = 'https://registry.example/fhir';

it.each([
  ['Patient/1', undefined, '1'],
  ['Patient/1', 'Patient', '1'],
  ['Patient/1', 'Group', undefined],
  ['Patient/1/_history/2', 'Patient', '1'],
  [`${base}/Patient/1`, 'Patient', '1'],
  ['https://elsewhere.example/fhir/Patient/1', undefined, undefined],
  ['#inner', undefined, undefined],
  ['Patient?identifier=x', undefined, undefined],
  ['urn:uuid:5', undefined, undefined],
])('the key of the reference %s as a %s is %s', (reference, type, key) => {
  expect(keyOfReference({ reference }, type, base)).toBe(key);
});

it('is of resources and references alone', () => {
  expect(keyOfReference('Patient/1', undefined, base)).toBeUndefined();
  expect(keyOfReference(undefined, undefined, base)).toBeUndefined();
  expect(keyOfResource({ resourceType: 'Patient', id: 'x' })).toEqual(['x']);
  expect(keyOfResource({ id: 'x' })).toEqual([]);
});
