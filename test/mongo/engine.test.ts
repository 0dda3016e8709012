import { MongoClient, MongoServerError } from 'mongodb';
import { expect, it } from 'vitest';
import { openEngine, whyNoOwnEngine } from '../../tools/mongo-stand-in/engine.mjs';

const reason = await whyNoOwnEngine();
const name = 'the test engine loses no acknowledged write when it is killed';

// Fault tests of the store stand on this: an engine that lost writes by itself would make them worthless.
if (reason) it.skip(`${name}: ${reason}`, () => undefined);
else it(name, { timeout: 120_000 }, () => killTwice());

async function killTwice(): Promise<void> {
  const engine = await openEngine();
  const client = new MongoClient(engine.url);
  try {
    const notes = client.db('notes').collection<{ _id: string }>('notes');
    const acknowledged: string[] = [];
    const writing = { on: true };
    const write = async (lane: number) => {
      for (let n = 0; writing.on; n++) {
        const _id = `${lane}-${n}`;
        const done = await notes
          .insertOne({ _id }, { writeConcern: { w: 'majority' } })
          .catch(onlyLostConnection);
        if (done) acknowledged.push(_id);
      }
    };
    const lanes = Promise.all([1, 2, 3, 4].map(write));
    for (let kill = 0; kill < 2; kill++) {
      await until(() => acknowledged.length > (kill + 1) * 100);
      await engine.crash();
      await engine.restart();
    }
    await until(() => acknowledged.length > 300);
    writing.on = false;
    await lanes;
    const stored = new Set((await notes.find().toArray()).map((note) => note._id));
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  } finally {
    await client.close();
    await engine.close();
  }
}

/** A write may fail because the server is gone, or have been stored before the driver tried it again. */
function onlyLostConnection(error: unknown): undefined {
  if (error instanceof MongoServerError && error.code !== 11000 && error.code !== 1) throw error;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}
