// What the deployment promises: concerns, sessions, transactions, streams. Each check gets a database of its own.
import { Long, UUID } from 'mongodb';
import { expect, refuses } from './probe-expect.mjs';

async function concerns(db) {
  const c = db.collection('c', {
    writeConcern: { w: 'majority', j: true, wtimeoutMS: 5000 },
    readConcern: { level: 'majority' },
  });
  await c.insertOne({ _id: 1 });
  expect((await c.findOne({ _id: 1 }))._id, 1, 'document read back');
}

async function linearizable(db) {
  const c = db.collection('c', { writeConcern: { w: 'majority' }, readConcern: { level: 'linearizable' } });
  await c.insertOne({ _id: 1 });
  expect((await c.findOne({ _id: 1 }))._id, 1, 'document read back');
}

async function inSession(client, act) {
  const session = client.startSession();
  try {
    return await act(session);
  } finally {
    await session.endSession();
  }
}

const commits = (db, client) =>
  inSession(client, async (session) => {
    const c = db.collection('c');
    await c.insertOne({ _id: 'before' });
    await session.withTransaction(async () => {
      await c.insertOne({ _id: 1 }, { session });
      await db.collection('d').insertOne({ _id: 2 }, { session });
    });
    expect((await c.countDocuments()) + (await db.collection('d').countDocuments()), 3, 'documents stored');
  });

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

/** An error in a transaction ends it: what came before it in the transaction is undone. */
const endsOnError = (db, client) =>
  inSession(client, async (session) => {
    const c = db.collection('c');
    await c.insertOne({ _id: 'there' });
    session.startTransaction();
    await c.insertOne({ _id: 'new' }, { session });
    await refuses(
      () => c.insertOne({ _id: 'there' }, { session }),
      (error) => error.code === 11000,
    );
    await refuses(
      () => session.commitTransaction(),
      (error) => error.code === 251,
    );
    expect(await c.countDocuments(), 1, 'documents stored');
  });

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

async function changeStream(db) {
  const c = db.collection('c');
  await c.insertOne({ _id: 0 });
  const stream = c.watch([], { maxAwaitTimeMS: 500 });
  try {
    const next = stream.next();
    next.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await c.insertOne({ _id: 1 });
    const late = new Promise((_, reject) =>
      setTimeout(() => reject(new Error('no change within 5 s')), 5000),
    );
    expect((await Promise.race([next, late])).documentKey._id, 1, 'changed document');
  } finally {
    await stream.close();
  }
}

async function isReplicaSet(db) {
  const hello = await db.admin().command({ hello: 1 });
  expect(typeof (hello.setName ?? hello.msg), 'string', 'type of setName, or of msg of a mongos');
}

async function schemaValidation(db) {
  const c = await db.createCollection('c', { validator: { $jsonSchema: { required: ['type'] } } });
  await refuses(
    () => c.insertOne({ a: 1 }),
    (error) => error.code === 121,
  );
}

async function sizes(db) {
  await db.collection('c').insertMany(Array.from({ length: 200 }, () => ({ text: 'x'.repeat(1000) })));
  const stats = await db.command({ collStats: 'c' });
  expect(stats.count, 200, 'count');
  expect(
    stats.size > 100_000 && stats.storageSize > 0 && stats.totalIndexSize > 0,
    true,
    `size ${stats.size}, storage ${stats.storageSize}, indexes ${stats.totalIndexSize}`,
  );
}

async function timeLimit(db) {
  const c = db.collection('c');
  await c.insertMany(Array.from({ length: 3000 }, (_, n) => ({ a: n })));
  const slow = [
    { $lookup: { from: 'c', pipeline: [{ $match: { $expr: { $gt: ['$a', -1] } } }], as: 'all' } },
    { $unwind: '$all' },
    { $group: { _id: null, n: { $sum: 1 } } },
  ];
  await refuses(
    () => c.aggregate(slow, { maxTimeMS: 50 }).toArray(),
    (error) => error.code === 50,
  );
}

export const serverChecks = [
  ['concern-majority', concerns],
  ['concern-linearizable', linearizable],
  ['transaction-commits', commits],
  ['transaction-rolls-back', rollsBack],
  ['transaction-isolates', isolates],
  ['transaction-conflicts', conflicts],
  ['transaction-ends-on-error', endsOnError],
  ['transaction-never-half', neverHalf],
  ['retryable-update', (db) => retried(db, { update: 'c', updates: [increment(1)] })],
  [
    'retryable-find-and-modify',
    (db) => retried(db, { findAndModify: 'c', query: { _id: 1 }, update: { $inc: { n: 1 } } }),
  ],
  ['retryable-insert', (db) => retried(db, { insert: 'c', documents: [{ _id: 3 }] })],
  ['retryable-batch', (db) => retried(db, { update: 'c', updates: [increment(1), increment(2)] })],
  ['change-stream', changeStream],
  ['replica-set-or-mongos', isReplicaSet],
  ['schema-validation', schemaValidation],
  ['collection-sizes', sizes],
  ['time-limit', timeLimit],
];
