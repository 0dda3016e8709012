import type { Caller, Opened, Permission } from '../../../src/access/caller.ts';
import type { Entitlement } from '../../../src/access/entitlement.ts';
import { ownerCode, ownerSystem } from '../../../src/access/owner.ts';
import type { RoleName } from '../../../src/access/role-name.ts';
import { parseScopes } from '../../../src/access/scope.ts';
import { toCaller } from '../../../src/access/to-caller.ts';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import { patientsOf } from '../../../src/search/compartment.ts';
import { buildIndexer } from '../../../src/search/index-resource.ts';
import type { Indexed } from '../../../src/search/index-values.ts';
import { matches, type World } from '../../../src/search/matches.ts';
import { dataSharingObjection, marksOf } from '../../../src/search/reach.ts';
import { loadSearchParams } from '../../../src/search/search-params.ts';
import { shippedDocuments } from '../../../src/shipped/package-files.ts';
import { type EpochDay, toEpochDay } from '../../../src/values/epoch-day.ts';
import type { EpochMs } from '../../../src/values/instant.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';

const { params } = loadSearchParams(shippedDocuments('search-params'));
export const baseUrl = 'http://jenner.test/fhir';
export const definitions = {
  params,
  baseUrl,
  now: Date.UTC(2026, 0, 10) as EpochMs,
  today: toEpochDay(2026, 1, 10),
};
const indexResource = await buildIndexer(params, { baseUrl });

const to = (reference: string) => ({ reference });
const owned = (organization: string) => ({
  meta: { tag: [{ system: ownerSystem, code: ownerCode(organization) }] },
});
const objection = (patient: string, status = 'active') => ({
  resourceType: 'Consent',
  id: `objection-${patient}`,
  status,
  patient: to(`Patient/${patient}`),
  category: [{ coding: [dataSharingObjection] }],
});
const dose = (id: string, patient: string, more: object) => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  patient: to(`Patient/${patient}`),
  ...more,
});

/**
 * `own` and `shy` are in the care of clinic a, `shy` objects and `back` objected once; `dosed` was vaccinated there,
 * `other` has nothing to do with it; `pupil` is on the roster of the school and lives in Boston.
 */
export const resources = [
  { resourceType: 'Organization', id: 'a' },
  { resourceType: 'Organization', id: 'b' },
  { resourceType: 'Practitioner', id: 'doc' },
  { resourceType: 'PractitionerRole', id: 'in-a', organization: to('Organization/a') },
  { resourceType: 'PractitionerRole', id: 'in-b', organization: to('Organization/b') },
  { resourceType: 'ValueSet', id: 'codes' },
  { resourceType: 'Binary', id: 'bytes' },
  { resourceType: 'Patient', id: 'own', managingOrganization: to('Organization/a') },
  { resourceType: 'Patient', id: 'shy', managingOrganization: to('Organization/a') },
  { resourceType: 'Patient', id: 'back', generalPractitioner: [to('Organization/a')] },
  { resourceType: 'Patient', id: 'dosed' },
  { resourceType: 'Patient', id: 'other', managingOrganization: to('Organization/b'), ...owned('b') },
  { resourceType: 'Patient', id: 'pupil', address: [{ city: 'Boston' }] },
  objection('shy'),
  objection('back', 'inactive'),
  dose('own-1', 'own', {}),
  dose('shy-a', 'shy', owned('a')),
  dose('shy-b', 'shy', owned('b')),
  dose('dosed-1', 'dosed', { performer: [{ actor: to('Organization/a') }] }),
  dose('pupil-1', 'pupil', { status: 'not-done' }),
  {
    resourceType: 'List',
    id: 'own-and-shy',
    subject: to('Patient/own'),
    entry: [{ item: to('Patient/shy') }],
  },
  {
    resourceType: 'List',
    id: 'own-and-other',
    subject: to('Patient/own'),
    entry: [{ item: to('Patient/other') }],
  },
  {
    resourceType: 'Group',
    id: 'roster',
    managingEntity: to('Organization/school'),
    member: [{ entity: to('Patient/pupil') }],
  },
  { resourceType: 'RelatedPerson', id: 'mother', patient: to('Patient/pupil') },
  { resourceType: 'AuditEvent', id: 'seen', entity: [{ what: to('Patient/own') }] },
  { resourceType: 'SupplyRequest', id: 'order', requester: to('Organization/a') },
  { resourceType: 'SupplyDelivery', id: 'sent', supplier: to('Organization/b') },
  { resourceType: 'Consent', id: 'consent-own', status: 'active', patient: to('Patient/own') },
] as const;

const indexed: readonly Indexed[] = resources.map((resource) => {
  const type = resource.resourceType as ResourceType;
  const index = indexResource(resource);
  const patients = patientsOf(type, resource.id as ResourceId, index);
  return {
    type,
    id: resource.id,
    lastUpdated: 0 as EpochMs,
    index,
    patients,
    marks: marksOf(type, index, resource),
  };
});

const world: World = {
  all: (type) => indexed.filter((resource) => resource.type === type),
  find: (type, id) => indexed.find((resource) => resource.type === type && resource.id === id),
  aliasesOf: () => [],
  marksOf: (patient) =>
    new Set(indexed.flatMap(({ patients, marks }) => (patients.includes(patient) ? marks : []))),
};

type Given = Partial<Omit<Entitlement, 'scopes' | 'user'>> & {
  readonly scopes?: string;
  readonly role?: RoleName;
  readonly fhirUser?: string;
  /** The registry's day; that of `definitions` when absent. */
  readonly today?: EpochDay;
};

/** An entitlement; without a role it is a client's that asks for itself. */
export function entitled({
  scopes = 'user/*.cruds system/*.cruds',
  role,
  fhirUser,
  today: _,
  ...more
}: Given): Entitlement {
  return {
    name: 'test',
    client: 'app',
    ownPersons: [],
    organizations: [],
    towns: [],
    isDepartment: false,
    ...(role && { user: { login: 'someone', role, ...(fhirUser && { fhirUser }) } }),
    scopes: parseScopes(scopes) ?? [],
    ...more,
  };
}

export function callerFor(given: Given, opened?: Partial<Opened>): Extract<Caller, { kind: 'token' }> {
  const decidedBy = { ...definitions, ...(given.today !== undefined && { today: given.today }) };
  const caller = toCaller(entitled(given), decidedBy, { lookedUp: [], brokenGlass: [], ...opened });
  if (caller.kind !== 'token') throw new Error('a token is asked for');
  return caller;
}

/** Ids of what the caller has the permission on; the name of the type where no scope covers it is left out. */
export function allowed(
  caller: Extract<Caller, { kind: 'token' }>,
  permission: Permission,
): readonly string[] {
  return indexed
    .filter((resource) => {
      const filter = caller.grants.get(resource.type as ResourceType)?.[permission];
      return filter !== undefined && matches(filter, resource, world);
    })
    .map(({ id }) => id);
}

/** Of the ids of persons that the filter means. */
export function patientsIn(filter: Parameters<typeof matches>[0]): readonly string[] {
  return indexed.filter((one) => one.type === 'Patient' && matches(filter, one, world)).map(({ id }) => id);
}
