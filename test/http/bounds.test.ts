import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const codes = (count: number, system: string) => ({
  coding: Array.from({ length: count }, (_, n) => ({ system, code: `c${n}` })),
});

it.each([
  [100, 201],
  [101, 413],
])('takes an observation of %d codes with 100 values, which multiply: %d', async (count, status) => {
  const answer = await server.send('POST', '/fhir/Observation', {
    resourceType: 'Observation',
    status: 'final',
    code: codes(count, 'http://a.example'),
    valueCodeableConcept: codes(100, 'http://b.example'),
  });
  expect(answer.status).toBe(status);
  if (status === 413) expect(answer.body.issue[0].details.text).toContain('more than 10000 combinations');
});

it('answers 413 to a form and to a patch of more than 2 MiB', async () => {
  const blank = ' '.repeat(2 * 1024 * 1024);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const searched = await server.send('POST', '/fhir/Patient/_search', `name=a${blank}`, form);
  expect([searched.status, searched.body.resourceType]).toEqual([413, 'OperationOutcome']);
  const patch = { 'content-type': 'application/json-patch+json' };
  expect((await server.send('PATCH', '/fhir/Patient/a', `[${blank}]`, patch)).status).toBe(413);
});

it('follows a List of 500 resources in a history, and not one more', async () => {
  const entry = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ item: { reference: `Patient/none-${n}` } }));
  const ask = async (count: number) => {
    const list = {
      resourceType: 'List',
      id: 'long',
      status: 'current',
      mode: 'working',
      entry: entry(count),
    };
    await server.send('PUT', '/fhir/List/long', list);
    return (await server.get('/fhir/_history?_list=long')).status;
  };
  expect([await ask(500), await ask(501)]).toEqual([200, 422]);
});

it('finds 5,000 places near one, and not one more', async () => {
  const place = (n: number) => ({
    request: { method: 'PUT', url: `Location/l${n}` },
    resource: {
      resourceType: 'Location',
      id: `l${n}`,
      position: { longitude: -71, latitude: 42 + n / 1e6 },
    },
  });
  const entry = Array.from({ length: 5000 }, (_, n) => place(n));
  await server.send('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry });
  const near = () => server.get('/fhir/Location?near=42|-71|10|km&_summary=count');
  expect((await near()).body.total).toBe(5000);
  const { resource } = place(5000);
  await server.send('PUT', '/fhir/Location/l5000', resource);
  expect((await near()).status).toBe(400);
});
