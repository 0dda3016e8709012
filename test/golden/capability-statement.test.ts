import { expect, it } from 'vitest';
import { resourceTypes } from '../../src/fhir/resource-type.ts';
import { openTestServer } from '../http/open-test-server.ts';

it('equals capability-statement.json', async () => {
  const server = await openTestServer();
  const { body } = await server.get('/fhir/metadata');
  await server.close();
  await expect(`${JSON.stringify(body, null, 2)}\n`).toMatchFileSnapshot('../../capability-statement.json');
});

it('promises only what a route answers', async () => {
  const server = await openTestServer();
  const { body } = await server.get('/fhir/metadata');
  const [rest] = body.rest;
  expect(rest.resource.map(({ type }: { type: string }) => type)).toEqual(resourceTypes);
  for (const { type, searchParam = [] } of rest.resource) {
    for (const { name } of searchParam) {
      const { status } = await server.get(`/fhir/${type}?${name}:missing=true&_count=1`);
      expect({ type, name, status }).toEqual({
        type,
        name,
        status: ['_id', '_lastUpdated'].includes(name) ? 400 : 200,
      });
    }
  }
  await server.close();
});
