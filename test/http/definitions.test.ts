import { afterAll, beforeAll, expect, it } from 'vitest';
import { definitionResources } from '../../src/shipped/definition-resources.ts';
import { installDefinitions } from '../../src/shipped/install-definitions.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
let installed: number;
beforeAll(async () => {
  server = await openTestServer();
  const { ctx, store, operations } = server;
  installed = await installDefinitions(ctx, store, definitionResources(operations));
});
afterAll(() => server.close());

type Named = { readonly definition: string };
type RestResource = { readonly searchParam?: readonly Named[]; readonly operation?: readonly Named[] };

it('resolves every canonical that the CapabilityStatement names', async () => {
  const { body } = await server.get('/fhir/metadata');
  const [rest] = body.rest;
  const resources: readonly RestResource[] = rest.resource;
  const definitions = [
    ...resources.flatMap(({ searchParam = [], operation = [] }) => [...searchParam, ...operation]),
    ...rest.operation,
  ];
  const urls = [...new Set(definitions.map(({ definition }: Named) => definition))];
  expect(urls.length).toBeGreaterThan(300);
  for (const url of urls) {
    const type = url.includes('/SearchParameter/') ? 'SearchParameter' : 'OperationDefinition';
    const found = await server.get(`/fhir/${type}?url=${encodeURIComponent(url)}&_summary=count`);
    expect({ url, total: found.body.total }).toEqual({ url, total: 1 });
  }
});

it.each([
  ['CodeSystem', 'http://hl7.org/fhir/sid/cvx'],
  ['StructureDefinition', 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-immunization'],
  ['StructureDefinition', 'http://hl7.org/fhir/us/immds/StructureDefinition/immds-patient'],
])('answers the %s %s', async (type, url) => {
  expect((await server.get(`/fhir/${type}?url=${encodeURIComponent(url)}`)).body.entry).toHaveLength(1);
});

it('writes nothing anew at the next start', async () => {
  const before = (await server.get('/fhir/_history?_count=0')).body.total;
  const { ctx, store, operations } = server;
  expect(await installDefinitions(ctx, store, definitionResources(operations))).toBe(installed);
  expect((await server.get('/fhir/_history?_count=0')).body.total).toBe(before);
});
