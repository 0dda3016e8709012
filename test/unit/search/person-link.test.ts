import { expect, it } from 'vitest';
import { drawValues } from '../../../src/search/draw-values.ts';
import { recordSystem } from '../../../src/search/person-link.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { indexResource } from './search-world.ts';

const source = { system: recordSystem, code: 'source' };
const refer = (reference: unknown, type = 'refer') => ({ other: { reference }, type });
const patient = (tag: unknown, link: unknown, resourceType = 'Patient') => ({
  resourceType,
  id: 's',
  meta: { tag },
  link,
});
const key = (type: 'Patient' | 'Person') => ({ type, id: 's' as ResourceId });

it.each([
  ['a source that refers to its person', patient([source], [refer('Patient/p')]), 'p'],
  ['the first one that it refers to', patient([source], [refer('Patient/p'), refer('Patient/q')]), 'p'],
  ['past links of other types', patient([source], [refer('Patient/q', 'seealso'), refer('Patient/p')]), 'p'],
  ['past what is no Patient', patient([source], [refer('RelatedPerson/r'), refer('Patient/p')]), 'p'],
  ['past itself', patient([source], [refer('Patient/s'), refer('Patient/p')]), 'p'],
  ['nobody: no tag', patient([], [refer('Patient/p')]), undefined],
  ['nobody: no tags at all', { resourceType: 'Patient', link: [refer('Patient/p')] }, undefined],
  ['nobody: another system', patient([{ code: 'source' }], [refer('Patient/p')]), undefined],
  ['nobody: another code', patient([{ ...source, code: 'person' }], [refer('Patient/p')]), undefined],
  ['nobody: no link', patient([source], undefined), undefined],
  ['nobody: only itself', patient([source], [refer('Patient/s')]), undefined],
  ['nobody: a person replaced', patient([source], [refer('Patient/p', 'replaced-by')]), undefined],
  [
    'the person by whom it was replaced',
    patient([{ ...source, code: 'replaced' }], [refer('Patient/q'), refer('Patient/p', 'replaced-by')]),
    'p',
  ],
  ['nobody: elsewhere', patient([source], [refer('http://a/fhir/Patient/p')]), undefined],
  ['nobody: no id', patient([source], [refer('Patient/p/_history/1'), refer(7)]), undefined],
])('draws to whom a Patient belongs: %s', (_, resource, person) => {
  const drawn = drawValues(indexResource, key('Patient'), resource);
  expect(drawn.person).toBe(person);
  expect(drawn.index['link:person']).toEqual(person && [{ kind: 'reference', type: 'Patient', id: person }]);
});

it('draws it of Patients only', () => {
  const resource = patient([source], [refer('Patient/p')], 'Person');
  expect(drawValues(indexResource, key('Person'), resource)).not.toHaveProperty('person');
});
