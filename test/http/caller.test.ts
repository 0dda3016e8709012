import { afterEach, expect, it } from 'vitest';
import { Problem } from '../../src/fhir/problem.ts';
import { fillWorld } from '../interaction/small-world.ts';
import { callers } from '../interaction/test-callers.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
afterEach(() => server.close());

const one = callers['one patient'];
if (!one) throw new Error('there is no such caller');

it.each([
  ['at once', () => one],
  ['later', () => Promise.resolve(one)],
])('answers what a caller may see who is known %s', async (_, callerOf) => {
  server = await openTestServer({ callerOf });
  await fillWorld(server.ctx);
  expect((await server.get('/fhir/Patient/p')).status).toBe(200);
  const unseen = await server.get('/fhir/Patient/q');
  const never = await server.get('/fhir/Patient/never');
  expect([unseen.status, never.status]).toEqual([404, 404]);
  expect(unseen.text).toBe(never.text.replaceAll('never', 'q'));
  expect((await server.get('/fhir/Patient?_total=accurate')).body.total).toBe(1);
  expect((await server.send('PUT', '/fhir/Patient/q', { resourceType: 'Patient', id: 'q' })).status).toBe(
    403,
  );
  const outside = await server.get('/fhir/Consent');
  expect([outside.status, outside.body.issue[0].code]).toEqual([403, 'forbidden']);
});

it('answers 401 to nobody, who is found out later, before anything is read', async () => {
  server = await openTestServer({ callerOf: () => Promise.resolve({ kind: 'anonymous' }) });
  const answer = await server.send('POST', '/fhir/Patient', '{ not json');
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="jenner"']);
  expect((await server.get('/fhir/metadata')).status).toBe(200);
});

it('answers what the search for the caller throws', async () => {
  const refused = new Problem('busy', 'Nobody can be known now');
  server = await openTestServer({ callerOf: () => Promise.reject(refused) });
  expect((await server.get('/fhir/Patient')).status).toBe(503);
});
