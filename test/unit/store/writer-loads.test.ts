import { EventEmitter } from 'node:events';
import { setImmediate as afterTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openThreadedWriter } from '../../../src/store/sqlite/threaded-writer.ts';
import { at, change } from '../../contract/fixtures.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();

type Told = { readonly kind: string; readonly ops?: readonly unknown[] };

/** A writer before a thread that does all it is told at once, and how many units each message brought it. */
async function writerThatLoads(loads: boolean) {
  const batches: number[] = [];
  let held: (() => void)[] | undefined;
  const thread = Object.assign(new EventEmitter(), {
    postMessage: ({ kind, ops = [] }: Told) => {
      if (kind === 'close') setImmediate(() => thread.emit('exit', 0));
      if (kind !== 'batch') return;
      batches.push(ops.length);
      const results = ops.map(() => ({ kind: 'done', done: true }));
      const answer = () => void thread.emit('message', { kind: 'batch', results });
      if (held) held.push(answer);
      else queueMicrotask(answer);
    },
  });
  const startWriter = () => {
    queueMicrotask(() => thread.emit('message', { kind: 'ready' }));
    return thread as unknown as Worker;
  };
  const writer = await openThreadedWriter(folder.at('s.sqlite'), { startWriter, loads });
  const write = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        writer.commit({ kind: 'unit', unit: { changes: [change({ id: `i${n}` })], guards: [] }, now: at(0) }),
      ),
    );
  /** Nothing is answered until what is returned is called. */
  const hold = () => {
    held = [];
    return () => {
      const answers = held ?? [];
      held = undefined;
      for (const answer of answers) answer();
    };
  };
  return { writer, write, batches, hold };
}

/** As a reader of a file brings them: some, a pause for the next piece of the file, some more. */
async function bring(write: (count: number) => Promise<unknown>, counts: readonly number[]) {
  const written: Promise<unknown>[] = [];
  for (const count of counts) {
    written.push(write(count));
    await afterTurn();
    await afterTurn();
  }
  return written;
}

describe('what a load brings', () => {
  // However busy the machine is, the pause ends when it is told to.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each`
    it                                          | brought         | commits
    ${'is gathered over several turns'}         | ${[10, 20, 30]} | ${[40, 60]}
    ${'is sent on as soon as a commit is full'} | ${[3000, 1500]} | ${[40, 4000, 500]}
  `('$it', async ({ brought, commits }) => {
    const { write, batches } = await writerThatLoads(true);
    await write(40);
    const written = await bring(write, brought);
    await vi.runAllTimersAsync();
    await Promise.all(written);
    expect(batches).toEqual(commits);
  });
});

it('keeps nobody waiting who waits for one write before the next', async () => {
  const { write, batches } = await writerThatLoads(true);
  await write(1);
  const [first] = await bring(write, [1]);
  expect(await Promise.race([first?.then(() => 'written'), sleep(0, 'waits')])).toBe('written');
  expect(batches).toEqual([1, 1]);
});

it('sends what is served at the end of each turn', async () => {
  const { write, batches } = await writerThatLoads(false);
  await write(40);
  await Promise.all(await bring(write, [33, 34]));
  expect(batches).toEqual([40, 33, 34]);
});

it('makes one batch of what is served while a commit is under way', async () => {
  const { write, batches, hold } = await writerThatLoads(false);
  const release = hold();
  const written = await bring(write, [1, 2, 3, 4]);
  expect(batches).toEqual([1]);
  release();
  await Promise.all(written);
  expect(batches).toEqual([1, 9]);
});

describe('those who were answered', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Four writes were committed together, and that took so long that a pause is the longest. */
  async function fourWritten() {
    const writing = await writerThatLoads(false);
    const release = writing.hold();
    const four = writing.write(4);
    await afterTurn();
    vi.advanceTimersByTime(40);
    release();
    await four;
    return writing;
  }

  it('are let come again before the next commit', async () => {
    const { write, batches } = await fourWritten();
    await Promise.all(await bring(write, [1, 3]));
    expect(batches).toEqual([4, 4]);
  });

  it('are waited for no longer than a pause', async () => {
    const { write, batches } = await fourWritten();
    const [one] = await bring(write, [1]);
    expect(batches).toEqual([4]);
    vi.advanceTimersByTime(5);
    await one;
    expect(batches).toEqual([4, 1]);
    await write(1);
    expect(batches).toEqual([4, 1, 1]);
  });
});

it('still writes what it gathers when it is closed', async () => {
  const { writer, write, batches } = await writerThatLoads(true);
  await write(40);
  const [waiting] = await bring(write, [10]);
  await writer.close();
  await waiting;
  expect(batches).toEqual([40, 10]);
});
