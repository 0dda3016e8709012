import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/interaction/context.ts';
import { auditOf } from '../../src/open-authorization.ts';
import { openGround } from '../../src/start-server.ts';
import type { Store } from '../../src/store/contract/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';

let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
});
afterEach(() => store.close());

const doorsOf = async (environment: Readonly<Record<string, string>>) => {
  const { context, audit } = await openGround(loadConfig(environment), store);
  const contextFor = (caller: Parameters<typeof openContext>[2]) => openContext(context, store, caller);
  return { audit, ...auditOf({ context, contextFor }) };
};

it('tells who saw what unless authorization is off', async () => {
  const doors = await doorsOf({});
  const agent = { name: 'client:app', client: 'app' };
  await doors.tell?.({ agent, action: 'R', interaction: 'page apps', patients: ['p' as never], outcome: 0 });
  await doors.audit?.close();
  expect(await doors.auditTrail?.('p', undefined)).toMatchObject({ rows: [{ who: 'app' }] });
  expect(await doors.auditTrail?.('q', undefined)).toEqual({ rows: [] });
});

it('tells nothing with JENNER_AUTH=off', async () => {
  expect(await doorsOf({ JENNER_AUTH: 'off' })).toEqual({ audit: undefined });
});
