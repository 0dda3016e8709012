import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { withCaller } from '../../src/interaction/context.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { type RecordCode, recordSystem } from '../../src/search/person-link.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import type { TestServer } from './open-test-server.ts';

export const to = (reference: string) => ({ reference });
const linkTo = (id: string, type: string) => ({ other: to(`Patient/${id}`), type });
export const taggedAs = (code: RecordCode) => ({ meta: { tag: [{ system: recordSystem, code }] } });

export const number = (clinic: string, value: string) => ({ system: `urn:${clinic}`, value });

export const source = (id: string, person: string, more: object = {}) => ({
  resourceType: 'Patient',
  id,
  ...taggedAs('source'),
  link: [linkTo(person, 'refer')],
  ...more,
});

export const dose = (id: string, patient: string, clinic: string, date: string) => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
  occurrenceDateTime: date,
  patient: to(`Patient/${patient}`),
  performer: [{ actor: to(`Organization/${clinic}`) }],
});

const identifiers = [number('a', '1'), number('b', '2')];
/** Ann was written by the clinics a and b, and has a dose of each, and one that was sent for the person; bob is alone. */
const resources = [
  ...['a', 'b', 'c', 'school'].map((id) => ({ resourceType: 'Organization', id, name: id })),
  {
    resourceType: 'Patient',
    id: 'ann',
    ...taggedAs('person'),
    identifier: identifiers,
    name: [{ family: 'Smith', given: ['Annette'] }],
    birthDate: '2020-02-29',
    gender: 'female',
    link: ['ann-a', 'ann-b'].map((id) => linkTo(id, 'seealso')),
  },
  source('ann-a', 'ann', {
    identifier: [identifiers[0]],
    name: [{ family: 'Smith', given: ['Ann'] }],
    birthDate: '2019-01-01',
    managingOrganization: to('Organization/a'),
  }),
  source('ann-b', 'ann', {
    identifier: [identifiers[1]],
    name: [{ family: 'Smyth', given: ['Ann'] }],
    managingOrganization: to('Organization/b'),
  }),
  {
    resourceType: 'Patient',
    id: 'bob',
    identifier: [number('b', '7')],
    name: [{ family: 'Smith', given: ['Bob'] }],
    birthDate: '2020-03-01',
    managingOrganization: to('Organization/b'),
  },
  dose('dose-a', 'ann-a', 'a', '2021-03-01'),
  dose('dose-b', 'ann-b', 'b', '2024-03-01'),
  dose('dose-p', 'ann', 'c', '2024-06-01'),
  dose('dose-bob', 'bob', 'b', '2021-03-01'),
  {
    resourceType: 'Group',
    id: 'roster',
    type: 'person',
    actual: true,
    managingEntity: to('Organization/school'),
    member: [{ entity: to('Patient/ann-a') }, { entity: to('Patient/ann') }],
  },
];

export const annAsAll = ['ann', 'ann-a', 'ann-b'];
export const dosesOfAnn = ['dose-a', 'dose-b', 'dose-p'];

export async function writeAsSystem(server: TestServer, resource: object): Promise<void> {
  const { resourceType, id } = resource as { readonly resourceType: ResourceType; readonly id: ResourceId };
  // As it is sent: what the registry makes of a source is another matter.
  const ctx = { ...withCaller(server.ctx, { kind: 'system', name: 'test' }), writeRules: [] };
  await updateResource(ctx, { type: resourceType, id }, { resource: resource as never, exactNumbers: false });
}

export async function fillPersonWorld(server: TestServer): Promise<void> {
  for (const resource of resources) await writeAsSystem(server, resource);
}
