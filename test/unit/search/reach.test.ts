import { expect, it } from 'vitest';
import { marksOf, objectionMark } from '../../../src/search/reach.ts';
import { indexResource } from './search-world.ts';

const category = (system: string, code: string) => [{ coding: [{ system, code }] }];
const objection = category(
  'https://jenner-iis.org/fhir/CodeSystem/consent-category',
  'data-sharing-objection',
);

it.each([
  ['active', objection, [objectionMark]],
  ['inactive', objection, []],
  ['entered-in-error', objection, []],
  ['active', category('urn:elsewhere', 'data-sharing-objection'), []],
  ['active', category('https://jenner-iis.org/fhir/CodeSystem/consent-category', 'research'), []],
  ['active', [], []],
])('takes a Consent that is %s, of the category %o, as %o', (status, of, expected) => {
  const consent = {
    resourceType: 'Consent',
    id: 'c',
    status,
    category: of,
    patient: { reference: 'Patient/p' },
  };
  expect(marksOf('Consent', indexResource(consent), consent)).toEqual(expected);
});
