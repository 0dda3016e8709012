import { expect, it } from 'vitest';
import { openContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import type { WriteUnit } from '../../src/store/contract/store.ts';
import { openTestServer } from '../http/open-test-server.ts';

it('stamps a write anew whose time was told by a snapshot already', async () => {
  const server = await openTestServer();
  const tried: number[] = [];
  const write = async (unit: WriteUnit) => {
    tried.push(unit.changes[0]?.lastUpdated ?? 0);
    return tried.length === 1 ? ({ kind: 'late' } as const) : server.store.write(unit);
  };
  const ctx = openContext(server.context, { ...server.store, write }, { kind: 'open' });
  const resource = { resourceType: 'Patient', gender: 'female' } as const;
  await createResource(ctx, { resource, exactNumbers: false });
  expect(tried).toHaveLength(2);
  expect(tried[1]).toBeGreaterThan(tried[0] ?? 0);
  await server.close();
});
