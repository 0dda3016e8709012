// Whether a MongoDB tells how it finds: without that no test can show that a search walks no collection.
import { expect } from './probe-expect.mjs';

/** The stages of a plan from the root down, as `explain` names them. */
function stagesOf(explained) {
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

export const planChecks = [
  ['explain-plan', explainStages],
  ['explain-multikey', explainMultikey],
  ['explain-sort-by-index', explainNoSort],
];
