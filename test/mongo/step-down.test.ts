import { expect, it } from 'vitest';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { expectAll, nothingWritten, until, untilAnswering, within, writeInLanes } from './load.ts';
import { dropDatabase, freshDatabase, noMongo, testMongoUrl, withClient } from './test-mongo.ts';

const name = 'loses no acknowledged write when the primary steps down under load';
const url = testMongoUrl();
const reason = url === undefined ? noMongo : await whyNoStepDown(url);

if (url === undefined || reason !== undefined) it.skip(`${name}: ${reason}`, () => undefined);
else it(name, { timeout: 180_000 }, () => stepDownUnderLoad(url));

async function whyNoStepDown(mongo: string): Promise<string | undefined> {
  return withClient(mongo, async (client) => {
    const admin = client.db('admin');
    const { setName } = await admin.command({ hello: 1 });
    if (setName === undefined) return 'the MongoDB is no replica set';
    const { commands } = await admin.command({ listCommands: 1 });
    return 'replSetStepDown' in commands ? undefined : 'the server has no command replSetStepDown';
  });
}

async function stepDownUnderLoad(mongo: string): Promise<void> {
  const fresh = freshDatabase(mongo);
  const store = await openMongoStore({ url: fresh });
  const written = nothingWritten();
  const running = { on: true };
  const lanes = writeInLanes(store, written, running);
  try {
    expect(await until(() => written.created.length > 60 && written.pairs.length > 10)).toBe(true);
    await stepDown(mongo);
    expect(await within(60_000, untilAnswering(store, running))).toBe(true);
    const before = written.created.length;
    expect(await until(() => written.created.length > before + 60)).toBe(true);
    running.on = false;
    await Promise.all(lanes);
    await expectAll(store, written);
  } finally {
    running.on = false;
    await Promise.allSettled(lanes);
    await store.close();
    await dropDatabase(fresh);
  }
}

/** MongoDB manual, replSetStepDown: without `force` a replica set of one would keep its primary. */
async function stepDown(mongo: string): Promise<void> {
  const command = { replSetStepDown: 5, secondaryCatchUpPeriodSecs: 0, force: true };
  await withClient(mongo, (client) => client.db('admin').command(command));
}
