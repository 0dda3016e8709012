import { EventEmitter } from 'node:events';
import { setImmediate as afterTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { openThreadedWriter } from '../../../src/store/sqlite/threaded-writer.ts';
import { at, change } from '../../contract/fixtures.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();

type Told = { readonly kind: string; readonly ops?: readonly unknown[] };

/** A writer before a thread that does all it is told at once, and how many units each message brought it. */
async function writerThatLoads(loads: boolean) {
  const batches: number[] = [];
  const thread = Object.assign(new EventEmitter(), {
    postMessage: ({ kind, ops = [] }: Told) => {
      if (kind === 'close') setImmediate(() => thread.emit('exit', 0));
      if (kind !== 'batch') return;
      batches.push(ops.length);
      const results = ops.map(() => ({ kind: 'done', done: true }));
      queueMicrotask(() => thread.emit('message', { kind: 'batch', results }));
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
  return { writer, write, batches };
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

it('gathers what a load brings in several turns into one commit', async () => {
  const { write, batches } = await writerThatLoads(true);
  await write(40);
  await Promise.all(await bring(write, [10, 20, 30]));
  expect(batches).toEqual([40, 60]);
});

it('sends a load on as soon as a commit of it is full', async () => {
  const { write, batches } = await writerThatLoads(true);
  await write(40);
  await Promise.all(await bring(write, [3000, 1500]));
  expect(batches).toEqual([40, 4000, 500]);
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
  await Promise.all(await bring(write, [10, 20]));
  expect(batches).toEqual([40, 10, 20]);
});

it('still writes what it gathers when it is closed', async () => {
  const { writer, write, batches } = await writerThatLoads(true);
  await write(40);
  const [waiting] = await bring(write, [10]);
  await writer.close();
  await waiting;
  expect(batches).toEqual([40, 10]);
});
