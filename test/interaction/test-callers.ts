import type { Caller, Grant } from '../../src/access/caller.ts';
import { type ResourceType, resourceTypes } from '../../src/fhir/resource-type.ts';
import { allOf, everything, type Filter, not } from '../../src/search/filter.ts';
import { callerFor } from '../unit/access/access-world.ts';

/** All permissions on what matches. */
const whole = (filter: Filter): Grant => ({
  create: filter,
  read: filter,
  update: filter,
  delete: filter,
  search: filter,
});
export const grant = (of: Readonly<Partial<Record<ResourceType, Filter>>>): Caller => ({
  kind: 'token',
  name: 'test',
  grants: new Map(Object.entries(of).map(([type, filter]) => [type as ResourceType, whole(filter)] as const)),
});

const aboutPatients = [
  'Patient',
  'Immunization',
  'Observation',
  'Group',
  'List',
  'Provenance',
  'Task',
] as const satisfies readonly ResourceType[];
const forPatients = (filter: Filter) =>
  Object.fromEntries(aboutPatients.map((type) => [type, filter])) as Record<ResourceType, Filter>;
const vaccine = (code: string): Filter => ({
  kind: 'value',
  param: 'vaccine-code',
  test: { kind: 'token', anyOf: [{ code }] },
});
const shared = { Organization: everything, Practitioner: everything, Location: everything };

export const callers: Readonly<Record<string, Caller>> = {
  'one patient': grant({ ...forPatients({ kind: 'concerns', anyOf: ['p'] }), ...shared }),
  'two patients': grant({ ...forPatients({ kind: 'concerns', anyOf: ['p', 'q'] }), ...shared }),
  'the patients of a clinic': grant({
    ...forPatients({ kind: 'reach', anyOf: ['care|Organization/a', 'dose|Organization/a'] }),
    ...shared,
  }),
  'the roster of a school': grant({
    ...forPatients({ kind: 'reach', anyOf: ['roster|Organization/school'] }),
    Organization: { kind: 'id', anyOf: ['school'] },
  }),
  'a town': grant(forPatients({ kind: 'reach', anyOf: ['town|boston'] })),
  'one type': grant({ Observation: everything }),
  'one vaccine of the patients of a clinic': grant({
    Patient: { kind: 'reach', anyOf: ['care|Organization/b'] },
    Immunization: allOf([vaccine('08'), { kind: 'reach', anyOf: ['care|Organization/b'] }]),
  }),
  'all but one vaccine of the patients of a clinic': grant({
    Patient: { kind: 'reach', anyOf: ['care|Organization/b'] },
    Immunization: allOf([not(vaccine('03')), { kind: 'reach', anyOf: ['care|Organization/b'] }]),
  }),
  'all of every type': grant(
    Object.fromEntries(resourceTypes.map((type) => [type, everything])) as Record<ResourceType, Filter>,
  ),
  'nothing at all': grant({}),
  'own patients as a clinician': callerFor({ role: 'clinician', organizations: ['a'] }),
  'what two clinics see': callerFor({ organizations: ['a', 'b'], scopes: 'system/*.rs' }),
  'own children as a parent': callerFor({ role: 'individual', ownPersons: ['q', 's'] }),
  'a patient in context': callerFor({
    role: 'individual',
    ownPersons: ['p', 'q'],
    patient: 'p',
    scopes: 'patient/*.rs',
  }),
  'one vaccine by the query part of a scope': callerFor({
    role: 'programme-staff',
    scopes:
      'user/Patient.rs?family=smith user/Immunization.rs?vaccine-code=08 user/Immunization.rs?patient=Patient/r',
  }),
};

/** What the caller may do with resources of the type; undefined when it may not at all. */
export function filterOf(caller: Caller, type: ResourceType, permission: keyof Grant): Filter | undefined {
  return caller.kind === 'token' ? caller.grants.get(type)?.[permission] : undefined;
}
