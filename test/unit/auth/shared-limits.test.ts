import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSharedLimits } from '../../../src/auth/limits/shared-limits.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { EpochMs } from '../../../src/values/instant.ts';

let store: Store;
let at: number;
let warned: unknown[];
beforeEach(async () => {
  at = Date.UTC(2026, 0, 1);
  warned = [];
  store = await openSqliteStore({ path: ':memory:', clock: { now: () => at as EpochMs } });
});
afterEach(() => store.close());

const process = (rates = { client: 10 }) =>
  openSharedLimits({
    store,
    clock: { now: () => at as EpochMs },
    rates,
    now: () => at,
    warn: (thrown) => void warned.push(thrown),
  });

it('counts over all processes, to within what one second brings', async () => {
  const processes = [process(), process(), process()];
  let given = 0;
  const seconds = 40;
  for (let tick = 0; tick < seconds * 4; tick++) {
    for (const one of processes) {
      for (let n = 0; n < 20; n++) if (one.take('client', 'app') === 0) given++;
      await one.settled();
    }
    at += 250;
  }
  // The burst of each, and then what all have together; each alone would have given 500.
  const fair = 100 + seconds * 10;
  expect(given).toBeGreaterThan(fair * 0.8);
  expect(given).toBeLessThan(fair + 2 * 100);
});

it('writes once a second, however many ask, and nothing when nobody asks', async () => {
  const write = vi.spyOn(store, 'writeRecords');
  const one = process({ client: 100_000 });
  for (let n = 0; n < 5000; n++) {
    one.take('client', `app ${n % 3000}`);
    await one.settled();
    at += 1;
  }
  expect(write.mock.calls.length).toBeLessThanOrEqual(5);
  const [[change] = []] = write.mock.calls.flat();
  expect(JSON.parse(change?.kind === 'put' ? change.record.value : '').length).toBeLessThanOrEqual(2000);
  const before = write.mock.calls.length;
  at += 100_000;
  await one.settled();
  expect(write.mock.calls.length).toBe(before);
});

it('keeps names of different kinds apart, and has no limit where none is given', () => {
  const one = openSharedLimits({
    store,
    clock: { now: () => at as EpochMs },
    rates: { client: 1, user: 1 },
    now: () => at,
    warn: () => undefined,
  });
  for (let n = 0; n < 10; n++) expect(one.take('client', 'x')).toBe(0);
  expect(one.take('client', 'x')).toBe(1);
  expect(one.take('user', 'x')).toBe(0);
  for (let n = 0; n < 100; n++) expect(one.take('address', 'x')).toBe(0);
});

it('counts alone, and says so, while the store cannot be asked', async () => {
  const one = process();
  vi.spyOn(store, 'writeRecords').mockRejectedValue(new Error('gone'));
  for (let n = 0; n < 50; n++) one.take('client', 'app');
  at += 1000;
  for (let n = 0; n < 60; n++) one.take('client', 'app');
  await one.settled();
  expect(warned).toHaveLength(1);
  expect(one.take('client', 'app')).toBeGreaterThan(0);
});
