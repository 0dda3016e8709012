import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

const patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'A' }] };
const patch = JSON.stringify([{ op: 'add', path: '/active', value: true }]);
const asPatch = { 'content-type': 'application/json-patch+json' };
const batch = { resourceType: 'Bundle', type: 'batch' };

type Send = (query: string, headers?: Readonly<Record<string, string>>) => ReturnType<TestServer['send']>;
const writes: readonly (readonly [string, Send])[] = [
  ['POST', (query, headers) => server.send('POST', `/fhir/Patient${query}`, patient, headers)],
  ['PUT', (query, headers) => server.send('PUT', `/fhir/Patient/p${query}`, patient, headers)],
  [
    'PATCH',
    (query, headers) => server.send('PATCH', `/fhir/Patient/p${query}`, patch, { ...asPatch, ...headers }),
  ],
  ['DELETE', (query, headers) => server.send('DELETE', `/fhir/Patient/p${query}`, undefined, headers)],
  ['a Bundle', (query, headers) => server.send('POST', `/fhir${query}`, batch, headers)],
];

describe.each(writes)('a query behind %s', (name, send) => {
  beforeEach(async () => {
    await server.send('PUT', '/fhir/Patient/p', patient);
  });

  it.each(['?identifier=urn:x|1', '?foo=bar', '?_id=p', '?_sort=name'])(
    'is refused when it is %s',
    async (query) => {
      const before = (await server.get('/fhir/_history?_count=0')).body.total;
      const { status, body } = await send(query);
      expect(status).toBe(400);
      expect(body.issue[0]).toMatchObject({
        code: 'not-supported',
        expression: [`http.${/\w+/.exec(query)?.[0]}`],
      });
      if (name === 'POST') expect(body.issue[0].details.text).toContain('If-None-Exist');
      expect((await server.get('/fhir/_history?_count=0')).body.total).toBe(before);
    },
  );

  it.each(['', '?_format=json', '?_pretty=true', '?_summary=false', '?_elements=name'])(
    'passes when it is "%s"',
    async (query) => {
      expect((await send(query)).status).toBeLessThan(300);
    },
  );

  it('passes when the client asks to be lenient', async () => {
    expect((await send('?foo=bar', { prefer: 'handling=lenient' })).status).toBeLessThan(300);
  });
});

it.each(['batch', 'transaction'])('refuses it in an entry of a %s', async (type) => {
  const entry = [{ resource: patient, request: { method: 'POST', url: 'Patient?identifier=urn:x|1' } }];
  const { status, body } = await server.send('POST', '/fhir', { resourceType: 'Bundle', type, entry });
  const shown = type === 'batch' ? body.entry[0].response.status : String(status);
  expect(shown).toMatch(/^400/);
  expect(JSON.stringify(body)).toContain('If-None-Exist');
});
