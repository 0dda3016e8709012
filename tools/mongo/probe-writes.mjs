// What a MongoDB must do with writes. Each check gets a database of its own and throws where the answer is wrong.
import { Decimal128, Long } from 'mongodb';
import { expect, refuses } from './probe-expect.mjs';

async function compareAndSwap(db, swap) {
  const c = db.collection('c');
  for (let version = 1; version <= 5; version++) {
    if (version === 1) await c.insertOne({ _id: 'p', version });
    const tries = await Promise.all(Array.from({ length: 16 }, (_, n) => swap(c, version, n)));
    expect(tries.filter(Boolean).length, 1, `swaps from version ${version} that won`);
  }
  expect((await c.findOne({ _id: 'p' })).version, 6, 'version at the end');
}

const swapByUpdate = async (c, version, n) =>
  (await c.updateOne({ _id: 'p', version }, { $set: { version: version + 1, by: n } })).modifiedCount === 1;
const swapByReplace = async (c, version, n) =>
  (await c.replaceOne({ _id: 'p', version }, { version: version + 1, by: n })).modifiedCount === 1;
const swapByFind = async (c, version, n) =>
  (await c.findOneAndUpdate(
    { _id: 'p', version },
    { $set: { version: version + 1, by: n } },
    { returnDocument: 'after' },
  )) !== null;

async function counterUnderRace(db) {
  const c = db.collection('c');
  await c.insertOne({ _id: 'n', value: 0 });
  const next = async () =>
    (await c.findOneAndUpdate({ _id: 'n' }, { $inc: { value: 1 } }, { returnDocument: 'after' })).value;
  const values = await Promise.all(Array.from({ length: 50 }, next));
  expect(new Set(values).size, 50, 'different values');
}

async function bulkOrdered(db) {
  const c = db.collection('c');
  const ops = [1, 2, 2, 3].map((_id) => ({ insertOne: { document: { _id } } }));
  const error = await refuses(
    () => c.bulkWrite(ops, { ordered: true }),
    (e) => e.code === 11000,
  );
  expect(error.writeErrors?.[0]?.index, 2, 'index of the error');
  expect(await c.countDocuments(), 2, 'documents stored');
}

async function bulkUnordered(db) {
  const c = db.collection('c');
  const ops = [1, 2, 2, 3].map((_id) => ({ insertOne: { document: { _id } } }));
  await refuses(
    () => c.bulkWrite(ops, { ordered: false }),
    (e) => e.code === 11000,
  );
  expect(await c.countDocuments(), 3, 'documents stored');
}

async function bulkMixed(db) {
  const c = db.collection('c');
  await c.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
  const done = await c.bulkWrite([
    { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
    { replaceOne: { filter: { _id: 9 }, replacement: { a: 9 }, upsert: true } },
    { deleteOne: { filter: { _id: 2 } } },
    { updateMany: { filter: {}, update: { $set: { seen: true } } } },
  ]);
  expect(done.upsertedCount, 1, 'upserted');
  expect(done.deletedCount, 1, 'deleted');
  expect(await c.countDocuments({ seen: true }), 3, 'documents seen');
}

async function updateOperators(db) {
  const c = db.collection('c');
  await c.insertOne({
    _id: 1,
    list: [
      { k: 'a', n: 1 },
      { k: 'b', n: 2 },
    ],
    tags: ['x'],
  });
  await c.updateOne({ _id: 1 }, { $set: { 'list.$[e].n': 9 } }, { arrayFilters: [{ 'e.k': 'b' }] });
  await c.updateOne({ _id: 1, 'list.k': 'a' }, { $inc: { 'list.$.n': 1 } });
  await c.updateOne(
    { _id: 1 },
    { $addToSet: { tags: { $each: ['x', 'y'] } }, $pull: { list: { k: 'none' } }, $unset: { z: '' } },
  );
  const doc = await c.findOne({ _id: 1 });
  expect(
    JSON.stringify(doc),
    '{"_id":1,"list":[{"k":"a","n":2},{"k":"b","n":9}],"tags":["x","y"]}',
    'document',
  );
}

async function updatePipeline(db) {
  const c = db.collection('c');
  await c.insertOne({ _id: 1, stock: 5 });
  await c.updateOne({ _id: 1 }, [
    { $set: { stock: { $subtract: ['$stock', 2] }, low: { $lt: ['$stock', 4] } } },
  ]);
  expect((await c.findOne({ _id: 1 })).stock, 3, 'stock');
}

async function largeDocument(db) {
  const c = db.collection('c');
  const text = 'é'.repeat(15 * 512 * 1024);
  await c.insertOne({ _id: 'big', text });
  const found = await c.findOne({ _id: 'big' });
  expect(found.text === text, true, 'text of 15 MB comes back the same');
}

async function tooLargeDocument(db) {
  const error = await refuses(() => db.collection('c').insertOne({ text: 'x'.repeat(16 * 1024 * 1024) }));
  return error.message.slice(0, 80);
}

async function largeDocumentIndexed(db) {
  const c = db.collection('c');
  await c.createIndex({ 'list.v': 1 });
  await c.insertOne({
    _id: 1,
    list: Array.from({ length: 3000 }, (_, n) => ({ v: `v${n}` })),
    long: 'y'.repeat(5000),
  });
  await c.createIndex({ long: 1 });
  expect(await c.countDocuments({ 'list.v': 'v2999' }), 1, 'found by the last of 3000 values');
  expect(await c.countDocuments({ long: 'y'.repeat(5000) }), 1, 'found by a text of 5000');
}

async function numbers(db) {
  const c = db.collection('c');
  const big = Long.fromString('9007199254740993');
  await c.insertMany([
    { _id: 'long', v: big },
    { _id: 'one', v: 1 },
    { _id: 'oneLong', v: Long.fromNumber(1) },
    { _id: 'double', v: 1.5 },
  ]);
  const long = await c.findOne({ _id: 'long' }, { promoteLongs: false });
  expect(long.v.toString(), '9007199254740993', 'long');
  expect(await c.countDocuments({ v: 1 }), 2, 'ones of any type');
  expect(await c.countDocuments({ v: { $gte: 1, $lt: 2 } }), 3, 'numbers from 1 below 2');
  await c.updateOne({ _id: 'long' }, { $inc: { v: Long.fromNumber(1) } });
  expect(
    (await c.findOne({ _id: 'long' }, { promoteLongs: false })).v.toString(),
    '9007199254740994',
    'long plus one',
  );
}

async function otherTypes(db) {
  const c = db.collection('c');
  const doc = {
    _id: 1,
    d: Decimal128.fromString('1.00'),
    at: new Date(1234567890123),
    bytes: Buffer.from([0, 255]),
    nothing: null,
  };
  await c.insertOne(doc);
  const found = await c.findOne({ _id: 1 });
  expect(found.d.toString(), '1.00', 'decimal');
  expect(found.at.getTime(), 1234567890123, 'date');
  expect(Buffer.from(found.bytes.buffer).toString('hex'), '00ff', 'bytes');
  expect(found.nothing, null, 'null');
}

async function strangeText(db) {
  const c = db.collection('c');
  const text = 'quote " back \\ nul-less \u0001 emoji 😀 combining e\u0301 $dollar.dot';
  await c.insertOne({ _id: text, text, 'a b-c': { 'x/y': 1 } });
  const found = await c.findOne({ _id: text });
  expect(found.text, text, 'text');
  expect(found['a b-c']['x/y'], 1, 'odd field names');
}

export const writeChecks = [
  ['compare-and-swap-updateOne', (db) => compareAndSwap(db, swapByUpdate)],
  ['compare-and-swap-replaceOne', (db) => compareAndSwap(db, swapByReplace)],
  ['compare-and-swap-findOneAndUpdate', (db) => compareAndSwap(db, swapByFind)],
  ['counter-under-race', counterUnderRace],
  ['bulk-ordered', bulkOrdered],
  ['bulk-unordered', bulkUnordered],
  ['bulk-mixed', bulkMixed],
  ['update-operators', updateOperators],
  ['update-pipeline', updatePipeline],
  ['document-15-mb', largeDocument],
  ['document-over-16-mb-refused', tooLargeDocument],
  ['many-and-long-index-values', largeDocumentIndexed],
  ['long-integers', numbers],
  ['decimal-date-binary', otherTypes],
  ['text-and-names-kept', strangeText],
];
