import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerCode, ownerSystem } from '../../src/access/owner.ts';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { openingCollection, openOpenings } from '../../src/interaction/openings.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';

const clinician: Given = { role: 'clinician', organizations: ['a'] };
const entitled = {
  clinician,
  nurse: { role: 'school-nurse', organizations: ['school'] },
  interface: { role: 'interface', organizations: ['a'] },
  narrow: { ...clinician, scopes: 'user/Immunization.rs' },
  writer: { ...clinician, scopes: 'user/Patient.cu' },
  ofSome: { ...clinician, scopes: 'user/Patient.rs?gender=female' },
  all: { ...clinician, scopes: 'user/*.cruds' },
  clinic: { organizations: ['a'], scopes: 'system/*.rs' },
  department: { role: 'clinician', organizations: ['d'], isDepartment: true, scopes: 'user/*.cruds' },
  owner: { role: 'clinician', organizations: ['b'], scopes: 'user/*.cruds' },
} as const satisfies Readonly<Record<string, Given>>;

const owner = { meta: { tag: [{ system: ownerSystem, code: ownerCode('b') }] } };
const person = (id: string, family: string, more: object = {}) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ system: 'urn:mrn', value: id.toUpperCase() }],
  name: [{ family, given: ['Ann'] }],
  birthDate: '2020-02-29',
  managingOrganization: { reference: 'Organization/b' },
  ...owner,
  ...more,
});
const ofPerson = (resourceType: string, id: string, patient: string, more: object) => ({
  resourceType,
  id,
  patient: { reference: `Patient/${patient}` },
  ...more,
});
const dose = { status: 'completed', vaccineCode: { text: 'x' }, occurrenceDateTime: '2024-01-01' };
const objection = {
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [dataSharingObjection] }],
  policyRule: { text: 'law' },
};
const resources = [
  { resourceType: 'Organization', id: 'a', name: 'A' },
  { resourceType: 'Organization', id: 'b', name: 'B' },
  person('own', 'Smith', { managingOrganization: { reference: 'Organization/a' } }),
  person('other', 'Stone'),
  person('stoner', 'Stoner'),
  person('shy', 'Shy'),
  ofPerson('Immunization', 'other-1', 'other', dose),
  ofPerson('Immunization', 'shy-1', 'shy', dose),
  ofPerson('Consent', 'objection', 'shy', objection),
];

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled) });
  for (const resource of resources) {
    const key = { type: resource.resourceType as ResourceType, id: resource.id as ResourceId };
    await updateResource(server.ctx, key, { resource: resource as never, exactNumbers: false });
  }
});
afterEach(() => server.close());

const get = (name: keyof typeof entitled, url: string) => server.get(`/fhir/${url}`, as(name));
const found = ({ body }: TestAnswer): readonly string[] =>
  (body.entry ?? []).map((entry: { readonly resource: { readonly id: string } }) => entry.resource.id);
const search = async (name: keyof typeof entitled, query: string) =>
  found(await get(name, `Patient?${query}`));
const byName = 'family=stone&given=ann&birthdate=2020-02-29';
const noPatient = (id: string) => ({
  issue: [{ code: 'not-found', details: { text: `There is no Patient/${id}` } }],
});

describe('who looks persons up', () => {
  it('lists own persons only', async () => {
    expect(await search('clinician', '')).toEqual(['own']);
    expect(await search('clinician', 'family=stone')).toEqual([]);
    expect(await search('clinician', 'birthdate=2020-02-29')).toEqual(['own']);
    expect((await get('clinician', 'Patient/other')).status).toBe(404);
  });

  it.each([
    ['by an identifier', 'identifier=urn:mrn|OTHER'],
    ['by name and birth date', byName],
  ])('finds others %s, whole, and reads them from then on', async (_, query) => {
    const answer = await get('clinician', `Patient?${query}&_total=accurate`);
    expect([found(answer), answer.body.total]).toEqual([['other'], 1]);
    expect((await get('clinician', 'Patient/other')).status).toBe(200);
    expect((await get('clinician', 'Immunization/other-1')).status).toBe(200);
    expect(found(await get('clinician', 'Immunization?patient=other'))).toEqual(['other-1']);
    expect((await get('clinician', 'Patient/stoner')).status).toBe(404);
    expect((await get('clinician', 'Patient/shy')).status).toBe(404);
  });

  it('may report a dose of who was found, and not of who was not', async () => {
    const reported = { ...ofPerson('Immunization', '', 'other', dose), id: undefined };
    const report = () => server.send('POST', '/fhir/Immunization', reported, as('clinician'));
    expect((await report()).status).toBe(403);
    await get('clinician', `Patient?${byName}`);
    expect((await report()).status).toBe(201);
  });

  it('counts nobody beyond the own: nobody would be told of it', async () => {
    for (const query of [
      `${byName}&_summary=count`,
      `${byName}&_count=0`,
      'identifier=urn:mrn|OTHER&_summary=count',
    ])
      expect((await get('clinician', `Patient?${query}`)).body.total).toBe(0);
    expect((await get('clinician', 'Patient/other')).status).toBe(404);
  });

  it.each(['entered-in-error', 'not-done'])(
    'gains nothing that lasts by a dose that is %s',
    async (status) => {
      await get('all', `Patient?${byName}`);
      const reason = status === 'not-done' ? { statusReason: { text: 'refused' } } : {};
      const performer = [{ actor: { reference: 'Organization/a' } }];
      const reported = {
        ...ofPerson('Immunization', '', 'other', { ...dose, ...reason, status, performer }),
        id: undefined,
      };
      expect((await server.send('POST', '/fhir/Immunization', reported, as('all'))).status).toBe(201);
      expect(await search('clinic', '')).toEqual(['own']);
    },
  );

  it('changes by a dose that was given what is its own, and nothing that others keep', async () => {
    await get('all', `Patient?${byName}`);
    const performer = [{ actor: { reference: 'Organization/a' } }];
    const reported = { ...ofPerson('Immunization', '', 'other', { ...dose, performer }), id: undefined };
    const { body } = await server.send('POST', '/fhir/Immunization', reported, as('all'));
    expect(await search('clinic', '')).toEqual(['other', 'own']);
    const put = (resource: { readonly resourceType: string; readonly id: string }) =>
      server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource, as('all'));
    expect((await put({ ...body, note: [{ text: 'left arm' }] })).status).toBe(200);
    const theirs = ofPerson('Immunization', 'other-1', 'other', { ...dose, status: 'entered-in-error' });
    expect((await put(theirs as never)).status).toBe(403);
    const taken = person('other', 'Stone', { managingOrganization: { reference: 'Organization/a' } });
    expect((await put(taken)).status).toBe(403);
    const inCharge = person('own', 'Smith', { managingOrganization: { reference: 'Organization/a' } });
    expect((await put({ ...inCharge, birthDate: '2020-03-01' } as never)).status).toBe(200);
  });

  it('objects for nobody who was only found, and puts nobody on a roster', async () => {
    await get('all', `Patient?${byName}`);
    const consent = { ...ofPerson('Consent', '', 'other', objection), id: undefined };
    expect((await server.send('POST', '/fhir/Consent', consent, as('all'))).status).toBe(403);
    expect((await get('owner', 'Patient/other')).status).toBe(200);
    const own = { ...ofPerson('Consent', '', 'own', objection), id: undefined };
    expect((await server.send('POST', '/fhir/Consent', own, as('all'))).status).toBe(201);
  });

  it.each([
    ['of another organization', 'other', 'b', 403],
    ['of its own', 'own', 'a', 201],
    ['of its own, of who was only found', 'other', 'a', 403],
    ['of another organization, of an own person', 'own', 'school', 403],
  ])('makes a roster %s only where it may', async (_, member, managing, status) => {
    await get('all', `Patient?${byName}`);
    const roster = {
      resourceType: 'Group',
      type: 'person',
      actual: true,
      managingEntity: { reference: `Organization/${managing}` },
      member: [{ entity: { reference: `Patient/${member}` } }],
    };
    expect((await server.send('POST', '/fhir/Group', roster, as('all'))).status).toBe(status);
  });

  it('makes a roster of any organization where it is the Department', async () => {
    const roster = {
      resourceType: 'Group',
      type: 'person',
      actual: true,
      managingEntity: { reference: 'Organization/school' },
      member: [{ entity: { reference: 'Patient/other' } }],
    };
    expect((await server.send('POST', '/fhir/Group', roster, as('department'))).status).toBe(201);
  });

  it('takes no roster over', async () => {
    const roster = {
      resourceType: 'Group',
      id: 'roster',
      type: 'person',
      actual: true,
      managingEntity: { reference: 'Organization/school' },
      member: [{ entity: { reference: 'Patient/own' } }],
    };
    await updateResource(
      server.ctx,
      { type: 'Group', id: 'roster' as ResourceId },
      { resource: roster as never, exactNumbers: false },
    );
    for (const managing of ['a', 'school']) {
      const changed = { ...roster, name: 'x', managingEntity: { reference: `Organization/${managing}` } };
      expect((await server.send('PUT', '/fhir/Group/roster', changed, as('all'))).status).toBe(403);
    }
  });

  it('opens nothing for anybody else', async () => {
    await get('clinician', `Patient?${byName}`);
    expect(await search('nurse', byName)).toEqual([]);
    expect((await get('nurse', 'Patient/other')).status).toBe(404);
  });

  it('finds nobody beyond the own by what more than twenty have', async () => {
    const number = (value: string) => ({ identifier: [{ system: `urn:of-${value}`, value: '7' }] });
    const put = (id: string, more: object) => {
      const key = { type: 'Patient' as const, id: id as ResourceId };
      const resource = person(id, 'Many', { ...number(id), ...more });
      return updateResource(server.ctx, key, { resource: resource as never, exactNumbers: false });
    };
    for (let n = 1; n <= 20; n++) await put(`many-${n}`, {});
    await put('mine', { managingOrganization: { reference: 'Organization/a' } });
    expect(await search('clinician', 'identifier=7&_count=50')).toEqual(['mine']);
    expect((await get('clinician', 'Patient?identifier=7&_total=accurate')).body.total).toBe(1);
    expect((await get('clinician', 'Patient/many-20')).status).toBe(404);
    expect(await search('clinician', 'identifier=urn:of-many-20|7')).toEqual(['many-20']);
    await put('many-20', { identifier: [{ system: 'urn:mrn', value: '8' }] });
    expect(await search('clinician', 'identifier=7&_count=50')).toHaveLength(20);
  });

  it('finds nobody who objects', async () => {
    expect(await search('clinician', 'identifier=urn:mrn|SHY')).toEqual([]);
    expect((await get('clinician', 'Patient/shy')).status).toBe(404);
  });

  it('does not see by other parameters who would be found', async () => {
    expect(await search('clinician', 'identifier=urn:mrn|OTHER&organization=Organization/b')).toEqual([]);
    expect(await search('clinician', 'identifier=urn:mrn|OTHER&_sort=birthdate')).toEqual([]);
    const included = await get(
      'clinician',
      'Patient?identifier=urn:mrn|OTHER&_revinclude=Immunization:patient',
    );
    expect(found(included)).toEqual(['other']);
  });

  it('needs a scope to search Patients', async () => {
    expect((await get('narrow', `Patient?${byName}`)).status).toBe(403);
    expect((await get('writer', `Patient?${byName}`)).status).toBe(403);
  });

  it('keeps what was opened as a record that ends', async () => {
    await get('clinician', `Patient?${byName}`);
    const { records } = await server.store.listRecords({ collection: openingCollection, count: 10 });
    expect(records.map(({ key }) => key)).toEqual(['someone|looked-up|other']);
    expect(records[0]?.expires).toBeGreaterThan(Date.UTC(2026, 0, 1, 1));
    expect(records[0]?.expires).toBeLessThan(Date.UTC(2026, 0, 1, 1, 10));
  });
});

describe('$break-glass', () => {
  const open = (
    name: keyof typeof entitled,
    id: string,
    body: object | undefined = { reason: 'unconscious' },
  ) => {
    const parameter = Object.entries(body).map(([one, valueString]) => ({ name: one, valueString }));
    const sent = { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
    return server.send('POST', `/fhir/Patient/${id}/$break-glass`, sent, as(name));
  };

  it('opens the one record that is hidden, for an hour, with its reason', async () => {
    const answer = await open('clinician', 'shy');
    expect(answer.body.parameter).toMatchObject([
      { name: 'until', valueInstant: expect.stringContaining('T01:') },
    ]);
    expect((await get('clinician', 'Patient/shy')).status).toBe(200);
    expect(found(await get('clinician', 'Immunization?patient=shy'))).toEqual(['shy-1']);
    expect((await get('clinician', 'Patient/other')).status).toBe(404);
    expect((await get('narrow', 'Immunization/shy-1')).status).toBe(200);
    expect((await get('nurse', 'Patient/shy')).status).toBe(404);
    const { records } = await server.store.listRecords({ collection: openingCollection, count: 10 });
    expect(records.map(({ value }) => JSON.parse(value))).toEqual([
      { kind: 'broken-glass', patient: 'shy', reason: 'unconscious' },
    ]);
  });

  it.each(['nurse', 'interface'] as const)(
    'is refused to the role of %s, and opens nothing',
    async (name) => {
      expect((await open(name, 'shy')).status).toBe(403);
      expect((await get(name, 'Patient/shy')).status).toBe(404);
    },
  );

  it('needs a scope to read Patients', async () => {
    expect((await open('narrow', 'shy')).status).toBe(403);
  });

  it('needs a scope for all Patients: who was given some opens none beside them', async () => {
    expect((await open('ofSome', 'shy')).status).toBe(403);
    expect((await get('clinician', 'Patient/shy')).status).toBe(404);
  });

  it('needs a reason, and a person who is there', async () => {
    expect((await open('clinician', 'shy', {})).status).toBe(400);
    expect((await open('clinician', 'shy', { reason: ' ' })).status).toBe(400);
    expect((await open('clinician', 'shy', { reason: 'x'.repeat(1001) })).status).toBe(400);
    const never = await open('clinician', 'never');
    expect([never.status, never.body]).toMatchObject([404, noPatient('never')]);
    expect((await get('clinician', 'Patient/shy')).status).toBe(404);
  });

  it('is not offered on an open server, where nothing is hidden', async () => {
    const openServer = await openTestServer();
    const answer = await openServer.send('POST', '/fhir/Patient/p/$break-glass?reason=x');
    expect(answer.status).toBe(403);
    await openServer.close();
  });
});

describe('what is open', () => {
  it('is known to another process within a second, and asked for once a second', async () => {
    let now = 0;
    let asked = 0;
    const listRecords: typeof server.store.listRecords = (query) => {
      asked++;
      return server.store.listRecords(query);
    };
    const openings = openOpenings({ listRecords }, () => now);
    const caller = callerFor(clinician);
    expect(await openings.of(caller)).toBe(caller);
    await get('clinician', `Patient?${byName}`);
    expect(openings.of(caller)).toBe(caller);
    now += 1001;
    const opened = await openings.of(caller);
    expect(opened).not.toBe(caller);
    expect(opened).toMatchObject({ unopened: caller });
    expect(openings.of(caller)).toBe(opened);
    now += 1001;
    expect(await openings.of(caller)).toBe(opened);
    expect(asked).toBe(3);
  });

  it('is asked for again after it could not be read', async () => {
    const down = async () => Promise.reject(new Error('down'));
    let listRecords: typeof server.store.listRecords = down;
    const openings = openOpenings({ listRecords: (query) => listRecords(query) });
    const caller = callerFor(clinician);
    await expect(openings.of(caller)).rejects.toThrow('down');
    listRecords = server.store.listRecords;
    expect(await openings.of(caller)).toBe(caller);
  });
});
