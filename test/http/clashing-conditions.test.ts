import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './open-test-server.ts';

// R4 http.html#trules: what the entries of a transaction mean must not overlap.

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(() => server.close());

const patient = (more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:q', value: 'X' }],
  ...more,
});
const conditional = (method: string, condition: string) => ({
  resource: patient(),
  request:
    method === 'POST'
      ? { method, url: 'Patient', ifNoneExist: condition }
      : { method, url: `Patient?${condition}` },
});
const plain = { resource: patient(), request: { method: 'POST', url: 'Patient' } };
const named = { resource: patient({ id: 'z1' }), request: { method: 'PUT', url: 'Patient/z1' } };
const run = (entry: readonly object[], type = 'transaction') =>
  server.send('POST', '/fhir', { resourceType: 'Bundle', type, entry });
const people = async () => (await server.get('/fhir/Patient?_summary=count')).body.total;

it.each([
  [
    'two conditional updates',
    [conditional('PUT', 'identifier=urn:q|X'), conditional('PUT', 'identifier=urn:q|X')],
  ],
  [
    'a conditional create and update',
    [conditional('POST', 'identifier=X'), conditional('PUT', 'identifier=X')],
  ],
  [
    'two conditions that mean the same',
    [
      conditional('POST', 'identifier=X&active:missing=true'),
      conditional('POST', 'active:missing=true&identifier=X'),
    ],
  ],
  [
    'conditions of which one is wider',
    [conditional('POST', 'identifier=X'), conditional('POST', 'identifier=X,zz')],
  ],
  ['a condition beside a create', [conditional('POST', 'identifier=X'), plain]],
  ['a condition beside an update by id', [named, conditional('PUT', 'identifier=X')]],
  ['a condition without a code', [conditional('POST', 'active:missing=true'), plain]],
])('refuses %s in one transaction, of which both would make the same person', async (_what, entry) => {
  const { status, body } = await run(entry);
  expect([status, body.issue?.[0].details.text]).toEqual([
    400,
    expect.stringContaining('both would make one'),
  ]);
  expect(await people()).toBe(0);
});

it('makes one of two creates on one condition, and several people on conditions of their own', async () => {
  expect((await run([conditional('POST', 'identifier=X'), conditional('POST', 'identifier=X')])).status).toBe(
    200,
  );
  expect(await people()).toBe(1);
  const other = (value: string) => ({
    resource: { ...patient(), identifier: [{ system: 'urn:q', value }] },
    request: { method: 'PUT', url: `Patient?identifier=urn:q|${value}` },
  });
  expect((await run([other('Y'), other('Z'), other('X')])).status).toBe(200);
  expect(await people()).toBe(3);
});

it('takes the same as a batch one after the other', async () => {
  await run([conditional('POST', 'identifier=X'), conditional('PUT', 'identifier=X')], 'batch');
  expect(await people()).toBe(1);
});
