import { EventEmitter } from 'node:events';
import { renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { IndexValues } from '../../../src/search/index-values.ts';
import { type Change, type Guard, type Store, StoreBusyError } from '../../../src/store/contract/store.ts';
import { packIndexInPieces, unpackInto } from '../../../src/store/sqlite/pack-index.ts';
import { comesInPortions, openPortions, portionsOf } from '../../../src/store/sqlite/portions.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { openThreadedWriter } from '../../../src/store/sqlite/threaded-writer.ts';
import { resources } from '../../contract/arbitrary.ts';
import { at, change, write } from '../../contract/fixtures.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();
let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ path: folder.at('s.sqlite') });
});
afterEach(async () => {
  await store.close();
});

const many = <Item>(count: number, make: (n: number) => Item) =>
  Array.from({ length: count }, (_, n) => make(n));
const codes = (count: number): IndexValues => ({
  code: many(count, (n) => ({ kind: 'token', system: 'urn:a', code: `c${n}` })),
  url: [{ kind: 'uri', uri: 'http://a.example', version: '' }],
});
const changes = (count: number, prefix: string, index: IndexValues = {}) =>
  many(count, (n) => change({ id: `${prefix}${n}`, index }));

it('brings index values over in pieces as they are', () => {
  const large = fc.constant([{ index: codes(7000) }, { index: codes(1999) }, { index: {} }]);
  fc.assert(
    fc.property(fc.oneof(resources, large), (all) => {
      for (const { index } of all) {
        const unpacked = {};
        for (const piece of packIndexInPieces(index)) unpackInto(unpacked, structuredClone(piece));
        expect(unpacked).toEqual(index);
      }
    }),
  );
});

it('cuts many changes, many values and long texts into portions that are small', () => {
  const text = JSON.stringify({ resourceType: 'Patient', id: 'x', a: 'x'.repeat(300_000) });
  const sent = [...changes(500, 'a', codes(20)), change({ id: 'b', index: codes(9000), text })];
  const portions = [...portionsOf(sent)];
  expect(portions.length).toBeGreaterThan(10);
  for (const portion of portions) {
    const sizes = portion.map((part) => ('index' in part ? part.index.length : part.length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(6100);
  }
  const { keep, take } = openPortions();
  for (const portion of portions) keep(1, structuredClone(portion));
  expect(take(1)).toEqual(sent);
  expect(take(1)).toEqual([]);
});

it('hands over at once what is small', () => {
  const small = (list: readonly Change[]) => comesInPortions({ changes: list, guards: [] });
  expect([small(changes(100, 'a')), small([change({ index: codes(1999) })])]).toEqual([false, false]);
  expect([small(changes(101, 'a')), small([change({ index: codes(2000) })])]).toEqual([true, true]);
});

const found = (code: string) =>
  store.count(['Patient'], { kind: 'value', param: 'code', test: { kind: 'token', anyOf: [{ code }] } });

it('keeps all changes of a unit in one commit, or none', async () => {
  const guard: Guard = { type: 'Patient', someMatch: { kind: 'id', anyOf: ['nobody'] } };
  const units = ['a', 'b', 'c'].map((prefix) => changes(400, prefix, codes(3)));
  const outcomes = await Promise.all(units.map((unit) => write(store, ...unit)));
  expect(outcomes).toEqual(units.map(() => ({ kind: 'committed' })));
  expect(await found('c2')).toBe(1200);
  const refused = { changes: changes(400, 'd', codes(3)), guards: [guard] };
  expect((await store.write(refused)).kind).toBe('guarded');
  expect(await found('c2')).toBe(1200);
  await write(store, change({ id: 'large', index: codes(50_000) }));
  expect([await found('c0'), await found('c49999')]).toEqual([1201, 1]);
});

type Told = { readonly kind: string };

/** A writer whose threads are ready at once, answer nothing, and do what `onTold` says. */
async function writerOf(onTold: (thread: EventEmitter, message: Told) => void = () => undefined) {
  const threads: (EventEmitter & { readonly told: Told[] })[] = [];
  const writer = await openThreadedWriter(folder.at('s.sqlite'), {
    startWriter: () => {
      const told: Told[] = [];
      const thread = Object.assign(new EventEmitter(), {
        told,
        postMessage: (message: Told) => {
          told.push(message);
          onTold(thread, message);
        },
      });
      threads.push(thread);
      queueMicrotask(() => thread.emit('message', { kind: 'ready' }));
      return thread as unknown as Worker;
    },
  });
  return { writer, threads };
}

const largeOp = () => ({
  kind: 'unit' as const,
  unit: { changes: changes(3000, 'a', codes(3)), guards: [] },
  now: at(0),
});
const kinds = (thread: { readonly told: readonly Told[] } | undefined) => [
  ...new Set(thread?.told.map(({ kind }) => kind)),
];

it('is busy when its thread was replaced between two portions', async () => {
  let isFirst = true;
  const { writer, threads } = await writerOf((thread) => {
    if (isFirst) thread.emit('exit', 1);
    isFirst = false;
  });
  await expect(writer.commit(largeOp())).rejects.toThrow(StoreBusyError);
  expect(threads.map(kinds)).toEqual([['portion'], []]);
});

it('says that portions can be forgotten of what is not taken in the end', async () => {
  const { writer, threads } = await writerOf((_, { kind }) => {
    if (kind === 'portion') void writer.close();
  });
  await expect(writer.commit(largeOp())).rejects.toThrow('The store is closed');
  expect(kinds(threads[0])).toEqual(['portion', 'close', 'forget']);
});

it('lets others come first between two portions', async () => {
  const done = { kind: 'batch', results: [{ kind: 'done', done: true }] };
  const now = performance.now();
  let calls = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now + 20 * calls++);
  const { writer, threads } = await writerOf((thread, { kind }) => {
    if (kind === 'batch') setImmediate(() => thread.emit('message', done));
  });
  let [turns, isCounting] = [0, true];
  const others = () => {
    turns++;
    if (isCounting) setImmediate(others);
  };
  setImmediate(others);
  await writer.commit(largeOp());
  isCounting = false;
  clock.mockRestore();
  expect(turns).toBeGreaterThan(2);
  expect(kinds(threads[0])).toEqual(['portion', 'batch']);
});

it('starts no thread anew as long as its file is not there: it would make another', async () => {
  const { threads } = await writerOf();
  renameSync(folder.at('s.sqlite'), folder.at('away'));
  threads[0]?.emit('exit', 1);
  await sleep(600);
  expect(threads).toHaveLength(1);
  renameSync(folder.at('away'), folder.at('s.sqlite'));
  await vi.waitUntil(() => threads.length === 2, { timeout: 20_000 });
});
