// What a MongoDB must do with indexes. Each check gets a database of its own and throws where the answer is wrong.
import { expect, refuses, winners } from './probe-expect.mjs';

const isDuplicate = (error) => error.code === 11000;

async function uniqueRefuses(db, { keys, options, first, second, allowed = [] }) {
  const c = db.collection('c');
  await c.createIndex(keys, { unique: true, ...options });
  await c.insertOne(first);
  for (const doc of allowed) await c.insertOne(doc);
  const error = await refuses(() => c.insertOne(second), isDuplicate);
  return `code ${error.code}, keyPattern ${JSON.stringify(error.keyPattern)}`;
}

async function uniqueUnderRace(db) {
  const c = db.collection('c');
  await c.createIndex({ key: 1 }, { unique: true });
  const won = await winners(24, (n) => c.insertOne({ _id: `r${n}`, key: 'same' }), isDuplicate);
  expect(won, 1, 'inserts that won');
  expect(await c.countDocuments({ key: 'same' }), 1, 'documents stored');
}

async function upsertUnderRace(db) {
  const c = db.collection('c');
  const upsert = (n) => c.updateOne({ _id: 'one' }, { $setOnInsert: { by: n } }, { upsert: true });
  await winners(24, upsert, isDuplicate);
  expect(await c.countDocuments(), 1, 'documents stored');
}

/** The stages of a plan from the root down, as `explain` names them. */
export function stagesOf(explained) {
  const plan = explained.queryPlanner ?? explained.stages?.[0]?.$cursor?.queryPlanner;
  const stages = [];
  const walk = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (typeof node.stage === 'string') stages.push(node.stage);
    for (const value of Object.values(node)) walk(value);
  };
  walk(plan?.winningPlan);
  return stages;
}

async function explainStages(db) {
  const c = db.collection('c');
  await c.createIndex({ a: 1, b: 1 });
  await c.insertMany(Array.from({ length: 5000 }, (_, n) => ({ a: n % 100, b: n, text: 'x'.repeat(200) })));
  const indexed = stagesOf(await c.find({ a: 7, b: { $gt: 50 } }).explain('queryPlanner'));
  const scanned = stagesOf(await c.find({ text: 'y' }).explain('queryPlanner'));
  const told = `indexed ${indexed.join('<')}, not indexed ${scanned.join('<')}`;
  expect(indexed.includes('IXSCAN') && !indexed.includes('COLLSCAN'), true, told);
  expect(scanned.includes('COLLSCAN'), true, told);
  return told;
}

async function explainMultikey(db) {
  const c = db.collection('c');
  await c.createIndex({ 'tokens.param': 1, 'tokens.code': 1 });
  const doc = (n) => ({
    tokens: [
      { param: 'p', code: `c${n}` },
      { param: 'q', code: `d${n}` },
    ],
    text: 'x'.repeat(200),
  });
  await c.insertMany(Array.from({ length: 5000 }, (_, n) => doc(n)));
  const filter = { tokens: { $elemMatch: { param: 'p', code: 'c7' } } };
  expect(await c.countDocuments(filter), 1, 'documents found');
  const stages = stagesOf(await c.find(filter).explain('queryPlanner'));
  expect(stages.includes('IXSCAN') && !stages.includes('COLLSCAN'), true, stages.join('<'));
  return stages.join('<');
}

async function explainNoSort(db) {
  const c = db.collection('c');
  await c.createIndex({ a: 1, b: 1 });
  await c.insertMany(Array.from({ length: 5000 }, (_, n) => ({ a: n % 10, b: n, text: 'x'.repeat(200) })));
  const stages = stagesOf(await c.find({ a: 7 }).sort({ b: 1 }).limit(10).explain('queryPlanner'));
  expect(stages.includes('IXSCAN') && !stages.includes('SORT'), true, stages.join('<'));
  return stages.join('<');
}

async function executionStats(db) {
  const c = db.collection('c');
  await c.createIndex({ a: 1 });
  await c.insertMany(Array.from({ length: 2000 }, (_, n) => ({ a: n })));
  const { executionStats: stats } = await c.find({ a: 7 }).explain('executionStats');
  expect(stats?.nReturned, 1, 'nReturned');
  expect(typeof stats.totalDocsExamined, 'number', 'type of totalDocsExamined');
  expect(stats.totalDocsExamined <= 1, true, `${stats.totalDocsExamined} documents examined`);
}

async function hint(db) {
  const c = db.collection('c');
  await c.insertMany([{ a: 1 }, { a: 2 }]);
  await c.createIndex({ a: 1 }, { name: 'byA' });
  expect((await c.find({ a: 1 }).hint('byA').toArray()).length, 1, 'documents found');
  await refuses(() => c.find({ a: 1 }).hint('absent').toArray());
}

async function indexManagement(db) {
  const c = db.collection('c');
  await c.createIndex({ a: 1, b: -1 }, { name: 'ab', unique: true });
  await c.createIndex({ a: 1, b: -1 }, { name: 'ab', unique: true });
  await refuses(
    () => c.createIndex({ z: 1 }, { name: 'ab' }),
    (error) => [85, 86].includes(error.code),
  );
  const listed = (await c.listIndexes().toArray()).find((index) => index.name === 'ab');
  expect(JSON.stringify(listed?.key), '{"a":1,"b":-1}', 'listed key');
  expect(listed.unique, true, 'listed unique');
  await c.dropIndex('ab');
  expect((await c.listIndexes().toArray()).length, 1, 'indexes left');
}

async function ttlListed(db) {
  const c = db.collection('c');
  await c.createIndex({ until: 1 }, { expireAfterSeconds: 0, name: 'ttl' });
  const listed = (await c.listIndexes().toArray()).find((index) => index.name === 'ttl');
  expect(listed?.expireAfterSeconds, 0, 'listed expireAfterSeconds');
}

async function ttlRemoves(db) {
  const c = db.collection('c');
  await c.createIndex({ until: 1 }, { expireAfterSeconds: 1 });
  await c.insertMany([{ _id: 'old', until: new Date(Date.now() - 60_000) }, { _id: 'none' }]);
  const started = Date.now();
  while (Date.now() - started < 130_000) {
    if ((await c.countDocuments({ _id: 'old' })) === 0) {
      expect(await c.countDocuments({ _id: 'none' }), 1, 'documents without a date left');
      return `after ${Math.round((Date.now() - started) / 1000)} s`;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error('still there after 130 s');
}

export const indexChecks = [
  [
    'unique-index',
    (db) => uniqueRefuses(db, { keys: { a: 1 }, first: { a: 1 }, second: { a: 1 }, allowed: [{ a: 2 }] }),
  ],
  [
    'unique-compound',
    (db) =>
      uniqueRefuses(db, {
        keys: { a: 1, b: 1 },
        first: { a: 1, b: 1 },
        second: { a: 1, b: 1 },
        allowed: [{ a: 1, b: 2 }],
      }),
  ],
  [
    'unique-sparse',
    (db) =>
      uniqueRefuses(db, {
        keys: { a: 1 },
        options: { sparse: true },
        first: { a: 1 },
        second: { a: 1 },
        allowed: [{}, {}],
      }),
  ],
  [
    'unique-partial',
    (db) =>
      uniqueRefuses(db, {
        keys: { a: 1 },
        options: { partialFilterExpression: { live: true } },
        first: { a: 1, live: true },
        second: { a: 1, live: true },
        allowed: [{ a: 1 }, { a: 1, live: false }],
      }),
  ],
  [
    'unique-multikey',
    (db) =>
      uniqueRefuses(db, {
        keys: { a: 1 },
        first: { a: ['x', 'y'] },
        second: { a: ['y', 'z'] },
        allowed: [{ a: ['v', 'w'] }],
      }),
  ],
  [
    'unique-long-keys',
    (db) =>
      uniqueRefuses(db, { keys: { a: 1 }, first: { a: 'x'.repeat(4000) }, second: { a: 'x'.repeat(4000) } }),
  ],
  ['unique-under-race', uniqueUnderRace],
  ['upsert-under-race', upsertUnderRace],
  ['explain-plan', explainStages],
  ['explain-multikey', explainMultikey],
  ['explain-sort-by-index', explainNoSort],
  ['explain-execution-stats', executionStats],
  ['hint', hint],
  ['index-management', indexManagement],
  ['ttl-index-listed', ttlListed],
  ['ttl-removes', ttlRemoves, { slow: true }],
];
