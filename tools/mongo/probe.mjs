// What a MongoDB can do, found by asking it: tests that need what it lacks are skipped with that reason.
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { MongoClient } from 'mongodb';
import { aggregationChecks } from './probe-aggregation.mjs';
import { indexChecks } from './probe-indexes.mjs';
import { queryChecks } from './probe-queries.mjs';
import { serverChecks } from './probe-server.mjs';
import { writeChecks } from './probe-writes.mjs';

const checks = [...indexChecks, ...writeChecks, ...queryChecks, ...aggregationChecks, ...serverChecks];

/** The first line of an error, short enough for a table. */
const reason = (error) =>
  String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 160);

/**
 * Runs the checks against the MongoDB at `url`, each in a new database that is dropped after it.
 * `only` limits them to these names; `slow` adds those that take a minute.
 */
export async function probe(url, { only, slow = false } = {}) {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
  await client.connect();
  const results = [];
  try {
    for (const [name, check, options] of checks) {
      if (only ? !only.includes(name) : options?.slow && !slow) continue;
      results.push({ name, ...(await outcome(client, check)) });
    }
  } finally {
    await client.close();
  }
  return results;
}

async function outcome(client, check) {
  const db = client.db(`probe_${randomBytes(6).toString('hex')}`);
  try {
    return { ok: true, detail: (await check(db, client)) ?? '' };
  } catch (error) {
    return { ok: false, detail: reason(error) };
  } finally {
    await db.dropDatabase().catch(() => undefined);
  }
}

/** Times a second of each, one after another on one connection: rough, to compare engines on one machine. */
export async function measure(url) {
  const client = new MongoClient(url, { maxPoolSize: 16 });
  await client.connect();
  const db = client.db(`probe_${randomBytes(6).toString('hex')}`);
  try {
    const c = db.collection('c');
    await c.createIndex({ 'tokens.param': 1, 'tokens.code': 1 });
    const doc = (n) => ({
      _id: `d${n}`,
      text: 'x'.repeat(1800),
      tokens: [
        { param: 'p', code: `c${n}` },
        { param: 'q', code: `d${n % 50}` },
      ],
    });
    let inserted = 0;
    const insertOne = await rate(1, () => c.insertOne(doc(inserted++)));
    const insertMany = await rate(1, () => c.insertMany(Array.from({ length: 500 }, () => doc(inserted++))));
    const some = () => Math.floor(Math.random() * inserted);
    const findOne = await rate(1, () => c.findOne({ _id: `d${some()}` }));
    const findOneBy16 = await rate(16, () => c.findOne({ _id: `d${some()}` }));
    const elemMatch = await rate(1, () =>
      c.find({ tokens: { $elemMatch: { param: 'p', code: `c${some()}` } } }).toArray(),
    );
    return {
      insertOne,
      insertedByMany: insertMany * 500,
      findOne,
      findOneBy16,
      elemMatch,
      documents: inserted,
    };
  } finally {
    await db.dropDatabase();
    await client.close();
  }
}

/** Calls of `act` a second, with `lanes` of them under way at any time, over a second and a half. */
async function rate(lanes, act) {
  const until = performance.now() + 1500;
  let calls = 0;
  const lane = async () => {
    for (; performance.now() < until; calls++) await act();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return Math.round(calls / 1.5);
}
