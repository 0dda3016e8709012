import { expect } from 'vitest';
import type { Filter } from '../../src/search/filter.ts';
import {
  type Store,
  StoreBusyError,
  type WriteOutcome,
  WriteUnknownError,
} from '../../src/store/contract/store.ts';
import { change, key, token } from '../contract/fixtures.ts';

/** What was acknowledged. */
export type Written = {
  readonly created: string[];
  /** The highest version that was acknowledged. */
  readonly updated: Map<string, number>;
  readonly pairs: string[];
  refused: number;
};

export function nothingWritten(): Written {
  return { created: [], updated: new Map(), pairs: [], refused: 0 };
}

/** Writes of every kind, several at once, until `running` is off. */
export function writeInLanes(
  store: Store,
  written: Written,
  running: { readonly on: boolean },
): readonly Promise<void>[] {
  const lanes = [1, 2, 3].flatMap((lane) => [
    repeat(running, (n) => create(store, written, `c${lane}-${n}`)),
    repeat(running, () => update(store, written, `u${lane}`)),
    repeat(running, (n) => createPair(store, written, `t${lane}-${n}`)),
    repeat(running, (n) => createOnce(store, written, `g${lane}-${n}`, `code${n}`)),
  ]);
  // Whoever waits for a lane is told how it failed; when a test is given up, nobody waits any more.
  void Promise.allSettled(lanes);
  return lanes;
}

async function repeat(running: { on: boolean }, work: (n: number) => Promise<void>): Promise<void> {
  for (let n = 0; running.on; n++) await work(n);
}

/** Only the errors of the contract may come while the database is away. */
async function acknowledged(written: Written, work: Promise<WriteOutcome>): Promise<boolean> {
  try {
    return (await work).kind === 'committed';
  } catch (error) {
    if (!(error instanceof StoreBusyError) && !(error instanceof WriteUnknownError)) throw error;
    written.refused++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }
}

const mark = 'care|Organization/load';

async function create(store: Store, written: Written, id: string): Promise<void> {
  const unit = { changes: [change({ id, marks: [mark] })], guards: [] };
  if (await acknowledged(written, store.write(unit))) written.created.push(id);
}

async function update(store: Store, written: Written, id: string): Promise<void> {
  const current = await store.read(key('Patient', id)).catch(() => 'away' as const);
  if (current === 'away') return;
  const version = (current?.versionId ?? 0) + 1;
  const unit = { changes: [change({ id, version })], guards: [] };
  if (await acknowledged(written, store.write(unit))) written.updated.set(id, version);
}

async function createPair(store: Store, written: Written, id: string): Promise<void> {
  const changes = [change({ id: `${id}a` }), change({ type: 'Observation', id: `${id}b` })];
  if (await acknowledged(written, store.write({ changes, guards: [] }))) written.pairs.push(id);
}

async function createOnce(store: Store, written: Written, id: string, code: string): Promise<void> {
  const changes = [change({ type: 'Location', id, index: { code: [token(code)] } })];
  await acknowledged(
    written,
    store.write({ changes, guards: [{ type: 'Location', noneMatch: hasCode(code) }] }),
  );
}

function hasCode(code: string): Filter {
  return { kind: 'value', param: 'code', test: { kind: 'token', anyOf: [{ code }] } };
}

export async function expectAll(store: Store, { created, updated, pairs }: Written): Promise<void> {
  for (const id of created) expect(await store.read(key('Patient', id)), id).toBeDefined();
  expect(await store.count(['Patient'], bearing(created))).toBe(created.length);
  for (const [id, version] of updated) await expectUnbroken(store, id, version);
  for (const id of pairs) {
    expect(await store.read(key('Patient', `${id}a`)), id).toBeDefined();
    expect(await store.read(key('Observation', `${id}b`)), id).toBeDefined();
  }
  const everything: Filter = { kind: 'and', of: [] };
  const halves = await store.search({ types: ['Observation'], filter: everything, sort: [], count: 10_000 });
  for (const { id } of halves.matches) {
    expect(await store.read(key('Patient', `${id.slice(0, -1)}a`)), id).toBeDefined();
  }
  for (let n = 0; n < 20; n++) expect(await store.count(['Location'], hasCode(`code${n}`))).toBeLessThan(2);
}

/** Those who bear what their creation said. */
function bearing(created: readonly string[]): Filter {
  return {
    kind: 'and',
    of: [
      { kind: 'id', anyOf: created },
      { kind: 'reach', anyOf: [mark] },
    ],
  };
}

/** Every version up to the present one is there, and the present one is none before the last acknowledged. */
async function expectUnbroken(store: Store, id: string, version: number): Promise<void> {
  const { versions } = await store.history({ ...key('Patient', id), count: 100_000 });
  expect(versions.length).toBeGreaterThanOrEqual(version);
  expect(versions.map(({ versionId }) => versionId)).toEqual(
    Array.from({ length: versions.length }, (_, n) => versions.length - n),
  );
}

export async function untilAnswering(store: Store, running: { readonly on: boolean }): Promise<void> {
  while (running.on) {
    const there = await store.check().then(
      () => true,
      () => false,
    );
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** False when the work takes longer. */
export function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    work.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), milliseconds).unref()),
  ]);
}

/** False when it is not so within the time. */
export async function until(isSo: () => boolean, milliseconds = 60_000): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return isSo();
}
