import { afterAll, beforeAll, expect, it } from 'vitest';
import { seenOf } from '../../src/interaction/audit/seen.ts';
import { exporterOf, tellExport } from '../../src/interaction/audit/tell.ts';
import { openContext } from '../../src/interaction/context.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ auth: 'smart', audit: true });
});
afterAll(() => server.close());

const exporter = callerFor({ client: 'warehouse', scopes: 'system/*.rs' });
const contextOf = (caller = exporter) => openContext(server.context, server.store, caller);
const people = (count: number, start = 'p') =>
  Array.from({ length: count }, (_, n) => `${start}${n}` as ResourceId);
const warehouse = exporterOf(exporter) ?? expect.unreachable();
const tell = (patients: readonly ResourceId[], by = warehouse) =>
  tellExport(contextOf(), by, { query: '$export?_type=Patient', patients, outcome: 0, from: '192.0.2.1' });

it('is one row, whoever is in it, and however often', async () => {
  await tell([...people(300), ...people(300)]);
  const rows = await server.auditRows();
  expect(rows).toMatchObject([
    {
      interaction: 'bulk export',
      agent: { client: 'warehouse' },
      query: '$export?_type=Patient',
      from: '192.0.2.1',
      action: 'E',
      outcome: 0,
    },
  ]);
  expect(rows[0]?.patients).toEqual(people(300));
});

it('is found by each who is in it, and by nobody else', async () => {
  const of = async (id: string) => {
    const ctx = contextOf(callerFor({ role: 'individual', ownPersons: [id] }));
    return (await seenOf(ctx, id)).rows.filter(({ what }) => what === 'bulk export');
  };
  expect(await of('p0')).toMatchObject([{ who: 'warehouse', refused: false }]);
  expect(await of('p299')).toHaveLength(1);
  expect(await of('p300')).toEqual([]);
});

it('of many is told in parts, and of nobody all the same', async () => {
  const before = (await server.auditRows()).length;
  await tell(people(12_001, 'q'));
  const rows = await server.auditRows();
  const parts = rows.slice(0, rows.length - before);
  expect(parts.map(({ patients }) => patients.length)).toEqual([2001, 5000, 5000]);
  await tell([]);
  expect(await server.auditRows()).toHaveLength(before + 4);
});

it('of the server itself has nobody to tell of', () => {
  expect(exporterOf({ kind: 'system', name: 'server' })).toBeUndefined();
  expect(exporterOf({ kind: 'open' })).toBeUndefined();
  expect(exporterOf({ kind: 'system', name: 'cli:ann' })).toEqual({ agent: { name: 'cli:ann' } });
});
