import { ownerCode, ownerSystem } from '../../src/access/owner.ts';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import type { Given } from './entitled.ts';
import type { TestServer } from './open-test-server.ts';

const to = (reference: string) => ({ reference });
const owner = { meta: { tag: [{ system: ownerSystem, code: ownerCode('b') }] } };

/** The persons of the matrix, and where they belong. */
export const persons = {
  mine: { managingOrganization: to('Organization/a'), address: [{ city: 'Boston' }] },
  theirs: { managingOrganization: to('Organization/b') },
  objecting: { managingOrganization: to('Organization/a'), address: [{ city: 'Boston' }], ...owner },
} as const;
export type Person = keyof typeof persons | 'never';

const everybody = Object.keys(persons) as (keyof typeof persons)[];

/** Of each person: a Patient, a dose that is named for it, and one that was deleted. */
export async function fillAccessWorld({ ctx }: TestServer): Promise<void> {
  const put = (resource: object & { readonly resourceType: ResourceType; readonly id: string }) =>
    updateResource(
      ctx,
      { type: resource.resourceType, id: resource.id as ResourceId },
      { resource: resource as never, exactNumbers: false },
    );
  for (const id of ['a', 'b', 'school'] as const)
    await put({ resourceType: 'Organization', id, name: id } as never);
  for (const id of everybody) {
    await put({
      resourceType: 'Patient',
      id,
      name: [{ family: id }],
      birthDate: '2025-01-01',
      ...persons[id],
    } as never);
    await put({ ...doseOf(id), id: `dose-${id}` } as never);
  }
  await put({
    resourceType: 'Group',
    id: 'roster',
    type: 'person',
    actual: true,
    managingEntity: to('Organization/school'),
    member: [{ entity: to('Patient/mine') }],
  } as never);
  await put({
    resourceType: 'Consent',
    id: 'objection',
    status: 'active',
    scope: { text: 'privacy' },
    category: [{ coding: [dataSharingObjection] }],
    patient: to('Patient/objecting'),
    policyRule: { text: 'law' },
  } as never);
}

export function doseOf(person: string) {
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { text: 'some' },
    occurrenceDateTime: '2024-01-01',
    patient: to(`Patient/${person}`),
  };
}

export type Row = {
  readonly given: Given;
  /** Whom the caller sees. */
  readonly sees: readonly (keyof typeof persons)[];
  /** Whether the caller may write doses of those. */
  readonly writes: boolean;
  readonly deletes?: true;
  /** Of whom it may report doses though it does not see them: an objection hides, and does not end a duty to report. */
  readonly reports?: 'objecting';
  /** Whether no scope of it lets anything be written. */
  readonly readOnly?: true;
  /** Whether the caller may write under an id of its own choice: nothing is hidden from it. */
  readonly all?: true;
};

const rs = 'user/*.rs';
/** Who asks, in the columns of the matrix. */
export const rows: Readonly<Record<string, Row>> = {
  administrator: {
    given: { role: 'administrator' },
    sees: everybody,
    writes: true,
    deletes: true,
    all: true,
  },
  programme: { given: { role: 'programme-staff' }, sees: everybody, writes: true, deletes: true, all: true },
  'site-administrator': {
    given: { role: 'site-administrator', organizations: ['a'] },
    sees: ['mine'],
    writes: false,
  },
  clinician: {
    given: { role: 'clinician', organizations: ['a'] },
    sees: ['mine'],
    writes: true,
    reports: 'objecting',
  },
  'clinician of another organization': {
    given: { role: 'clinician', organizations: ['b'] },
    sees: ['theirs'],
    writes: true,
  },
  'clinician of the Department': {
    given: { role: 'clinician', organizations: ['a'], isDepartment: true },
    sees: everybody,
    writes: true,
    all: true,
  },
  'vaccine-coordinator': {
    given: { role: 'vaccine-coordinator', organizations: ['a'] },
    sees: ['mine'],
    writes: false,
  },
  'school-nurse': {
    given: { role: 'school-nurse', organizations: ['school'] },
    sees: ['mine'],
    writes: false,
  },
  'board-of-health': { given: { role: 'board-of-health', towns: ['Boston'] }, sees: ['mine'], writes: false },
  auditor: { given: { role: 'auditor' }, sees: [], writes: false },
  interface: {
    given: { role: 'interface', organizations: ['a'] },
    sees: ['mine'],
    writes: true,
    reports: 'objecting',
  },
  individual: { given: { role: 'individual', ownPersons: ['mine'] }, sees: ['mine'], writes: false },
  parent: {
    given: { role: 'individual', ownPersons: ['theirs', 'objecting'] },
    sees: ['theirs', 'objecting'],
    writes: false,
  },
  'app of the child in context': {
    given: {
      role: 'individual',
      ownPersons: ['mine', 'theirs'],
      patient: 'theirs',
      scopes: 'patient/*.cruds',
    },
    sees: ['theirs'],
    writes: false,
  },
  'app of a clinician with version 1': {
    given: { role: 'clinician', organizations: ['a'], patient: 'mine', scopes: 'patient/*.*' },
    sees: ['mine'],
    writes: true,
  },
  'app that reads': {
    given: { role: 'clinician', organizations: ['a'], scopes: rs },
    sees: ['mine'],
    writes: false,
    readOnly: true,
  },
  'app with a query part': {
    given: {
      role: 'administrator',
      scopes: 'user/Patient.rs?family=theirs user/Immunization.rs?patient=Patient/theirs',
    },
    sees: ['theirs'],
    writes: false,
    readOnly: true,
  },
  backend: { given: { scopes: 'system/*.cruds' }, sees: everybody, writes: true, deletes: true, all: true },
  'backend of a clinic': {
    given: { organizations: ['a'], scopes: 'system/*.cruds' },
    sees: ['mine'],
    writes: true,
    reports: 'objecting',
    deletes: true,
  },
};
