import type { Patient } from 'fhir/r4.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownerCode, ownerSystem } from '../../src/access/owner.ts';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';
import { source, taggedAs, writeAsSystem } from './person-world.ts';

const entitled = {
  all: { organizations: ['a'], isDepartment: true, role: 'clinician', scopes: 'user/*.cruds' },
  clinician: { role: 'clinician', organizations: ['a'] },
  system: { organizations: ['a'], scopes: 'system/*.rs' },
  doses: { role: 'clinician', organizations: ['a'], scopes: 'user/Immunization.rs' },
} as const satisfies Readonly<Record<string, Given>>;

const owner = { meta: { tag: [{ system: ownerSystem, code: ownerCode('b') }] } };
const person = (id: string, more: Partial<Patient> = {}, organization = 'a') => ({
  resourceType: 'Patient' as const,
  id,
  name: [{ family: 'Vasquez', given: ['Marisol', 'Inez'] }],
  gender: 'female' as const,
  birthDate: '2018-05-21',
  telecom: [{ system: 'phone' as const, value: '617-482-3391' }],
  address: [{ line: ['88 Orchard Street'], city: 'Worcester', state: 'MA', postalCode: '01605' }],
  managingOrganization: { reference: `Organization/${organization}` },
  ...owner,
  ...more,
});
const objection = {
  resourceType: 'Consent',
  id: 'objection',
  status: 'active',
  patient: { reference: 'Patient/shy' },
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [dataSharingObjection] }],
  policyRule: { text: 'law' },
};
const resources = [
  { resourceType: 'Organization', id: 'a', name: 'A' },
  { resourceType: 'Organization', id: 'b', name: 'B' },
  person('own'),
  person('twin', { name: [{ family: 'Vasquez', given: ['Maribel'] }] }),
  person('elsewhere', { name: [{ family: 'Vásquez', given: ['Marisol'] }] }, 'b'),
  person('twin-elsewhere', { name: [{ family: 'Vasquez', given: ['Maribel'] }] }, 'b'),
  person('shy', {}, 'b'),
  person('stranger', {
    name: [{ family: 'Vasquez', given: ['Ona'] }],
    birthDate: '1971-02-03',
    telecom: [{ system: 'phone', value: '413-229-8817' }],
    address: [{ city: 'Holyoke', state: 'MA', postalCode: '01040' }],
  }),
  objection,
];

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled), audit: true });
  for (const resource of resources) {
    const key = { type: resource.resourceType as ResourceType, id: resource.id as ResourceId };
    await updateResource(server.ctx, key, { resource: resource as never, exactNumbers: false });
  }
});
afterAll(() => server.close());

const { managingOrganization: _, meta: __, id: ___, ...described } = person('described');
type Input = { readonly name: string } & Readonly<Record<string, unknown>>;
const ask = (name: keyof typeof entitled, resource: object = described, ...more: readonly Input[]) =>
  server.send(
    'POST',
    '/fhir/Patient/$match',
    { resourceType: 'Parameters', parameter: [{ name: 'resource', resource }, ...more] },
    as(name),
  );

type Entry = {
  readonly resource: { readonly id: string };
  readonly search: { readonly mode: string; readonly score: number; readonly extension: readonly object[] };
};
const entriesIn = ({ body }: TestAnswer): readonly Entry[] => body.entry ?? [];
const gradesIn = (answer: TestAnswer) =>
  Object.fromEntries(
    entriesIn(answer).map(({ resource, search }) => [
      resource.id,
      (search.extension[0] as { readonly valueCode: string }).valueCode,
    ]),
  );

describe('$match', () => {
  it('answers who may be the person, the most likely first, each with a score and a grade', async () => {
    const answer = await ask('all');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 5 });
    const [first, ...others] = entriesIn(answer);
    expect(first).toMatchObject({ search: { mode: 'match', extension: [{ valueCode: 'certain' }] } });
    expect(gradesIn(answer)).toMatchObject({ own: 'certain', elsewhere: 'certain', shy: 'certain' });
    expect(['probable', 'possible']).toContain(gradesIn(answer)['twin']);
    const scores = [first, ...others].map((entry) => entry?.search.score ?? 0);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
  });

  it('answers no more than it is asked for, and tells how many there are', async () => {
    const answer = await ask('all', described, { name: 'count', valueInteger: 1 });
    expect(entriesIn(answer)).toHaveLength(1);
    expect(answer.body.total).toBe(5);
  });

  it('answers with onlyCertainMatches one who is certain, and nobody where there are several', async () => {
    const only = { name: 'onlyCertainMatches', valueBoolean: true };
    expect(Object.keys(gradesIn(await ask('system', described, only)))).toEqual(['own']);
    expect(entriesIn(await ask('all', described, only))).toEqual([]);
    const maria = { ...described, name: [{ family: 'Vasquez', given: ['Lucinda'] }] };
    expect(entriesIn(await ask('system', maria, only))).toEqual([]);
  });

  it('answers XML, and as an entry of a batch', async () => {
    const body = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: described }] };
    const accept = { ...as('system'), accept: 'application/fhir+xml' };
    expect((await server.send('POST', '/fhir/Patient/$match', body, accept)).text).toContain(
      '<valueCode value="certain"/>',
    );
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'POST', url: 'Patient/$match' }, resource: body }],
    };
    const answer = await server.send('POST', '/fhir', batch, as('system'));
    expect(answer.body.entry[0].resource).toMatchObject({ type: 'searchset', total: 2 });
  });

  it.each([
    ['no name', { birthDate: '2018-05-21', telecom: described.telecom }],
    ['a name alone', { name: described.name }],
    ['a name and a sex', { name: described.name, gender: 'female' }],
    ['a name and a year', { name: described.name, birthDate: '2018' }],
    ['a name that is none', { name: [{ family: 'Unknown', given: ['Baby Boy'] }], birthDate: '2018-05-21' }],
  ])('asks for more than %s', async (_what, known) => {
    const { status, body } = await ask('all', { resourceType: 'Patient', ...known });
    expect([status, body.issue[0].code]).toEqual([422, 'required']);
  });

  it('is called by POST alone', async () => {
    expect((await server.get('/fhir/Patient/$match?count=1', as('all'))).status).toBe(405);
  });
});

it('answers a person of several records once, and none of the records', async () => {
  const name = [{ family: 'Quartey', given: ['Efua'] }];
  const address = [{ line: ['7 Mill Rd'], city: 'Athol', postalCode: '01331' }];
  const managingOrganization = { reference: 'Organization/a' };
  const known = { name, birthDate: '2016-04-09', address, managingOrganization };
  for (const id of ['efua-a', 'efua-b']) await writeAsSystem(server, source(id, 'efua', known));
  const link = ['efua-a', 'efua-b'].map((id) => ({ other: { reference: `Patient/${id}` }, type: 'seealso' }));
  await writeAsSystem(server, { resourceType: 'Patient', id: 'efua', ...taggedAs('person'), ...known, link });
  const only = { name: 'onlyCertainMatches', valueBoolean: true };
  for (const caller of ['all', 'system', 'clinician'] as const) {
    const answer = await ask(caller, { resourceType: 'Patient', ...known }, only);
    expect(answer.body.total, caller).toBe(1);
    expect(gradesIn(answer), caller).toEqual({ efua: 'certain' });
  }
});

describe('who is told of whom by $match', () => {
  it('tells a system of its own people alone, even of twins elsewhere', async () => {
    expect(Object.keys(gradesIn(await ask('system'))).sort()).toEqual(['own', 'twin']);
  });

  it('tells of nobody beyond the own people where no one person is named', async () => {
    const { birthDate: _birthDate, ...undated } = described;
    expect(Object.keys(gradesIn(await ask('clinician', undated)))).not.toContain('elsewhere');
  });

  it('tells who may look persons up of others who are most likely the person, and of nobody who objects', async () => {
    const grades = gradesIn(await ask('clinician'));
    expect(Object.keys(grades)).toEqual(expect.arrayContaining(['own', 'twin', 'elsewhere']));
    expect(grades).not.toHaveProperty('shy');
    const beyond = Object.entries(grades).filter(([id]) => id.endsWith('elsewhere'));
    expect(beyond.every(([, grade]) => grade === 'certain' || grade === 'probable')).toBe(true);
    expect((await server.get('/fhir/Patient/elsewhere', as('clinician'))).status).toBe(200);
  });

  it('refuses whose scopes do not let Patients be searched, and who has no token', async () => {
    expect((await ask('doses')).status).toBe(403);
    const body = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource: described }] };
    expect((await server.send('POST', '/fhir/Patient/$match', body)).status).toBe(401);
  });

  it('leaves in the audit who was shown, and nobody who was compared alone', async () => {
    await ask('system', described, { name: 'count', valueInteger: 1 });
    const rows = await server.auditRows();
    const [last] = rows;
    expect(last?.patients).toEqual(['own']);
    expect(rows.flatMap(({ patients }) => patients)).not.toContain('stranger');
  });
});

describe('how many are told', () => {
  const called = (family: string, given: string) => ({ name: [{ family, given: [given, 'Rue'] }] });
  const put = (resource: object & { readonly id: string }) =>
    updateResource(
      server.ctx,
      { type: 'Patient', id: resource.id as ResourceId },
      { resource: resource as never, exactNumbers: false },
    );
  const { name: _name, ...nameless } = described;
  const apart = { telecom: [{ system: 'phone' as const, value: '508-221-7745' }] };
  const quill = { ...nameless, ...called('Quill', 'Tamsin'), ...apart };
  const halloran = {
    ...nameless,
    ...called('Halloran', 'Petra'),
    address: [{ line: ['9 Kiln Lane'], city: 'Athol' }],
  };
  const prewitt = {
    ...nameless,
    ...called('Prewitt', 'Oona'),
    telecom: [{ system: 'phone' as const, value: '508-221-9902' }],
    address: [{ line: ['3 Mill Street'], city: 'Ware' }],
  };
  beforeAll(async () => {
    await put(person('unseen', { ...prewitt }, 'b') as never);
    for (let place = 0; place < 55; place++) await put(person(`crowd-${place}`, { ...quill }, 'b') as never);
    await put(person('near', { ...halloran, birthDate: '2018-05-22' }, 'b') as never);
  });

  it('is fifty at most, and twenty of those beyond the own people', async () => {
    const all = await ask('all', quill, { name: 'count', valueInteger: 1000 });
    expect([entriesIn(all).length, all.body.total]).toEqual([50, 55]);
    const found = await ask('clinician', quill);
    expect([entriesIn(found).length, found.body.total]).toEqual([20, 20]);
  });

  it('is who is probable too, where name and birth date are told, and nobody else', async () => {
    expect(gradesIn(await ask('clinician', halloran))).toEqual({ near: 'probable' });
    expect((await server.get('/fhir/Patient/near', as('clinician'))).status).toBe(200);
  });

  it.each([
    ['the given name', { name: [{ family: 'Prewitt' }] }],
    ['the family name', { name: [{ given: ['Oona', 'Rue'] }] }],
    ['the day of birth', { birthDate: '2018-05' }],
  ])('is nobody beyond the own people without %s', async (_what, less) => {
    expect(gradesIn(await ask('clinician', { ...prewitt, ...less }))).toEqual({});
  });

  it('is told to be too few while the index is built', async () => {
    const context = server.context as { staleness: typeof server.context.staleness };
    const { staleness } = context;
    context.staleness = (_type, code) => (code === 'match-key' ? 'changed' : undefined);
    const answer = await ask('all', quill);
    context.staleness = staleness;
    expect(answer.text).toContain('built anew; some may be missing');
  });
});
