// What a MongoDB must compute. Each check gets a database of its own and throws where the answer is wrong.
import { expect } from './probe-expect.mjs';

const doses = [
  { _id: 1, patient: 'a', cvx: '03', year: 2024 },
  { _id: 2, patient: 'a', cvx: '08', year: 2025 },
  { _id: 3, patient: 'b', cvx: '03', year: 2025 },
  { _id: 4, patient: 'c', cvx: '03', year: 2026 },
];

/** A check that the pipeline over `doses` answers `expected`, as JSON. */
const answers = (pipeline, expected) => async (db) => {
  await db.collection('doses').insertMany(doses);
  await db.collection('people').insertMany([
    { _id: 'a', county: 'x' },
    { _id: 'b', county: 'x' },
    { _id: 'c', county: 'y' },
  ]);
  const found = JSON.stringify(await db.collection('doses').aggregate(pipeline).toArray());
  expect(found, JSON.stringify(expected), 'answer');
};

const withOwn = { from: 'people', localField: 'patient', foreignField: '_id', as: 'p' };
const withPipeline = {
  from: 'people',
  let: { who: '$patient' },
  pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$who'] } } }, { $project: { county: 1, _id: 0 } }],
  as: 'p',
};

async function merge(db) {
  await db.collection('doses').insertMany(doses);
  const pipeline = [
    { $group: { _id: '$cvx', n: { $sum: 1 } } },
    { $merge: { into: 'sums', whenMatched: 'replace' } },
  ];
  await db.collection('doses').aggregate(pipeline).toArray();
  expect((await db.collection('sums').findOne({ _id: '03' }))?.n, 3, 'merged sum');
}

async function distinct(db) {
  await db.collection('doses').insertMany(doses);
  expect((await db.collection('doses').distinct('cvx', { patient: 'a' })).sort().join(), '03,08', 'distinct');
}

export const aggregationChecks = [
  [
    'aggregate-group',
    answers(
      [
        { $match: { year: { $gte: 2025 } } },
        {
          $group: {
            _id: { cvx: '$cvx' },
            n: { $sum: 1 },
            who: { $addToSet: '$patient' },
            last: { $max: '$year' },
          },
        },
        { $project: { n: 1, last: 1, people: { $size: '$who' } } },
        { $sort: { '_id.cvx': 1 } },
      ],
      [
        { _id: { cvx: '03' }, n: 2, last: 2026, people: 2 },
        { _id: { cvx: '08' }, n: 1, last: 2025, people: 1 },
      ],
    ),
  ],
  [
    'aggregate-lookup',
    answers(
      [{ $lookup: withOwn }, { $unwind: '$p' }, { $match: { 'p.county': 'y' } }, { $project: { cvx: 1 } }],
      [{ _id: 4, cvx: '03' }],
    ),
  ],
  [
    'aggregate-lookup-pipeline',
    answers(
      [{ $match: { _id: 4 } }, { $lookup: withPipeline }, { $project: { p: 1 } }],
      [{ _id: 4, p: [{ county: 'y' }] }],
    ),
  ],
  [
    'aggregate-unionWith',
    answers(
      [
        { $match: { _id: 1 } },
        { $project: { _id: 1 } },
        { $unionWith: { coll: 'people', pipeline: [{ $match: { county: 'y' } }, { $project: { _id: 1 } }] } },
      ],
      [{ _id: 1 }, { _id: 'c' }],
    ),
  ],
  [
    'aggregate-facet',
    answers(
      [
        {
          $facet: {
            count: [{ $count: 'n' }],
            first: [{ $sort: { _id: 1 } }, { $limit: 1 }, { $project: { _id: 1 } }],
          },
        },
      ],
      [{ count: [{ n: 4 }], first: [{ _id: 1 }] }],
    ),
  ],
  [
    'aggregate-sortByCount',
    answers(
      [{ $sortByCount: '$cvx' }],
      [
        { _id: '03', count: 3 },
        { _id: '08', count: 1 },
      ],
    ),
  ],
  [
    'aggregate-arrays',
    answers(
      [
        { $match: { _id: 1 } },
        {
          $project: {
            x: { $map: { input: [1, 2, 3], in: { $multiply: ['$$this', 2] } } },
            y: { $filter: { input: [1, 2], cond: { $gt: ['$$this', 1] } } },
          },
        },
      ],
      [{ _id: 1, x: [2, 4, 6], y: [2] }],
    ),
  ],
  [
    'aggregate-replaceRoot-cond',
    answers(
      [
        { $match: { _id: 2 } },
        { $replaceRoot: { newRoot: { k: { $cond: [{ $eq: ['$cvx', '08'] }, 'hepB', 'other'] } } } },
      ],
      [{ k: 'hepB' }],
    ),
  ],
  [
    'aggregate-window',
    answers(
      [
        {
          $setWindowFields: {
            partitionBy: '$patient',
            sortBy: { year: 1 },
            output: { nth: { $documentNumber: {} } },
          },
        },
        { $match: { nth: 2 } },
        { $project: { nth: 1 } },
      ],
      [{ _id: 2, nth: 2 }],
    ),
  ],
  ['aggregate-merge', merge],
  ['distinct', distinct],
];
