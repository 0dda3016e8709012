// What a MongoDB must answer. Each check gets a database of its own and throws where the answer is wrong.
import { expect } from './probe-expect.mjs';

const ids = (docs) => docs.map((doc) => doc._id).join();

async function finds(db, docs, questions) {
  const c = db.collection('c');
  await c.insertMany(docs);
  for (const [filter, expected] of questions) {
    const found = ids(await c.find(filter).sort({ _id: 1 }).toArray());
    expect(found, expected, JSON.stringify(filter));
  }
}

const withIndexes = (check, indexes) => async (db) => {
  for (const keys of indexes) await db.collection('c').createIndex(keys);
  await check(db);
};

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

const ranges = (db) =>
  finds(
    db,
    [
      { _id: 'a', n: [1, 9] },
      { _id: 'b', n: [4] },
      { _id: 'c', n: 5 },
      { _id: 'd', n: [] },
      { _id: 'e' },
      { _id: 'f', n: null },
    ],
    [
      [{ n: { $gt: 3, $lt: 6 } }, 'a,b,c'],
      [{ n: { $elemMatch: { $gt: 3, $lt: 6 } } }, 'b'],
      [{ n: { $gte: 9 } }, 'a'],
      [{ n: null }, 'e,f'],
      [{ n: { $ne: 4 } }, 'a,c,d,e,f'],
      [{ n: { $nin: [4, 5] } }, 'a,d,e,f'],
      [{ n: { $in: [1, 5, 77] } }, 'a,c'],
      [{ n: { $all: [1, 9] } }, 'a'],
      [{ n: { $type: 'array' } }, 'a,b,d'],
    ],
  );

const text = (db) =>
  finds(
    db,
    [
      { _id: 'A', t: 'Smith' },
      { _id: 'b', t: 'smith' },
      { _id: 'c', t: ['SMITHERS', 'x'] },
      { _id: 'é', t: 'śmith' },
      { _id: 'z', t: 'a.mith' },
    ],
    [
      [{ t: /^smith/ }, 'b'],
      [{ t: /^smith/i }, 'A,b,c'],
      [{ t: 'Smith' }, 'A'],
      [{ t: { $gte: 'smith', $lt: 'smiti' } }, 'b,c'],
      [{ t: { $regex: '^a\\.m' } }, 'z'],
      [{ t: /mith$/ }, 'A,b,z,é'],
    ],
  );

async function keyset(db) {
  const c = db.collection('c');
  await c.createIndex({ a: 1, b: -1, _id: 1 });
  const docs = Array.from({ length: 300 }, (_, n) => ({
    _id: `d${String((n * 7919) % 300).padStart(3, '0')}`,
    a: n % 7,
    b: (n * 31) % 11,
  }));
  await c.insertMany(docs);
  const sorted = [...docs].sort((x, y) => x.a - y.a || y.b - x.b || (x._id < y._id ? -1 : 1));
  const seen = [];
  for (let last; seen.length < 300; last = seen.at(-1)) {
    const after = last && {
      $or: [
        { a: { $gt: last.a } },
        { a: last.a, b: { $lt: last.b } },
        { a: last.a, b: last.b, _id: { $gt: last._id } },
      ],
    };
    const page = await c
      .find(after ?? {})
      .sort({ a: 1, b: -1, _id: 1 })
      .limit(37)
      .toArray();
    if (page.length === 0) break;
    seen.push(...page);
  }
  expect(ids(seen), ids(sorted), 'pages put together');
}

async function sortOrder(db) {
  const c = db.collection('c');
  await c.insertMany([
    { _id: 1, k: 'b' },
    { _id: 2, k: 'B' },
    { _id: 3 },
    { _id: 4, k: null },
    { _id: 5, k: 2 },
    { _id: 6, k: 'á' },
    { _id: 7, k: ['c', 'A'] },
  ]);
  expect(ids(await c.find().sort({ k: 1, _id: 1 }).toArray()), '3,4,5,7,2,1,6', 'ascending');
  expect(ids(await c.find().sort({ k: -1, _id: 1 }).toArray()), '6,7,1,2,5,3,4', 'descending');
}

async function sortById(db) {
  const c = db.collection('c');
  await c.insertMany(['b', 'a/1', 'B', 'a-1', 'é', '10', '9'].map((_id) => ({ _id })));
  expect(ids(await c.find().sort({ _id: 1 }).toArray()), '10,9,B,a-1,a/1,b,é', 'ascending');
  expect(
    ids(
      await c
        .find({ _id: { $gt: 'B' } })
        .sort({ _id: -1 })
        .limit(2)
        .toArray(),
    ),
    'é,b',
    'descending',
  );
}

async function collation(db) {
  const c = db.collection('c');
  await c.insertMany([
    { _id: 1, t: 'cote' },
    { _id: 2, t: 'Côte' },
    { _id: 3, t: 'COTE' },
    { _id: 4, t: 'coter' },
  ]);
  const asked = { locale: 'en', strength: 1 };
  expect(ids(await c.find({ t: 'cote' }).collation(asked).sort({ _id: 1 }).toArray()), '1,2,3', 'strength 1');
}

async function projection(db) {
  const c = db.collection('c');
  await c.insertOne({ _id: 1, a: { b: 1, c: 2 }, list: [{ k: 1 }, { k: 2 }, { k: 3 }], z: 9 });
  const shown = async (fields, filter = {}) =>
    JSON.stringify(await c.findOne(filter, { projection: fields }));
  expect(await shown({ 'a.b': 1, _id: 0 }), '{"a":{"b":1}}', 'nested');
  expect(await shown({ a: 0, list: 0 }), '{"_id":1,"z":9}', 'excluded');
  expect(await shown({ list: { $slice: 1 }, a: 0, z: 0 }), '{"_id":1,"list":[{"k":1}]}', '$slice');
  expect(await shown({ list: { $elemMatch: { k: 2 } } }), '{"_id":1,"list":[{"k":2}]}', '$elemMatch');
  expect(await shown({ _id: 0, sum: { $add: ['$a.b', '$z'] } }), '{"sum":10}', 'computed');
}

async function cursors(db) {
  const c = db.collection('c');
  await c.insertMany(Array.from({ length: 2500 }, (_, n) => ({ _id: n, pad: 'x'.repeat(100) })));
  let seen = 0;
  for await (const doc of c.find().sort({ _id: 1 }).batchSize(100)) expect(doc._id, seen++, 'order');
  expect(seen, 2500, 'documents seen');
  const early = c.find().batchSize(10);
  await early.next();
  await early.close();
  expect(await c.countDocuments({}, { skip: 10, limit: 50 }), 50, 'count with skip and limit');
}

async function writesDuringCursor(db) {
  const c = db.collection('c');
  await c.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: n })));
  const seen = [];
  for await (const doc of c.find({}).sort({ _id: 1 }).batchSize(50)) {
    if (seen.length === 60) await c.deleteMany({ _id: { $lt: 20 } });
    seen.push(doc._id);
  }
  expect(seen.length, 500, 'documents seen while others were deleted');
}

async function manyIn(db) {
  const c = db.collection('c');
  await c.insertMany(Array.from({ length: 3000 }, (_, n) => ({ _id: `id${n}` })));
  const wanted = Array.from({ length: 2000 }, (_, n) => `id${n}`);
  expect(await c.countDocuments({ _id: { $in: wanted } }), 2000, 'documents found by $in of 2000');
}

export const queryChecks = [
  ['elem-match', elements],
  ['elem-match-indexed', withIndexes(elements, [{ 'e.p': 1, 'e.lo': 1, 'e.hi': 1 }])],
  ['ranges-on-arrays', ranges],
  ['ranges-on-arrays-indexed', withIndexes(ranges, [{ n: 1 }])],
  ['text-case', text],
  ['text-case-indexed', withIndexes(text, [{ t: 1 }])],
  ['keyset-paging', keyset],
  ['sort-order', sortOrder],
  ['sort-order-indexed', withIndexes(sortOrder, [{ k: 1, _id: 1 }])],
  ['sort-by-id', sortById],
  ['collation', collation],
  ['projection', projection],
  ['cursor-getMore', cursors],
  ['cursor-while-written', writesDuringCursor],
  ['in-with-2000-values', manyIn],
];
