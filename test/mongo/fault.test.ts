import { expect, it } from 'vitest';
import type { Filter } from '../../src/search/filter.ts';
import {
  type Store,
  StoreBusyError,
  type WriteOutcome,
  WriteUnknownError,
} from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { openEngine, whyNoOwnEngine } from '../../tools/mongo/engine.mjs';
import { change, key, token } from '../contract/fixtures.ts';

const reason = await whyNoOwnEngine();
const name = 'loses no acknowledged write when the database is killed under load';

if (reason) it.skip(`${name}: ${reason}`, () => undefined);
else it(name, { timeout: 200_000 }, ({ skip }) => killUnderLoad(skip));

/** What was acknowledged. */
type Written = {
  readonly created: string[];
  /** The highest version that was acknowledged. */
  readonly updated: Map<string, number>;
  readonly pairs: string[];
  refused: number;
};

async function killUnderLoad(skip: (note: string) => void): Promise<void> {
  const engine = await openEngine();
  const store = await openMongoStore({ url: engine.url });
  const written: Written = { created: [], updated: new Map(), pairs: [], refused: 0 };
  const running = { on: true };
  try {
    const lanes = [1, 2, 3].flatMap((lane) => [
      repeat(running, (n) => create(store, written, `c${lane}-${n}`)),
      repeat(running, () => update(store, written, `u${lane}`)),
      repeat(running, (n) => createPair(store, written, `t${lane}-${n}`)),
      repeat(running, (n) => createOnce(store, written, `g${lane}-${n}`, `code${n}`)),
    ]);
    expect(await until(() => written.created.length > 60 && written.pairs.length > 10)).toBe(true);
    await engine.crash();
    await expect(store.check()).rejects.toThrow(StoreBusyError);
    await engine.restart();
    // Some backends of the test engine never end a command after it recovered: that is its fault, and shows nothing of ours.
    const hangs = 'the engine did not answer after it was started again';
    if (!(await within(20_000, untilAnswering(store, running)))) return skip(hangs);
    const before = written.created.length;
    if (!(await until(() => written.created.length > before + 60, 30_000))) return skip(hangs);
    running.on = false;
    if (!(await within(40_000, Promise.all(lanes)))) return skip(hangs);
    await expectAll(store, written);
    expect(written.refused).toBeGreaterThan(0);
  } finally {
    running.on = false;
    await engine.close();
    await store.close();
  }
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

async function create(store: Store, written: Written, id: string): Promise<void> {
  const unit = { changes: [change({ id })], guards: [] };
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

async function expectAll(store: Store, { created, updated, pairs }: Written): Promise<void> {
  for (const id of created) expect(await store.read(key('Patient', id)), id).toBeDefined();
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

/** Every version up to the present one is there, and the present one is none before the last acknowledged. */
async function expectUnbroken(store: Store, id: string, version: number): Promise<void> {
  const { versions } = await store.history({ ...key('Patient', id), count: 100_000 });
  expect(versions.length).toBeGreaterThanOrEqual(version);
  expect(versions.map(({ versionId }) => versionId)).toEqual(
    Array.from({ length: versions.length }, (_, n) => versions.length - n),
  );
}

async function untilAnswering(store: Store, running: { readonly on: boolean }): Promise<void> {
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
function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    work.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), milliseconds).unref()),
  ]);
}

/** False when it is not so within the time. */
async function until(isSo: () => boolean, milliseconds = 60_000): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (!isSo() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  return isSo();
}
