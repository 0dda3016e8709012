import { expect, it } from 'vitest';
import { toLookUp } from '../../../src/access/look-up.ts';
import { parse } from '../search/search-world.ts';

const lookUpOf = (query: string) => {
  const parsed = parse('Patient', query);
  if (parsed.kind !== 'search') throw new Error(`${query} is no search`);
  return toLookUp(parsed.request.filter);
};

it.each([
  'identifier=urn:mrn|A-1',
  'identifier=A-1',
  'identifier=urn:mrn|A-1&gender=female',
  'family=Smith&given=Ann&birthdate=2020-02-29',
  'family:exact=Smith&given=Ann&birthdate=eq2020-02-29&_count=5',
])('%s names one person', (query) => {
  expect(lookUpOf(query)).toBeDefined();
});

it.each([
  '',
  'family=Smith',
  'family=Smith&given=Ann',
  'family=Smith&birthdate=2020-02-29',
  'given=Ann&birthdate=2020-02-29',
  'birthdate=2020-02-29',
  'family=Smith&given=Ann&birthdate=2020-02',
  'family=Smith&given=Ann&birthdate=ge2020-02-29',
  'family=Smith&given=Ann&birthdate=ne2020-02-29',
  'family=Smith&given=Ann&birthdate=2020-02-28,2020-02-29',
  'family=Smith,Jones&given=Ann&birthdate=2020-02-29',
  'family:contains=S&given=Ann&birthdate=2020-02-29',
  'family:missing=false&given=Ann&birthdate=2020-02-29',
  'identifier=urn:mrn|',
  'identifier=A-1,A-2',
  'identifier:not=A-1',
  'identifier:missing=false',
  'identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|A-1',
  'identifier=A-1&organization=Organization/clinic',
  'identifier=A-1&organization.name=clinic',
  'identifier=A-1&_has:Immunization:patient:vaccine-code=08',
  'identifier=A-1&link=Patient/other',
  '_id=ann',
  'phone=555-1',
])('%s names nobody', (query) => {
  expect(lookUpOf(query)).toBeUndefined();
});

it('asks for whole names', () => {
  expect(lookUpOf('family=Smi&given=Ann&birthdate=2020-02-29')).toMatchObject({
    of: [
      { param: 'family', test: { match: 'whole', text: 'smi' } },
      { param: 'given', test: { match: 'whole', text: 'ann' } },
      { param: 'birthdate' },
    ],
  });
});
