// What a MongoDB can do, found by asking it: what decides whether the tests say anything on it, and which are skipped.
import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { planChecks } from './probe-plans.mjs';
import { transactionChecks } from './probe-transactions.mjs';
import { writeChecks } from './probe-writes.mjs';

const checks = [...writeChecks, ...transactionChecks, ...planChecks];

/** The first line of an error, short enough for a table. */
const reason = (error) =>
  String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 160);

/** Runs the checks against the MongoDB at `url`, each in a new database that is dropped after it. */
export async function probe(url) {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
  await client.connect();
  const results = [];
  try {
    for (const [name, check] of checks) results.push({ name, ...(await outcome(client, check)) });
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
