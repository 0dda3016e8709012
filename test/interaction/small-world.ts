import { ownerCode, ownerSystem } from '../../src/access/owner.ts';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import type { InteractionContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { deleteResource } from '../../src/interaction/delete-resource.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';

export type Sample = { readonly resourceType: ResourceType; readonly id: string } & Readonly<
  Record<string, unknown>
>;

const to = (reference: string) => ({ reference });
const cvx = (code: string) => ({ coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] });
const loinc = { coding: [{ system: 'http://loinc.org', code: '8302-2' }] };

const patient = (id: string, family: string, organization: string, more: object = {}): Sample => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'urn:mrn', value: id }],
  name: [{ family, given: ['Ann'] }],
  birthDate: `2020-01-0${id.length % 9 || 1}`,
  managingOrganization: to(`Organization/${organization}`),
  ...more,
});
const dose = (id: string, of: string, code: string, more: object = {}): Sample => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: cvx(code),
  occurrenceDateTime: `2024-02-0${(id.length % 9) + 1}`,
  patient: to(`Patient/${of}`),
  ...more,
});
const height = (id: string, of: string): Sample => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: loinc,
  subject: to(`Patient/${of}`),
  valueQuantity: { value: 90, unit: 'cm' },
});

/** People of two clinics and what is known of them; every kind of link between them. */
export const samples: readonly Sample[] = [
  { resourceType: 'Organization', id: 'a', name: 'Harbor Clinic', active: true },
  { resourceType: 'Organization', id: 'b', name: 'Hill Clinic', active: true, partOf: to('Organization/a') },
  { resourceType: 'Organization', id: 'school', name: 'Elm School', active: true },
  { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Smith' }] },
  patient('p', 'Smith', 'a', { generalPractitioner: [to('Practitioner/doc')] }),
  patient('q', 'Smith', 'b', { link: [{ other: to('Patient/p'), type: 'seealso' }] }),
  patient('r', 'Jones', 'b', { address: [{ city: 'Boston' }], generalPractitioner: [to('Organization/a')] }),
  patient('s', 'Stone', 'school'),
  dose('i1', 'p', '08', { performer: [{ actor: to('Organization/a') }], lotNumber: 'A1' }),
  dose('i2', 'q', '08', { performer: [{ actor: to('Practitioner/doc') }], lotNumber: 'A1' }),
  dose('i3', 'r', '03', { performer: [{ actor: to('Organization/b') }] }),
  // Who objects is seen by nobody but the owner of each resource.
  dose('i4', 's', '03', {
    performer: [{ actor: to('Organization/a') }],
    meta: { tag: [{ system: ownerSystem, code: ownerCode('b') }] },
  }),
  {
    resourceType: 'Consent',
    id: 'objection',
    status: 'active',
    scope: { text: 'privacy' },
    category: [{ coding: [dataSharingObjection] }],
    patient: to('Patient/s'),
    policyRule: { text: 'law' },
  },
  height('o1', 'p'),
  height('o2', 'q'),
  {
    resourceType: 'Group',
    id: 'roster',
    type: 'person',
    actual: true,
    name: 'Grade one',
    managingEntity: to('Organization/school'),
    member: [{ entity: to('Patient/p') }, { entity: to('Patient/s') }],
  },
  {
    resourceType: 'Group',
    id: 'one',
    type: 'person',
    actual: true,
    member: [{ entity: to('Patient/q') }],
  },
  {
    resourceType: 'List',
    id: 'list',
    status: 'current',
    mode: 'working',
    entry: [{ item: to('Patient/p') }, { item: to('Patient/q') }, { item: to('Immunization/i3') }],
  },
  {
    resourceType: 'List',
    id: 'own',
    status: 'current',
    mode: 'working',
    subject: to('Patient/p'),
    entry: [{ item: to('Immunization/i1') }, { item: to('Immunization/i2') }],
  },
  {
    resourceType: 'Provenance',
    id: 'prov',
    target: [to('Patient/q'), to('Immunization/i2')],
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ who: to('Organization/b') }],
  },
  {
    resourceType: 'Task',
    id: 'task',
    status: 'requested',
    intent: 'order',
    for: to('Patient/p'),
    focus: to('Patient/q'),
  },
  { resourceType: 'Location', id: 'here', name: 'Here', position: { longitude: 1, latitude: 1 } },
];

const key = ({ resourceType, id }: Sample) => ({ type: resourceType, id: id as ResourceId });
const parsed = (resource: Sample) => ({ resource: resource as never, exactNumbers: false });

/** Writes the samples, and some of them again: i1 was q's before it was p's, o2 and a dose of p are gone. */
export async function fillWorld(ctx: InteractionContext): Promise<void> {
  const put = (resource: Sample) => updateResource(ctx, key(resource), parsed(resource));
  for (const resource of samples)
    if (resource.id === 'i1') await put({ ...resource, patient: to('Patient/q') });
  for (const resource of samples) await put(resource);
  for (const [id, of] of [
    ['gone-p', 'p'],
    ['gone-q', 'q'],
  ] as const) {
    const gone = dose(id, of, '08');
    await put(gone);
    await deleteResource(ctx, key(gone));
  }
  // One id that was p's until it was deleted, and is q's.
  await put(dose('reborn', 'p', '08'));
  await deleteResource(ctx, key(dose('reborn', 'p', '08')));
  await put(dose('reborn', 'q', '08'));
  await createResource(ctx, parsed({ ...height('o3', 'r'), id: 'o3' }));
}

/** Ids of the world, and some that never were. */
export const keys: readonly { readonly type: ResourceType; readonly id: ResourceId }[] = [
  ...samples.map(key),
  ...(
    [
      ['Immunization', 'gone-p'],
      ['Immunization', 'gone-q'],
      ['Immunization', 'reborn'],
      ['Patient', 'never'],
      ['Immunization', 'never'],
      ['Observation', 'never'],
    ] as const
  ).map(([type, id]) => ({ type, id: id as ResourceId })),
];

/** Searches that look at other resources, or could tell of them. */
export const searches: readonly (readonly [ResourceType | undefined, string])[] = [
  ['Patient', ''],
  ['Patient', '_summary=count'],
  ['Patient', '_total=accurate&_count=1'],
  ['Patient', 'name=smith'],
  ['Patient', 'organization=Organization/b'],
  ['Patient', 'organization.name=hill'],
  ['Patient', 'organization.partof.name=harbor'],
  ['Patient', 'general-practitioner:Practitioner.family=smith'],
  ['Patient', 'link:Patient.family=smith'],
  ['Patient', '_has:Immunization:patient:vaccine-code=08'],
  ['Patient', '_has:Immunization:patient:vaccine-code:not=08'],
  ['Patient', '_has:Group:member:managing-entity=Organization/school'],
  ['Patient', '_has:Provenance:target:agent=Organization/b'],
  ['Patient', '_has:Task:focus:status=requested'],
  ['Patient', '_has:List:item:_id=list'],
  ['Patient', '_list=list'],
  ['Patient', '_filter=family eq smith or not (organization re Organization/a)'],
  ['Patient', '_include=Patient:organization&_include:iterate=Organization:partof'],
  ['Patient', '_filter=not (organization.name sw hill)'],
  ['Observation', '_filter=not (subject:Patient.family sw smith)'],
  ['Observation', '_filter=not (patient.family sw smith)'],
  ['Immunization', '_filter=not (patient.family sw smith) and not (performer.name sw harbor)'],
  ['Patient', '_include=*'],
  ['Patient', '_include=Patient:link'],
  ['Patient', '_revinclude=Immunization:patient&_revinclude=Group:member&_revinclude=List:item'],
  ['Patient', '_revinclude=*'],
  ['Patient', '_revinclude:iterate=Patient:link&_id=p'],
  ['Patient', '_sort=-_lastUpdated&_count=1&_total=accurate'],
  ['Patient', '_sort=family,-birthdate'],
  ['Patient', '_id=p,q,r,s,never'],
  ['Patient', 'organization:missing=false'],
  ['Patient', '_lastUpdated=gt2020'],
  ['Immunization', ''],
  ['Immunization', '_count=1&_total=accurate'],
  ['Immunization', 'lot-number=A1'],
  ['Immunization', 'patient=Patient/q'],
  ['Immunization', 'patient.name=smith'],
  ['Immunization', 'patient:Patient.organization.name=hill'],
  ['Immunization', 'patient.identifier=urn:mrn|q'],
  ['Immunization', 'patient.identifier:not=urn:mrn|q'],
  ['Immunization', 'performer:Organization.name=harbor'],
  ['Immunization', '_has:Provenance:target:recorded=gt2020'],
  ['Immunization', '_include=Immunization:patient&_include:iterate=Patient:organization'],
  ['Immunization', '_include=Immunization:performer'],
  ['Immunization', '_revinclude=Provenance:target'],
  ['Immunization', '_list=own'],
  ['Observation', ''],
  ['Observation', 'patient.name=smith&_include=Observation:subject'],
  ['Group', ''],
  ['Group', 'member=Patient/p'],
  ['Group', 'member:Patient.name=smith'],
  ['Group', '_include=Group:member'],
  ['List', '_include=List:item&_revinclude=List:item'],
  ['Provenance', '_include=Provenance:target'],
  ['Task', ''],
  ['Consent', ''],
  ['Immunization', `_tag=${ownerSystem}|`],
  ['Patient', '_has:Consent:patient:status=active'],
  ['Patient', '_has:Immunization:patient:_tag=organization/b'],
  ['Organization', '_revinclude=Patient:organization'],
  ['Organization', '_has:Patient:organization:family=jones'],
  ['Location', 'near=1|1|10|km'],
  [undefined, ''],
  [undefined, '_count=2&_total=accurate'],
  [undefined, '_lastUpdated=gt2020&_sort=-_lastUpdated&_count=3'],
  [undefined, '_id=p,q,i1,i2,a'],
];
