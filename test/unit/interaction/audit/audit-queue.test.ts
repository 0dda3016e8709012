import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openAuditQueue, type QueueOptions } from '../../../../src/interaction/audit/audit-queue.ts';
import type { AuditRow } from '../../../../src/store/contract/audit.ts';
import { at } from '../../../contract/fixtures.ts';

let kept: AuditRow[] = [];
let isDown = false;
const store = {
  appendAudit: async (rows: readonly AuditRow[]) => {
    if (isDown) throw new Error('the disk is full');
    kept.push(...rows);
  },
};
const open = (more: Partial<QueueOptions> = {}) => openAuditQueue({ store, firstSalt: 7, ...more });

beforeEach(() => {
  kept = [];
  isDown = false;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const rowOf = (queue: ReturnType<typeof open>): AuditRow => {
  const id = queue.newId(at(1000));
  const agent = { name: 'user:ann' };
  return { id, at: at(1000), agent, action: 'R', interaction: 'read', what: [], patients: [], outcome: 0 };
};

it('gives no two rows of a millisecond the same id, and begins again where numbers end', () => {
  const queue = open({ firstSalt: 2 ** 48 - 2 });
  const ids = [1, 2, 3].map(() => queue.newId(at(1000)));
  expect(ids).toEqual(['000000003e8-ffffffffffff', '000000003e8-000000000000', '000000003e8-000000000001']);
});

it('writes within a second what came meanwhile, together', async () => {
  const queue = open();
  const rows = [rowOf(queue), rowOf(queue)];
  for (const row of rows) queue.append(row);
  expect(kept).toEqual([]);
  await vi.advanceTimersByTimeAsync(999);
  expect(kept).toEqual(rows);
});

it('does not wait for the time when many have come', async () => {
  const queue = open();
  for (let count = 0; count < 4000; count++) queue.append(rowOf(queue));
  await vi.advanceTimersByTimeAsync(0);
  expect(kept).toHaveLength(4000);
});

/** A store that takes batches one after the other, each when it is let. */
function slowStore() {
  const batches: (readonly AuditRow[])[] = [];
  const waiting: (() => void)[] = [];
  return {
    batches,
    let: () => waiting.shift()?.(),
    appendAudit: async (rows: readonly AuditRow[]) => {
      batches.push(rows);
      await new Promise<void>((resolve) => waiting.push(resolve));
      kept.push(...rows);
    },
  };
}

it('lets what comes while others are written wait for its own time', async () => {
  const slow = slowStore();
  const queue = open({ store: slow });
  queue.append(rowOf(queue));
  await vi.advanceTimersByTimeAsync(500);
  for (let count = 0; count < 3; count++) queue.append(rowOf(queue));
  slow.let();
  await vi.advanceTimersByTimeAsync(499);
  expect(slow.batches.map(({ length }) => length)).toEqual([1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(slow.batches.map(({ length }) => length)).toEqual([1, 3]);
});

it('writes each row once when it is closed while others are written', async () => {
  const slow = slowStore();
  const queue = open({ store: slow });
  queue.append(rowOf(queue));
  await vi.advanceTimersByTimeAsync(500);
  for (let count = 0; count < 400; count++) queue.append(rowOf(queue));
  const closed = queue.close();
  for (let times = 0; times < 10; times++) {
    slow.let();
    await vi.advanceTimersByTimeAsync(600);
  }
  await closed;
  expect(new Set(kept.map(({ id }) => id)).size).toBe(401);
  expect(slow.batches.flat()).toHaveLength(401);
});

it('keeps what the store does not take, says so, and tries it again', async () => {
  const queue = open();
  const warn = vi.fn();
  queue.onFailure(warn);
  isDown = true;
  const row = rowOf(queue);
  queue.append(row);
  await vi.advanceTimersByTimeAsync(2000);
  expect(warn).toHaveBeenCalled();
  isDown = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept).toEqual([row]);
});

it('lets requests wait when it is full, and go on when there is room', async () => {
  const queue = open({ mostWaiting: 2 });
  isDown = true;
  queue.append(rowOf(queue));
  expect(queue.room()).toBeUndefined();
  queue.append(rowOf(queue));
  let isThrough = false;
  const waited = queue.room()?.then(() => {
    isThrough = true;
  });
  await vi.advanceTimersByTimeAsync(3000);
  expect(isThrough).toBe(false);
  isDown = false;
  await vi.advanceTimersByTimeAsync(1000);
  await waited;
  expect(isThrough).toBe(true);
  expect(kept).toHaveLength(2);
});

it('answers 503 to who has waited for long, and drops nothing', async () => {
  const queue = open({ mostWaiting: 1 });
  isDown = true;
  queue.append(rowOf(queue));
  const refused = expect(queue.room()).rejects.toMatchObject({ kind: 'busy' });
  await vi.advanceTimersByTimeAsync(11_000);
  await refused;
  isDown = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept).toHaveLength(1);
});

it('writes all that is left when it is closed, and says when it cannot', async () => {
  const queue = open();
  for (let count = 0; count < 1500; count++) queue.append(rowOf(queue));
  await Promise.all([queue.close(), vi.advanceTimersByTimeAsync(1000)]);
  expect(kept).toHaveLength(1500);
  const other = open();
  isDown = true;
  other.append(rowOf(other));
  const failed = expect(other.close()).rejects.toThrow('the disk is full');
  await vi.advanceTimersByTimeAsync(10_000);
  await failed;
});
