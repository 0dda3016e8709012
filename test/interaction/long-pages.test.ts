import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

// What one page may hold: no answer grows past what a text can hold.

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  const entry = Array.from({ length: 5 }, (_, n) => ({ item: { reference: `Patient/p${n}` } }));
  const list = { resourceType: 'List', id: 'l', status: 'current', mode: 'working', entry };
  await server.send('PUT', '/fhir/List/l', list);
  for (let n = 0; n < 5; n++) {
    await server.send('PUT', `/fhir/Patient/p${n}`, {
      resourceType: 'Patient',
      id: `p${n}`,
      extension: Array(10).fill(long),
    });
  }
}, 60_000);
afterAll(() => server.close());

/** Ten of them are some 10 MiB. */
const long = { url: 'urn:long', valueString: 'x'.repeat(1024 * 1024) };
const idsOf = (body: { entry: { resource: { id: string } }[] }) =>
  body.entry.map(({ resource }) => resource.id);
const nextOf = (body: { link: { relation: string; url: string }[] }) =>
  body.link.find(({ relation }) => relation === 'next')?.url.replace(/^.*\/fhir/, '/fhir');

it.each([
  ['a search', '/fhir/Patient?_count=100'],
  ['a sorted search', '/fhir/Patient?_sort=_id&_count=100'],
  ['a history', '/fhir/Patient/_history?_count=100'],
  ['a history of a List', '/fhir/Patient/_history?_list=l&_count=100'],
])(
  'fills a page of %s up to its length, and goes on behind it',
  async (_what, first) => {
    const found: string[] = [];
    let pages = 0;
    for (let url: string | undefined = first; url; pages++) {
      const { status, body } = await server.get(url);
      expect(status).toBe(200);
      found.push(...idsOf(body));
      url = nextOf(body);
    }
    expect([pages, found.toSorted()]).toEqual([2, ['p0', 'p1', 'p2', 'p3', 'p4']]);
  },
  60_000,
);

it('sends a long page part by part, packed where that is asked for, and a short one whole', async () => {
  const url = '/fhir/Patient?_count=1';
  const answer = await server.app.inject({ url });
  expect(answer.headers['content-length']).toBeUndefined();
  const entry = answer.json().entry[0];
  expect(entry.resource.extension).toHaveLength(10);
  const packed = await server.app.inject({ url, headers: { 'accept-encoding': 'gzip' } });
  expect([packed.headers['content-encoding'], packed.headers.vary]).toEqual([
    'gzip',
    'accept, accept-encoding',
  ]);
  expect(JSON.parse(gunzipSync(packed.rawPayload).toString()).entry).toEqual([entry]);
  const request = { method: 'GET', url: 'Patient?_count=1' };
  const bundle = { resourceType: 'Bundle', type: 'batch', entry: [{ request }, { request }] };
  const batch = await server.send('POST', '/fhir', bundle);
  expect(batch.body.entry[1].resource.entry).toEqual([entry]);
  const short = await server.app.inject({ url: '/fhir/List' });
  expect(Number(short.headers['content-length'])).toBe(short.rawPayload.length);
}, 60_000);

it('refuses what a patch would make longer than a request may bring', async () => {
  const one = {
    op: 'add',
    path: '/extension/-',
    value: { url: 'urn:y', valueString: 'y'.repeat(1e6) },
  };
  const type = { 'content-type': 'application/json-patch+json' };
  const statuses: number[] = [];
  for (let n = 0; n < 30 && !statuses.includes(413); n++) {
    statuses.push((await server.send('PATCH', '/fhir/Patient/p0', [one], type)).status);
  }
  expect(statuses.at(-1)).toBe(413);
  expect(statuses.slice(0, -1).every((status) => status === 200)).toBe(true);
}, 120_000);
