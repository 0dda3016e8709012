// What a MongoDB must do with several documents as one, and with a write whose answer was lost.
import { Long, UUID } from 'mongodb';
import { expect, refuses } from './probe-expect.mjs';

async function inSession(client, act) {
  const session = client.startSession();
  try {
    return await act(session);
  } finally {
    await session.endSession();
  }
}

const rollsBack = (db, client) =>
  inSession(client, async (session) => {
    const c = db.collection('c');
    await c.insertOne({ _id: 'kept', n: 1 });
    await db.createCollection('d');
    session.startTransaction();
    await c.updateOne({ _id: 'kept' }, { $set: { n: 2 } }, { session });
    await db.collection('d').insertOne({ _id: 2 }, { session });
    await session.abortTransaction();
    expect((await c.findOne({ _id: 'kept' })).n, 1, 'value after the abort');
    expect(await db.collection('d').countDocuments(), 0, 'documents inserted in the transaction');
  });

const isolates = (db, client) =>
  inSession(client, async (session) => {
    const c = db.collection('c');
    await c.insertOne({ _id: 1, n: 1 });
    session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } });
    await c.updateOne({ _id: 1 }, { $set: { n: 2 } }, { session });
    const outside = (await c.findOne({ _id: 1 })).n;
    await session.commitTransaction();
    expect(outside, 1, 'value seen from outside before the commit');
    expect((await c.findOne({ _id: 1 })).n, 2, 'value after the commit');
  });

/** Of two transactions that write one document the later fails, and is told to begin again: MongoDB's snapshots. */
const conflicts = (db, client) =>
  inSession(client, (first) =>
    inSession(client, async (second) => {
      const c = db.collection('c');
      await c.insertOne({ _id: 1, n: 1 });
      first.startTransaction();
      second.startTransaction();
      await c.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: first });
      const isTransient = (error) => error.code === 112 && error.hasErrorLabel('TransientTransactionError');
      await refuses(() => c.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: second }), isTransient);
      await first.commitTransaction();
      expect((await c.findOne({ _id: 1 })).n, 2, 'value after the commit');
    }),
  );

/** Where transactions cannot be had, a write in one must be refused: an error is safe, a half-applied Bundle is not. */
const neverHalf = (db, client) =>
  inSession(client, async (session) => {
    const c = db.collection('c');
    await db.createCollection('c');
    session.startTransaction();
    try {
      await c.insertOne({ _id: 1 }, { session });
    } catch (error) {
      return `refused: ${error.code} ${error.message.slice(0, 90)}`;
    }
    await session.abortTransaction().catch(() => undefined);
    expect(await c.countDocuments(), 0, 'documents left by an aborted transaction');
    return 'rolled back';
  });

/** A write that is sent again under the same number, as a driver does that lost the answer, must be done once. */
async function retried(db, command) {
  await db.collection('c').insertMany([{ _id: 1 }, { _id: 2 }]);
  const numbered = { ...command, lsid: { id: new UUID() }, txnNumber: Long.fromNumber(1) };
  const answers = [await db.command(numbered), await db.command(numbered)];
  for (const { writeErrors } of answers) expect(writeErrors?.[0]?.code, undefined, 'error code of an answer');
  const n = (
    await db
      .collection('c')
      .find({ n: { $gt: 1 } })
      .toArray()
  ).map((doc) => doc._id);
  expect(n.join(), '', 'documents changed twice');
}

const increment = (_id) => ({ q: { _id }, u: { $inc: { n: 1 } } });

export const transactionChecks = [
  ['transaction-rolls-back', rollsBack],
  ['transaction-isolates', isolates],
  ['transaction-conflicts', conflicts],
  ['transaction-never-half', neverHalf],
  ['retryable-update', (db) => retried(db, { update: 'c', updates: [increment(1)] })],
  ['retryable-batch', (db) => retried(db, { update: 'c', updates: [increment(1), increment(2)] })],
];
