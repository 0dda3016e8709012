import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownerCode, ownerSystem } from '../../src/access/owner.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { as, callersByName, type Given } from './entitled.ts';
import { doseFor, parametersOf, referring, report } from './identity-world.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';
import { writeAll } from './write-all.ts';

const entitled = {
  app: { organizations: ['b'], scopes: 'system/*.cruds', matching: 'automatic' },
  asking: { organizations: ['b'], scopes: 'system/*.cruds', matching: 'review' },
  clinician: { role: 'clinician', organizations: ['b'] },
  staff: { role: 'programme-staff' },
} as const satisfies Readonly<Record<string, Given>>;
type Name = keyof typeof entitled;

/** Who is known to the clinic a, and objects to the sharing of data. */
const sealed = [
  {
    ...report('a', { managingOrganization: { reference: 'Organization/a' } }),
    id: 'known',
    meta: { tag: [{ system: ownerSystem, code: ownerCode('a') }] },
  },
  { ...doseFor('known', '2022-03-01'), id: 'dose-of-known' },
  {
    resourceType: 'Consent',
    id: 'objection',
    status: 'active',
    patient: { reference: 'Patient/known' },
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
    },
    category: [{ coding: [dataSharingObjection] }],
    policyRule: { text: 'law' },
    // One that has begun counts as one without a period does (identity-access.test.ts).
    provision: { period: { start: '2020-01-01' } },
  },
];
const organizations = ['a', 'b'].map((id) => ({ resourceType: 'Organization', id, name: id }));

/** Ids grow, so that what is ordered by them stands in the order in which it was made. */
async function openWorld(resources: readonly object[]): Promise<TestServer> {
  let made = 0;
  const server = await openTestServer({
    auth: 'smart',
    callerOf: callersByName(entitled),
    audit: true,
    clockStep: 10,
    newId: () => `made-${String(++made).padStart(6, '0')}` as ResourceId,
  });
  await writeAll(server.ctx, resources);
  return server;
}

let there: TestServer;
let never: TestServer;
beforeEach(async () => {
  there = await openWorld([...organizations, ...sealed]);
  never = await openWorld(organizations);
});
afterEach(async () => {
  await there.close();
  await never.close();
});

/** The same but for ids and instants, which differ from one server to another. */
function bareIn(seen: Map<string, string>): (value: unknown) => string {
  const named = (id: string) => {
    if (!seen.has(id)) seen.set(id, `id-${seen.size}`);
    return seen.get(id) as string;
  };
  return (value) =>
    String(value ?? '')
      .replaceAll(/made-\d{6}/g, named)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'some')
      .replaceAll(/2026-01-01T[\d:.]+Z?/g, 'then');
}

const toldHeaders = ['etag', 'location', 'link', 'content-location', 'content-type', 'content-length'];

type Asked = (send: Send) => Promise<unknown>;
type Send = (
  name: Name,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<TestAnswer>;

async function answersOf(server: TestServer, ask: Asked): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  const bare = bareIn(new Map());
  await ask(async (name, method, url, body, headers = {}) => {
    const all = { ...as(name), ...headers };
    const isRead = method === 'GET';
    const answer = isRead
      ? await server.get(`/fhir/${url}`, all)
      : await server.send(method, `/fhir/${url}`, body, all);
    const { status, text } = answer;
    told.push(
      [`${name} ${method} ${url}`, status, ...toldHeaders.map((one) => answer.headers[one]), text].map(bare),
    );
    return answer;
  });
  return told;
}

const own = { managingOrganization: { reference: 'Organization/b' } };
const alike = report('b', own);
const unlike = report('b', {
  ...own,
  identifier: [{ system: 'urn:b', value: '1' }],
  name: [{ family: 'Rosenkrantz', given: ['Ewa'] }],
  birthDate: '2018-03-14',
  telecom: [],
  address: [],
});
const { telecom: _telecom, address: _address, ...other } = unlike as Record<string, unknown>;
const xml = { accept: 'application/fhir+xml' };
const match = (more: object = {}) => parametersOf({ resource: { resource: alike }, ...more });
const entry = (resource: object, more: object = {}) => ({
  resource,
  request: { method: 'POST', url: (resource as { resourceType: string }).resourceType, ...more },
});
const bundle = (type: string, ...entries: readonly object[]) => ({
  resourceType: 'Bundle',
  type,
  entry: entries,
});

/** Everything by which a client may look for what has become of its record. */
const lookups = [
  'Patient',
  'Patient?_summary=count',
  'Patient?link=Patient/known',
  'Patient?link:missing=false',
  'Patient?_id=known',
  'Patient?identifier=527-61-3904&_total=accurate',
  'Patient?family=Szymborska&_revinclude=Task:patient&_revinclude=Provenance:target',
  'Patient?_has:Task:patient:code=review-duplicate',
  'Patient?_has:Task:focus:code=review-duplicate',
  'Patient?_has:Immunization:patient:vaccine-code=03',
  ...['source', 'person', 'replaced'].map(
    (code) => `Patient?_tag=https://jenner-iis.org/fhir/CodeSystem/record|${code}`,
  ),
  'Task',
  'Task?code=review-duplicate&_summary=count',
  'Task?patient=Patient/known',
  'Task?focus=Patient/known',
  'Provenance',
  'Provenance?target=Patient/known',
  'Linkage',
  'Immunization?patient=Patient/known',
  'Immunization?patient.family=Szymborska',
  'Patient/known',
  'Patient/known/_history',
  'Patient/known/_history/1',
  'Patient/known/$consolidated-record',
  'Patient/known/$everything',
  'Patient/known/$immds-forecast',
  'Patient/known/Immunization',
  'Patient/_history',
  'Task/_history',
  'Provenance/_history',
  '_history?_count=50',
  'AuditEvent?_summary=count',
];
const lookAll = async (send: Send, id: string | undefined) => {
  for (const name of ['app', 'clinician'] as const) {
    for (const url of lookups) await send(name, 'GET', url);
    if (id === undefined) continue;
    const ofOwn = ['', '/_history', '/$consolidated-record', '/$everything', '/$immds-forecast'];
    for (const rest of ofOwn) await send(name, 'GET', `Patient/${id}${rest}`);
    await send(name, 'GET', `Patient/${id}/$consolidated-record`, undefined, xml);
  }
};

describe('who may not see somebody who objects is answered as if that one had never been', () => {
  const cases: readonly (readonly [string, Asked])[] = [
    ...(['app', 'asking'] as const).map((name): [string, Asked] => [
      `who creates somebody alike (${name})`,
      async (send) => {
        const { body } = await send(name, 'POST', 'Patient', alike);
        await send(name, 'POST', 'Immunization', doseFor(body.id, '2022-03-01'));
        await lookAll(send, body.id);
      },
    ]),
    [
      'who has more alike than people are asked of',
      async (send) => {
        for (const given of ['Ewa', 'Ina', 'Ola', 'Zofia', 'Hanna', 'Teresa', 'Wislawa']) {
          const name = [{ family: 'Szymborska', given: [given] }];
          const identifier = [{ system: 'urn:b', value: given }];
          await send('app', 'POST', 'Patient', { ...alike, name, identifier });
        }
        await lookAll(send, undefined);
      },
    ],
    [
      'who sends two who are certainly one, by numbers of nobody',
      async (send) => {
        const bare = { ...alike, identifier: [] };
        for (const type of ['batch', 'transaction']) {
          const { identifier: _, ...patient } = bare;
          await send('app', 'POST', '', bundle(type, entry(patient), entry(patient)));
        }
        await lookAll(send, undefined);
      },
    ],
    [
      'who reads and writes XML',
      async (send) => {
        await send('app', 'POST', 'Patient', alike, xml);
        for (const url of lookups) await send('app', 'GET', url, undefined, xml);
      },
    ],
    [
      'who makes a record alike by an update, and by a patch',
      async (send) => {
        const { body } = await send('app', 'POST', 'Patient', other);
        await send('app', 'PUT', `Patient/${body.id}`, { ...alike, id: body.id });
        await lookAll(send, body.id);
        const { body: second } = await send('app', 'POST', 'Patient', { ...other, birthDate: '2018-03-15' });
        const patch = [
          { op: 'replace', path: '/name', value: alike.name },
          { op: 'replace', path: '/birthDate', value: alike.birthDate },
          { op: 'add', path: '/address', value: alike.address },
          { op: 'add', path: '/telecom', value: alike.telecom },
        ];
        const type = { 'content-type': 'application/json-patch+json' };
        await send('app', 'PATCH', `Patient/${second.id}`, patch, type);
        await lookAll(send, second.id);
      },
    ],
    [
      'who asks in the conditions of writes',
      async (send) => {
        const condition = { 'if-none-exist': 'identifier=http://hl7.org/fhir/sid/us-ssn|527-61-3904' };
        await send('app', 'POST', 'Patient', alike, condition);
        await send('app', 'POST', 'Patient', alike, condition);
        await send('app', 'PUT', 'Patient?identifier=urn:a|4711', alike);
        await send('app', 'DELETE', 'Patient?identifier=urn:a|4711');
        await send('app', 'PUT', 'Patient?_id=known', alike);
      },
    ],
    [
      'who deletes what was alike',
      async (send) => {
        const { body } = await send('app', 'POST', 'Patient', alike);
        await send('app', 'DELETE', `Patient/${body.id}`);
        await send('app', 'PUT', `Patient/${body.id}`, { ...alike, id: body.id });
        await lookAll(send, body.id);
      },
    ],
    [
      'who sends a batch, and a transaction',
      async (send) => {
        await send('app', 'POST', '', bundle('batch', entry(alike), entry(alike)));
        await send(
          'app',
          'POST',
          '',
          bundle(
            'transaction',
            { fullUrl: 'urn:uuid:5b0f5c1e-0000-4000-8000-000000000001', ...entry(other) },
            entry(alike, { ifNoneExist: 'identifier=urn:a|4711' }),
          ),
        );
        await lookAll(send, undefined);
      },
    ],
    [
      'who asks $match, as somebody who may look persons up too',
      async (send) => {
        for (const name of ['app', 'clinician'] as const) {
          await send(name, 'POST', 'Patient/$match', match());
          await send(name, 'POST', 'Patient/$match', match({ onlyCertainMatches: { valueBoolean: true } }));
          await send(name, 'POST', 'Patient/$match', match({ count: { valueInteger: 1 } }), xml);
          await send(
            name,
            'POST',
            '',
            bundle('batch', { resource: match(), request: { method: 'POST', url: 'Patient/$match' } }),
          );
        }
        await lookAll(send, undefined);
      },
    ],
    [
      'who names that one in $merge and $unmerge',
      async (send) => {
        const { body } = await send('app', 'POST', 'Patient', alike);
        for (const name of ['app', 'clinician'] as const) {
          const pair = { 'source-patient': referring('known'), 'target-patient': referring(body.id) };
          await send(name, 'POST', 'Patient/$merge', parametersOf(pair));
          const number = { valueIdentifier: { system: 'urn:a', value: '4711' } };
          const byNumber = { 'source-patient-identifier': number, 'target-patient': referring(body.id) };
          await send(name, 'POST', 'Patient/$merge', parametersOf(byNumber));
          await send(name, 'POST', 'Patient/known/$unmerge', parametersOf({}));
          await send(
            name,
            'POST',
            `Patient/${body.id}/$unmerge`,
            parametersOf({ 'target-patient': referring('known') }),
          );
        }
      },
    ],
    [
      'who writes of that one by its id',
      async (send) => {
        await send('app', 'PUT', 'Patient/known', { ...alike, id: 'known' });
        await send('app', 'DELETE', 'Patient/known');
        await send('app', 'POST', 'Immunization', doseFor('known', '2022-03-01'));
        const link = [{ other: { reference: 'Patient/known' }, type: 'seealso' }];
        await send('app', 'POST', 'Patient', { ...alike, link });
      },
    ],
  ];
  // Each asks hundreds of requests of two servers.
  it.each(cases)('%s', { timeout: 120_000 }, async (_, ask) => {
    const [told, untold] = [await answersOf(there, ask), await answersOf(never, ask)];
    for (const [place, answer] of told.entries()) expect(answer).toEqual(untold[place]);
    expect(told).toHaveLength(untold.length);
  });
});
