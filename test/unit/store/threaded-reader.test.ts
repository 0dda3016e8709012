import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StoreBusyError } from '../../../src/store/contract/store.ts';
import type { AbandonFlag } from '../../../src/store/sqlite/read-watch.ts';
import {
  openThreadedReader,
  type ThreadedReader,
  type ToReader,
} from '../../../src/store/sqlite/threaded-reader.ts';
import { AbandonedError } from '../../../src/values/turns.ts';

/** Threads that do nothing by themselves, the first to be started first. */
type Fake = EventEmitter & { readonly flag: AbandonFlag; readonly told: ToReader[] };
let threads: Fake[];
let reader: ThreadedReader;
beforeEach(() => {
  vi.useFakeTimers();
  threads = [];
  reader = openThreadedReader({ path: 'none', smallSet: undefined, walked: undefined }, (flag) => {
    const told: ToReader[] = [];
    const postMessage = (message: ToReader) => told.push(message);
    const thread = Object.assign(new EventEmitter(), { flag, told, postMessage });
    threads.push(thread);
    return thread as unknown as Worker;
  });
});
afterEach(() => vi.useRealTimers());

const count = { kind: 'count', types: ['Patient'], filter: { kind: 'and', of: [] } } as const;
const answer = (thread: Fake | undefined, result: number) =>
  thread?.emit('message', { kind: 'read', result });

it('says that it is busy when a thread ends while it reads, and starts another for those who wait', async () => {
  const asked = [reader.read(count), reader.read(count), reader.read(count)];
  expect(threads.map(({ told }) => told.length)).toEqual([1, 1]);
  threads[0]?.emit('exit', 1);
  await expect(asked[0]).rejects.toThrow(StoreBusyError);
  expect(threads.map(({ told }) => told.length)).toEqual([1, 1, 1]);
  answer(threads[1], 1);
  answer(threads[2], 2);
  expect(await Promise.all([asked[1], asked[2]])).toEqual([1, 2]);
});

it('tells a thread that its read is not wanted any more, and drops what waits', async () => {
  let gone = false;
  const hasGone = () => gone;
  const [wanted, running, waiting] = [
    reader.read(count, () => false),
    reader.read(count, hasGone),
    reader.read(count, hasGone),
  ];
  gone = true;
  const dropped = expect(waiting).rejects.toThrow(AbandonedError);
  await vi.advanceTimersByTimeAsync(100);
  await dropped;
  expect(threads.map(({ flag }) => flag[0])).toEqual([0, 2]);
  threads[1]?.emit('message', { kind: 'failed', name: 'Error', message: 'nobody waits for this read' });
  await expect(running).rejects.toThrow(AbandonedError);
  answer(threads[0], 1);
  expect(await wanted).toBe(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(vi.getTimerCount()).toBe(0);
});
