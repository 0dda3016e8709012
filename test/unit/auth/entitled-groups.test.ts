import { afterAll, beforeAll, expect, it } from 'vitest';
import { toCaller } from '../../../src/access/to-caller.ts';
import { toEntitlement } from '../../../src/auth/bearer/to-entitlement.ts';
import type { Client } from '../../../src/auth/clients/client.ts';
import type { EpochMs } from '../../../src/values/instant.ts';
import { openTestServer, type TestServer } from '../../http/open-test-server.ts';
import { definitions } from '../access/access-world.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const client = (groups: readonly string[]): Client => ({
  id: 'c',
  name: 'C',
  kind: 'key',
  created: 0 as EpochMs,
  redirects: [],
  scope: 'system/*.rs',
  groups,
});

it.each([
  [
    ['g', 'h'],
    ['g', 'h'],
  ],
  [[], undefined],
])('lets a client that was registered with the Groups %j export %j', async (groups, given) => {
  const port = { system: server.ctx, parentUntilAge: 18, department: undefined };
  const entitlement = await toEntitlement(port, { client: client(groups), scopes: ['system/*.rs'] });
  const caller = toCaller(entitlement, definitions);
  expect(caller.kind === 'token' && caller.groups).toEqual(given);
});

it.each([0, 8, undefined])('trusts a client that was registered with %j so far', async (trust) => {
  const port = { system: server.ctx, parentUntilAge: 18, department: undefined };
  const registered: Client = { ...client([]), matching: 'review', ...(trust !== undefined && { trust }) };
  const entitlement = await toEntitlement(port, { client: registered, scopes: ['system/*.rs'] });
  const caller = toCaller(entitlement, definitions);
  expect(caller.kind === 'token' && [caller.trust, caller.matching]).toEqual([trust, 'review']);
});
