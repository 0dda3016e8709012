import { expect, it } from 'vitest';
import { type Store, StoreBusyError, type StoredVersion } from '../../src/store/contract/store.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { openEngine, whyNoOwnEngine } from '../../tools/mongo-stand-in/engine.mjs';
import { key } from '../contract/fixtures.ts';
import {
  expectAll,
  nothingWritten,
  until,
  untilAnswering,
  type Written,
  within,
  writeInLanes,
} from './load.ts';

const reason = await whyNoOwnEngine();
const faults: Readonly<Record<string, Fault>> = {
  'loses no acknowledged write when the database is killed under load': { fault: kill },
  'refuses writes on a full disk, and loses none that was acknowledged': { megabytes: 400, fault: fillDisk },
};

for (const [name, { megabytes, fault }] of Object.entries(faults)) {
  if (reason) it.skip(`${name}: ${reason}`, () => undefined);
  else it(name, { timeout: 200_000 }, ({ skip }) => underLoad({ megabytes, fault }, skip));
}

type Engine = Awaited<ReturnType<typeof openEngine>>;

type Fault = {
  /** A disk of its own for the engine. */
  readonly megabytes?: number | undefined;
  /** What happens to the database while it is written to; afterwards it is to answer again. */
  readonly fault: (engine: Engine, store: Store, written: Written) => Promise<void>;
};

async function underLoad({ megabytes, fault }: Fault, skip: (note: string) => void): Promise<void> {
  const engine = await openEngine(undefined, { megabytes });
  const store = await openMongoStore({ url: engine.url });
  const written = nothingWritten();
  const running = { on: true };
  try {
    const lanes = writeInLanes(store, written, running);
    expect(await until(() => written.created.length > 60 && written.pairs.length > 10)).toBe(true);
    await fault(engine, store, written);
    // Some backends of the test engine never end a command after it recovered: that is its fault, and shows nothing of ours.
    const hangs = 'the engine did not answer any more';
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

async function kill(engine: Engine, store: Store): Promise<void> {
  await engine.crash();
  await expect(store.check()).rejects.toThrow(StoreBusyError);
  await engine.restart();
}

/** What is on a full disk can still be read, as long as the database runs; one that cannot write may stop in the end. */
async function fillDisk(engine: Engine, store: Store, written: Written): Promise<void> {
  await engine.fillDisk();
  expect(await until(() => written.refused > 100)).toBe(true);
  const [first = ''] = written.created;
  const read = store.read(key('Patient', first));
  await expect(read.catch((error: unknown) => error)).resolves.toSatisfy(isReadOrBusy);
  await engine.freeDisk();
  if (await within(10_000, untilAnswering(store, { on: true }))) return;
  await engine.crash();
  await engine.restart();
}

function isReadOrBusy(answer: unknown): boolean {
  return answer instanceof StoreBusyError || (answer as StoredVersion | undefined)?.text !== undefined;
}
