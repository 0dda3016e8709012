// What a MongoDB must do with one document at a time, which the store stands on.
import { expect, refuses, winners } from './probe-expect.mjs';

const isDuplicate = (error) => error.code === 11000;

async function uniqueIndex(db) {
  const c = db.collection('c');
  await c.createIndex({ key: 1 }, { unique: true });
  await c.insertOne({ key: 'a' });
  await refuses(() => c.insertOne({ key: 'a' }), isDuplicate);
}

async function uniqueUnderRace(db) {
  const c = db.collection('c');
  await c.createIndex({ key: 1 }, { unique: true });
  const won = await winners(24, (n) => c.insertOne({ _id: `r${n}`, key: 'same' }), isDuplicate);
  expect(won, 1, 'inserts that won');
  expect(await c.countDocuments({ key: 'same' }), 1, 'documents stored');
}

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
const ids = (docs) => docs.map((doc) => doc._id).join();

async function finds(db, docs, questions) {
  const c = db.collection('c');
  await c.insertMany(docs);
  for (const [filter, expected] of questions) {
    const found = ids(await c.find(filter).sort({ _id: 1 }).toArray());
    expect(found, expected, JSON.stringify(filter));
  }
}

const elements = (db) =>
  finds(
    db,
    [
      {
        _id: 'same',
        e: [
          { p: 'a', lo: 1, hi: 3 },
          { p: 'b', lo: 8, hi: 9 },
        ],
      },
      {
        _id: 'split',
        e: [
          { p: 'a', lo: 5, hi: 9 },
          { p: 'b', lo: 1, hi: 3 },
        ],
      },
      { _id: 'none', e: [] },
      { _id: 'gone' },
    ],
    [
      [{ e: { $elemMatch: { p: 'a', lo: { $gte: 1 }, hi: { $lte: 3 } } } }, 'same'],
      [{ 'e.p': 'a', 'e.hi': { $lte: 3 } }, 'same,split'],
      [{ e: { $not: { $elemMatch: { p: 'a', hi: { $lte: 3 } } } } }, 'gone,none,split'],
      [{ $nor: [{ e: { $elemMatch: { p: 'a', lo: 5 } } }] }, 'gone,none,same'],
      [{ $and: [{ e: { $elemMatch: { p: 'a' } } }, { e: { $elemMatch: { p: 'b', hi: 9 } } }] }, 'same'],
      [{ $or: [{ e: { $elemMatch: { lo: 5 } } }, { e: { $size: 0 } }] }, 'none,split'],
      [{ e: { $elemMatch: { p: 'a', lo: { $in: [5, 6] } } } }, 'split'],
      [{ e: { $exists: false } }, 'gone'],
      [{ e: { $elemMatch: { $or: [{ p: 'a', lo: 1 }, { p: 'z' }] } } }, 'same'],
    ],
  );

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

async function concerns(db) {
  const c = db.collection('c', {
    writeConcern: { w: 'majority', j: true, wtimeoutMS: 5000 },
    readConcern: { level: 'majority' },
  });
  await c.insertOne({ _id: 1 });
  expect((await c.findOne({ _id: 1 }))._id, 1, 'document read back');
}

export const writeChecks = [
  ['unique-index', uniqueIndex],
  ['unique-under-race', uniqueUnderRace],
  ['compare-and-swap-updateOne', (db) => compareAndSwap(db, swapByUpdate)],
  ['compare-and-swap-replaceOne', (db) => compareAndSwap(db, swapByReplace)],
  ['elem-match', elements],
  ['update-pipeline', updatePipeline],
  ['document-15-mb', largeDocument],
  ['document-over-16-mb-refused', tooLargeDocument],
  ['concern-majority', concerns],
];
