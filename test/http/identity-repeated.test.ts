import { afterEach, beforeEach, expect, it } from 'vitest';
import { as, callersByName, type Given } from './entitled.ts';
import { report } from './identity-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const app = { scopes: 'system/*.cruds', matching: 'automatic' } as const;
const entitled = {
  first: { ...app, organizations: ['a'], trust: 8 },
  second: { ...app, organizations: ['b'] },
} as const satisfies Readonly<Record<string, Given>>;

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(entitled), clockStep: 10 });
});
afterEach(() => server.close());

const note = { tag: [{ system: 'urn:vendor', code: 'checked' }] };
const sent = {
  first: report('a', { meta: note, managingOrganization: { reference: 'Organization/a' } }),
  second: report('b', { managingOrganization: { reference: 'Organization/b' } }),
};

it('a record that has joined a person and is sent again as it was is unchanged', async () => {
  const ids: Record<string, string> = {};
  for (const name of ['first', 'second'] as const) {
    const { body } = await server.send('POST', '/fhir/Patient', sent[name], as(name));
    ids[name] = body.id;
  }
  for (const name of ['first', 'second'] as const) {
    const url = `/fhir/Patient/${ids[name]}`;
    const before = await server.get(url, as(name));
    expect(before.body.link).toEqual([expect.objectContaining({ type: 'refer' })]);
    const resource = { ...sent[name], id: ids[name] };
    const put = await server.send('PUT', url, resource, as(name));
    expect(put.body.meta).toEqual(before.body.meta);
    const request = { method: 'PUT', url: `Patient/${ids[name]}` };
    const transaction = { resourceType: 'Bundle', type: 'transaction', entry: [{ resource, request }] };
    expect((await server.send('POST', '/fhir', transaction, as(name))).status).toBe(200);
    const read = await server.send('PUT', url, before.body, as(name));
    expect(read.body.meta.versionId).toBe(before.body.meta.versionId);
  }
});
