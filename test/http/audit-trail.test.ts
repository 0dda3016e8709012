import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { isResourceType } from '../../src/fhir/resource-type.ts';
import { drawValues } from '../../src/search/draw-values.ts';
import type { AuditRow } from '../../src/store/contract/audit.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { fillWorld, keys, searches } from '../interaction/small-world.ts';
import { callers } from '../interaction/test-callers.ts';
import { as } from './entitled.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({
    auth: 'smart',
    audit: true,
    callerOf: ({ headers }) => callerOf(headers.authorization),
  });
  await fillWorld(server.ctx);
});
afterAll(() => server.close());

const callerOf = (authorization = ''): Caller =>
  callers[authorization.replace(/^Bearer /, '')] ?? { kind: 'anonymous' };

type Ask = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
};

const get = (url: string): Ask => ({ method: 'GET', url });
const bundle = (type: string, ...urls: readonly string[]): Ask => ({
  method: 'POST',
  url: '',
  body: {
    resourceType: 'Bundle',
    type,
    entry: urls.map((url) => ({ request: { method: 'GET', url } })),
  },
});
const height = (id: string, of: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'height' },
  subject: { reference: `Patient/${of}` },
});

const asks: readonly Ask[] = [
  ...keys.flatMap(({ type, id }) => [
    get(`${type}/${id}`),
    get(`${type}/${id}/_history`),
    get(`${type}/${id}/_history/1`),
    get(`${type}/${id}/$meta`),
  ]),
  ...searches.map(([type, query]) => get(`${type ?? ''}?${query}`)),
  ...['_history', 'Patient/_history', 'Immunization/_history?_list=own', '_history?_count=3'].map(get),
  ...['Patient/p/*', 'Patient/q/Immunization', 'Patient/s/Observation?_include=Observation:subject'].map(get),
  ...[
    'Patient/p/$everything',
    'Patient/q/$everything?_count=1',
    'Patient/$everything',
    'Group/roster/$everything',
  ].map(get),
  get('Patient/p/$immds-forecast'),
  ...['p', 'q', 's'].flatMap((of) => [
    bundle('batch', `Patient/${of}`, 'Immunization?_count=2', `Patient/${of}/$everything`),
    bundle('transaction', `Patient/${of}`, 'Observation'),
    { method: 'POST', url: 'Observation', body: height('new', of) } as const,
    { method: 'PUT', url: 'Observation/o3', body: height('o3', of) } as const,
    { method: 'PUT', url: `Observation?subject=Patient/${of}`, body: height('o1', of) } as const,
    {
      method: 'PATCH',
      url: 'Observation/o1',
      body: { resourceType: 'Parameters', parameter: [] },
    } as const,
  ]),
  { method: 'DELETE', url: 'Observation/o2' },
  { method: 'DELETE', url: 'Observation?code=8302-2' },
  { method: 'DELETE', url: 'Patient/p' },
];

const send = (name: string, { method, url, body }: Ask) =>
  method === 'GET'
    ? server.get(`/fhir/${url}`, as(name))
    : server.send(method, `/fhir/${url}`, body, as(name));

/** The Patients whom the resources of an answer concern, however deep they lie in it. */
function shownIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(shownIn);
  if (typeof value !== 'object' || value === null) return [];
  const { resourceType: type, id } = value as { readonly resourceType?: string; readonly id?: string };
  const inner = Object.values(value).flatMap(shownIn);
  if (type === undefined || id === undefined || !isResourceType(type)) return inner;
  const key = { type, id: id as ResourceId };
  return [...drawValues(server.context.indexResource, key, value as never).patients, ...inner];
}

/** What a request is answered, and the rows that it leaves. */
async function told(
  name: string,
  ask: Ask,
): Promise<{ readonly answer: TestAnswer; readonly rows: readonly AuditRow[] }> {
  const before = await server.auditRows();
  const answer = await send(name, ask);
  const rows = await server.auditRows();
  return { answer, rows: rows.slice(0, rows.length - before.length) };
}

it('tells of every request of a token, and of each Patient whose data was in the answer', {
  timeout: 300_000,
}, async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(callers)),
      fc.constantFrom(...asks),
      async (name, ask) => {
        const { answer, rows } = await told(name, ask);
        seen.add(answer.status);
        expect(rows.length, `${ask.method} ${ask.url}`).toBeGreaterThan(0);
        const named = new Set<string>(rows.flatMap(({ patients }) => patients));
        for (const id of shownIn(answer.body)) expect(named, `${ask.method} ${ask.url}`).toContain(id);
        const outcomes = rows.map(({ outcome }) => outcome);
        expect(outcomes).toContain(answer.status < 400 ? 0 : 4);
      },
    ),
    { numRuns: 250 },
  );
  // It would hold of a server that answers nothing, too.
  expect(seen).toContain(200);
});

describe('a row', () => {
  const whole = 'all of every type';

  it('names a read, and the version that was seen', async () => {
    const { rows } = await told(whole, get('Patient/r'));
    expect(rows).toMatchObject([
      {
        agent: { name: 'test' },
        action: 'R',
        interaction: 'read',
        what: [{ type: 'Patient', id: 'r', versionId: 1 }],
        patients: ['r'],
        outcome: 0,
        from: '127.0.0.1',
      },
    ]);
    expect(rows[0]).not.toHaveProperty('query');
  });

  it('holds what was asked for, by a form too, and all who were on the page', async () => {
    const query = 'patient=Patient/q&_include=Immunization:patient';
    const searched = await told(whole, get(`Immunization?${query}`));
    expect(searched.rows).toMatchObject([
      { action: 'E', interaction: 'search-type', query: `Immunization?${query}` },
    ]);
    expect(searched.rows[0]?.patients).toEqual(expect.arrayContaining(['q']));
    const form = await server.app.inject({
      method: 'POST',
      url: '/fhir/Immunization/_search',
      headers: { ...as(whole), 'content-type': 'application/x-www-form-urlencoded' },
      payload: query,
    });
    expect(form.statusCode).toBe(200);
    expect((await server.auditRows())[0]).toMatchObject({ query: `Immunization/_search?${query}` });
  });

  it('names of whom something was included that the match itself does not name', async () => {
    const { rows } = await told(whole, get('List?_id=list&_include=List:item'));
    expect(rows[0]?.patients).toContain('r');
  });

  it('names whom $everything of all lists, of whom nothing else is kept too', async () => {
    const { answer, rows } = await told(whole, get('Patient/$everything?_type=Patient'));
    const listed = shownIn(answer.body);
    expect(listed.length).toBeGreaterThan(3);
    expect(rows.flatMap((row) => row.patients).sort()).toEqual([...listed].sort());
  });

  it.each`
    counted                                                             | patients
    ${'Observation?subject=Patient/r&_id=once&_summary=count'}          | ${['r']}
    ${'Observation?subject=Patient/r&_id=once&_count=0'}                | ${['r']}
    ${'Patient?_has:Observation:subject:_id=once&_id=r&_summary=count'} | ${['r']}
    ${'Patient?_id=r&_summary=count'}                                   | ${['r']}
    ${'Patient/r/_history?_count=0'}                                    | ${['r']}
    ${'Patient?_id=nobody&_summary=count'}                              | ${[]}
  `('names who is only counted by $counted', async ({ counted, patients }) => {
    await send(whole, { method: 'PUT', url: 'Observation/once', body: height('once', 'r') });
    const { answer, rows } = await told(whole, get(counted));
    expect([answer.status, answer.body.total > 0]).toEqual([200, patients.length > 0]);
    expect(rows.map((row) => row.patients)).toEqual([patients]);
  });

  it('names nobody where so many are counted that it tells of none', async () => {
    const many = Array.from({ length: 101 }, (_, n) => ({
      request: { method: 'PUT', url: `Observation/many-${n}` },
      resource: { ...height(`many-${n}`, 'r'), code: { text: 'many' } },
    }));
    await send(whole, {
      method: 'POST',
      url: '',
      body: { resourceType: 'Bundle', type: 'transaction', entry: many },
    });
    const { answer, rows } = await told(whole, get('Observation?code:text=many&_summary=count'));
    expect([answer.body.total, rows.map((row) => row.patients)]).toEqual([101, [[]]]);
  });

  it.each`
    asked                                                                              | patients
    ${'Organization?_has:Patient:organization:_id=r'}                                  | ${['r']}
    ${'Organization?_has:Patient:organization:identifier=urn:mrn|r'}                   | ${['r']}
    ${'Organization?name=none&_has:Patient:organization:_id=r'}                        | ${['r']}
    ${'Organization?_has:Patient:organization:_id=r&_summary=count'}                   | ${['r']}
    ${'Organization?_has:Patient:organization:_id=nobody'}                             | ${[]}
    ${'Practitioner?_has:Immunization:performer:patient=Patient/q'}                    | ${['q']}
    ${'Practitioner?_has:Immunization:performer:patient.birthdate=2020-01-01&_id=doc'} | ${['p', 'q', 'r', 's']}
    ${'Organization?partof._has:Patient:organization:_id=p'}                           | ${['p']}
    ${'Organization?_filter=not (name eq x)'}                                          | ${[]}
  `('names the persons through whom something is found by $asked', async ({ asked, patients }) => {
    const { answer, rows } = await told(whole, get(asked));
    expect(answer.status).toBe(200);
    expect(rows.map((row) => [...row.patients].sort())).toEqual([patients]);
    const ofOne = await told('one patient', get(asked));
    expect(ofOne.rows.map((row) => row.patients)).toEqual([patients.filter((id: string) => id === 'p')]);
  });

  it('names the person through whom a conditional write finds something', async () => {
    const resource = { resourceType: 'Organization', name: 'x' };
    const headers = { ...as(whole), 'if-none-exist': '_has:Patient:organization:_id=r' };
    const before = (await server.auditRows()).length;
    expect((await server.send('POST', '/fhir/Organization', resource, headers)).status).toBe(200);
    const rows = await server.auditRows();
    expect(rows.slice(0, rows.length - before).map((row) => row.patients)).toEqual([['r']]);
  });

  it('names the person through whom an export finds something', async () => {
    const filter = encodeURIComponent('Organization?_has:Patient:organization:_id=r');
    const url = `/fhir/$export?_type=Organization&_typeFilter=${filter}`;
    const before = (await server.auditRows()).length;
    const { status } = await server.get(url, { ...as(whole), prefer: 'respond-async' });
    expect(status).toBe(202);
    const rows = await server.auditRows();
    const kickedOff = rows
      .slice(0, rows.length - before)
      .filter(({ query }) => query?.includes('_typeFilter'));
    expect(kickedOff.map((row) => row.patients)).toEqual([['r']]);
  });

  it('names nobody where it goes through more than a few', async () => {
    const many = Array.from({ length: 101 }, (_, n) => ({
      request: { method: 'PUT', url: `Patient/of-town-${n}` },
      resource: { resourceType: 'Patient', id: `of-town-${n}`, address: [{ city: 'Lynn' }] },
    }));
    const body = { resourceType: 'Bundle', type: 'transaction', entry: many };
    expect((await send(whole, { method: 'POST', url: '', body })).status).toBe(200);
    const { rows } = await told(whole, get('Organization?_has:Patient:organization:address-city=Lynn'));
    expect(rows.map((row) => row.patients)).toEqual([[]]);
  });

  it('tells of a write once, in its own unit', async () => {
    const { answer, rows } = await told(whole, {
      method: 'POST',
      url: 'Observation',
      body: height('x', 'r'),
    });
    const { id } = answer.body;
    const what = [{ type: 'Observation', id, versionId: 1 }];
    expect(rows).toMatchObject([
      { action: 'C', interaction: 'create', what, patients: ['r'], from: '127.0.0.1' },
    ]);
  });

  it("tells of whom a resource was, when it becomes another one's or is deleted", async () => {
    await send(whole, { method: 'PUT', url: 'Observation/moves', body: height('moves', 'r') });
    const moved = await told(whole, { method: 'PUT', url: 'Observation/moves', body: height('moves', 'p') });
    expect(moved.rows).toMatchObject([{ action: 'U', patients: ['p', 'r'] }]);
    const deleted = await told(whole, { method: 'DELETE', url: 'Observation/moves' });
    expect(deleted.rows).toMatchObject([{ action: 'D', interaction: 'delete', patients: ['p'] }]);
  });

  it('tells of what was refused, and of nobody with it', async () => {
    const { rows } = await told('one type', get('Patient/p'));
    expect(rows).toMatchObject([{ outcome: 4, what: [{ type: 'Patient', id: 'p' }], patients: [] }]);
  });

  it('is left by a conditional create that finds what is there', async () => {
    const body = height('there', 'r');
    await send(whole, { method: 'PUT', url: 'Observation/there', body });
    const headers = { ...as(whole), 'if-none-exist': '_id=there' };
    const before = (await server.auditRows()).length;
    const { status } = await server.send('POST', '/fhir/Observation', body, headers);
    expect(status).toBe(200);
    const rows = await server.auditRows();
    expect(rows).toHaveLength(before + 1);
    expect(rows[0]).toMatchObject({ action: 'C', interaction: 'create', what: [{ id: 'there' }] });
  });
});
