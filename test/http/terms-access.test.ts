import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const callers = new Map<string, Caller>(
  Object.entries({
    codes: 'system/Observation.rs',
    sets: 'system/Observation.rs system/ValueSet.rs system/CodeSystem.rs',
    'sets alone': 'system/Observation.rs system/ValueSet.rs',
    'other sets': 'system/Observation.rs system/ValueSet.rs?status=draft system/CodeSystem.rs',
  }).map(([name, scopes]) => [name, callerFor({ scopes, name: `client:${name}` })]),
);

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({
    auth: 'smart',
    callerOf: ({ headers: { authorization = '' } }) =>
      callers.get(authorization.slice('Bearer '.length)) ?? { kind: 'system', name: 'filler' },
  });
  const put = async (resource: {
    readonly resourceType: string;
    readonly id: string;
    readonly [n: string]: unknown;
  }) => {
    const answer = await server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
    expect(answer.status, answer.text).toBe(201);
  };
  const system = 'urn:colours';
  await put({
    resourceType: 'CodeSystem',
    id: 'colours',
    url: system,
    status: 'active',
    content: 'complete',
    concept: [{ code: 'Red', concept: [{ code: 'Pink' }] }],
  });
  const status = 'active';
  await put({
    resourceType: 'ValueSet',
    id: 'listed',
    url: 'urn:listed',
    status,
    compose: { include: [{ system, concept: [{ code: 'Pink' }] }] },
  });
  await put({
    resourceType: 'ValueSet',
    id: 'whole',
    url: 'urn:whole',
    status,
    compose: { include: [{ system }] },
  });
  await put({
    resourceType: 'Observation',
    id: 'pink',
    status: 'final',
    code: { coding: [{ system, code: 'Pink' }] },
  });
});
afterAll(() => server.close());

const stored = ['code:in=urn:listed', 'code:in=ValueSet/listed', '_filter=code in urn:listed'];
const resting = ['code:in=urn:whole', 'code:below=urn:colours|Red', 'code:above=urn:colours|Pink'];

it.each([
  ['sets', stored, 200],
  ['sets', resting, 200],
  ['codes', stored, 403],
  ['codes', resting, 403],
  // The codes that it lists stand in the value set; what is below one does not.
  ['sets alone', resting, 403],
  ['other sets', stored, 400],
])('who may read %s searches by terms of the store (%s): %i', async (name, queries, status) => {
  for (const query of queries) {
    const answer = await server.get(`/fhir/Observation?${query}`, { authorization: `Bearer ${name}` });
    expect(answer.status, `${query}: ${answer.text}`).toBe(status);
    if (status === 200) expect(answer.body.entry).toHaveLength(1);
    else expect(answer.text).not.toContain('Pink');
  }
});

it('what ships is for everybody', async () => {
  const query = 'vaccine-code:in=https://jenner-iis.org/fhir/ValueSet/vaccines-of-varicella';
  callers.set('doses', callerFor({ scopes: 'system/Immunization.rs', name: 'client:doses' }));
  const answer = await server.get(`/fhir/Immunization?${query}`, { authorization: 'Bearer doses' });
  expect(answer.status, answer.text).toBe(200);
});
