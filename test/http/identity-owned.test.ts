import { afterEach, beforeEach, expect, it } from 'vitest';
import { as, callersByName, type Given } from './entitled.ts';
import { doseFor, report } from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const app = { scopes: 'system/*.cruds', matching: 'automatic' } as const;
const entitled = {
  first: { ...app, organizations: ['a'] },
  second: { ...app, organizations: ['b'] },
  // Of an organization of which that of the second is a part.
  system: { ...app, organizations: ['whole', 'b'] },
  registry: { scopes: 'system/*.cruds' },
  parent: { role: 'individual', ownPersons: ['child'], scopes: 'user/*.cruds' },
} as const satisfies Readonly<Record<string, Given>>;
type Name = keyof typeof entitled;

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled), clockStep: 10 });
});
afterEach(() => server.close());

async function bring(name: Name, clinic: string) {
  const sent = report(clinic, { managingOrganization: { reference: `Organization/${clinic}` } });
  const { body } = await server.send('POST', '/fhir/Patient', sent, as(name));
  return (await server.get(`/fhir/Patient/${body.id}`, as(name))).body;
}

it('what one reporter says of a person is changed and deleted by no other', async () => {
  const own = await bring('first', 'a');
  const other = await bring('second', 'b');
  expect(other.link).toHaveLength(1);
  const url = `/fhir/Patient/${other.id}`;
  const seen = await server.get(url, as('first'));
  expect(seen.status).toBe(200);
  const changed = { ...other, birthDate: '2021-06-01' };
  const patch = { resourceType: 'Parameters', parameter: [] as object[] };
  const operation = [
    { name: 'type', valueCode: 'replace' },
    { name: 'path', valueString: 'Patient.birthDate' },
    { name: 'value', valueDate: '2021-06-01' },
  ];
  patch.parameter.push({ name: 'operation', part: operation });
  const entry = [{ resource: changed, request: { method: 'PUT', url: `Patient/${other.id}` } }];
  const gone = [{ request: { method: 'DELETE', url: `Patient/${other.id}` } }];
  const bundle = (type: string, entries: readonly object[]) => ({
    resourceType: 'Bundle',
    type,
    entry: entries,
  });
  const send = (...given: Parameters<TestServer['send']>) =>
    server.send(...given).then(({ status }) => status);
  expect(await send('PUT', url, changed, as('first'))).toBe(403);
  expect(await send('PATCH', url, patch, as('first'))).toBe(403);
  expect(await send('DELETE', url, undefined, as('first'))).toBe(403);
  expect(await send('POST', '/fhir', bundle('transaction', entry), as('first'))).toBe(403);
  expect(await send('POST', '/fhir', bundle('transaction', gone), as('first'))).toBe(403);
  const batch = await server.send('POST', '/fhir', bundle('batch', gone), as('first'));
  expect(batch.body.entry[0].response.status).toMatch(/^403/);
  expect((await server.get(url, as('second'))).body).toEqual(other);
  const dose = (
    await server.send('POST', '/fhir/Immunization', doseFor(other.id, '2023-01-01'), as('second'))
  ).body;
  const doseUrl = `/fhir/Immunization/${dose.id}`;
  expect((await server.get(doseUrl, as('first'))).status).toBe(200);
  expect(await send('PUT', doseUrl, { ...dose, status: 'entered-in-error' }, as('first'))).toBe(403);
  expect(await send('DELETE', doseUrl, undefined, as('first'))).toBe(403);
  expect(await send('PUT', doseUrl, { ...dose, lotNumber: 'B1' }, as('second'))).toBe(200);
  const added = doseFor(own.id, '2024-01-01');
  expect(await send('POST', '/fhir/Immunization', added, as('first'))).toBe(201);
  // Its own, that of a part of its own, and any for who may change every Patient.
  expect(await send('PUT', `/fhir/Patient/${own.id}`, { ...own, gender: 'unknown' }, as('first'))).toBe(200);
  expect(await send('PUT', url, { ...other, gender: 'unknown' }, as('system'))).toBe(200);
  expect(await send('PUT', url, other, as('registry'))).toBe(200);
  expect(await send('DELETE', doseUrl, undefined, as('second'))).toBe(204);
  expect(await send('DELETE', url, undefined, as('second'))).toBe(204);
});

it('what a family wrote itself of a child with several records it changes itself, and no clinic does', async () => {
  const child = { ...report('a', { managingOrganization: { reference: 'Organization/a' } }), id: 'child' };
  expect((await server.send('PUT', '/fhir/Patient/child', child, as('registry'))).status).toBe(201);
  expect((await bring('second', 'b')).link).toHaveLength(1);
  const said = {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    subject: { reference: 'Patient/child' },
  };
  const { status, body } = await server.send('POST', '/fhir/QuestionnaireResponse', said, as('parent'));
  expect(status).toBe(201);
  const url = `/fhir/QuestionnaireResponse/${body.id}`;
  const amended = { ...body, status: 'amended' };
  expect((await server.send('PUT', url, amended, as('first'))).status).toBe(403);
  expect((await server.send('PUT', url, amended, as('parent'))).status).toBe(200);
});
