import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandTold, toldCommand } from '../../../src/cli/tell-command.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { EpochMs } from '../../../src/values/instant.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';

let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
});
afterEach(() => store.close());

type Kept = Pick<Store, 'appendAudit'>;

let salt = 0;
const clock = { now: () => Date.UTC(2026, 5, 1) as EpochMs };
const run = (
  work: () => Promise<number>,
  told: CommandTold = { words: 'user disable ann' },
  into: Kept = store,
) => toldCommand({ store: into, clock, newSalt: () => salt++, operator: 'cli:root' }, told, work);
const rows = async () => (await store.searchAudit({ count: 9 })).rows;

describe('a command', () => {
  it('is told before it begins', async () => {
    const code = await run(async () => {
      expect(await rows()).toMatchObject([
        { agent: { name: 'cli:root' }, interaction: 'command', query: 'user disable ann', outcome: 0 },
      ]);
      return 0;
    });
    expect(code).toBe(0);
    expect(await rows()).toHaveLength(1);
  });

  it('is told with whose data it shows', async () => {
    const told = { words: 'forecast p1', patients: ['p1' as ResourceId] };
    await run(async () => 0, told);
    expect((await store.searchAudit({ patients: ['p1'], count: 9 })).rows).toHaveLength(1);
  });

  it('is told once more when it fails, and fails all the same', async () => {
    const failure = new Error('no such user');
    await expect(run(() => Promise.reject(failure))).rejects.toBe(failure);
    expect((await rows()).map(({ outcome }) => outcome)).toEqual([4, 0]);
    expect(await run(async () => 2)).toBe(2);
    expect(await rows()).toHaveLength(4);
  });

  it('is not done when it cannot be told', async () => {
    const full: Kept = { appendAudit: () => Promise.reject(new Error('the disk is full')) };
    let isDone = false;
    const work = async () => {
      isDone = true;
      return 0;
    };
    await expect(run(work, { words: 'backup' }, full)).rejects.toThrow('the disk is full');
    expect(isDone).toBe(false);
  });
});
