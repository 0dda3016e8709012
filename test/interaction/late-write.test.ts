import { expect, it } from 'vitest';
import { openContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import type { WriteUnit } from '../../src/store/contract/store.ts';
import { clockIn } from '../../src/values/clock.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import { utc } from '../../src/values/time-zone.ts';
import { openTestServer } from '../http/open-test-server.ts';

it('stamps a write anew whose time was told by a snapshot already', async () => {
  const server = await openTestServer();
  const clock = clockIn(utc);
  // Of a server whose clock is ahead.
  const moment = (clock.now() + 500) as EpochMs;
  const tried: number[] = [];
  const write = async (unit: WriteUnit) => {
    const stamp = unit.changes[0]?.lastUpdated ?? 0;
    tried.push(stamp);
    return stamp <= moment ? ({ kind: 'late', moment } as const) : server.store.write(unit);
  };
  const ctx = openContext({ ...server.context, clock }, { ...server.store, write }, { kind: 'open' });
  const resource = { resourceType: 'Patient', gender: 'female' } as const;
  await createResource(ctx, { resource, exactNumbers: false });
  expect(tried).toHaveLength(2);
  expect(tried[1]).toBeGreaterThan(moment);
  await server.close();
});
