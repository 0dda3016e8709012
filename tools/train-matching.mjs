// Trains the points of the matching model on labelled pairs. The same pairs give the same model. Needs a built dist/.
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compareRecords } from '../dist/registry/matching/compare-records.js';
import { compareLevels, matchFields } from '../dist/registry/matching/match-fields.js';
import { toMatchRecord } from '../dist/registry/matching/to-match-record.js';
import { readPairs } from './matching-pairs.mjs';
import { fitOrdinal } from './ordinal-regression.mjs';

const help = `Usage: node tools/train-matching.mjs --pairs FILE [--score SET] [--out FILE] [--errors]

Prints what the model decides on each set, by 5-fold cross-validation with folds by the first patient of a pair.

  --pairs FILE   { "pairs": [{ "id", "set", "expect", "a", "b" }] }
  --score SET    the set whose labels count most (default AIRA-C)
  --out FILE     where the model trained on all pairs is written
  --errors       lists the pairs that are decided otherwise than labelled
`;

/** Odds e times as high are so many points: whole points then say enough. */
const pointsPerLogit = 10;
const folds = 5;
const settings = { penalty: 3, otherSets: 0.05 };

/**
 * In logits: what the weight of a level is drawn to, and is where the pairs hold it too rarely to say. So a number that
 * only one person has counts though the pairs, whose people are alike in everything or in nothing, hardly need it.
 */
const priors = {
  'given=nickname': 1,
  'given=swapped': 0.5,
  'given=initial': 0,
  'given=close': -1,
  'family=part': 0.5,
  'family=kin': 0,
  'family=swapped': 0.5,
  'suffix=same': 0.5,
  'suffix=different': -3,
  'birthDate=same-default': 0.2,
  'birthDate=partial': 0.2,
  'birthDate=swapped': 0,
  'birthDate=different': -2,
  'birthDate=generation': -5,
  'sex=different': -1.5,
  'birthOrder=same-order': 0.5,
  'birthOrder=other-order': -2.5,
  'birthOrder=both-multiple': 0,
  'birthOrder=multiple-single': -1,
  'address=street': 0.5,
  'address=town': 0.3,
  'pattern=renamed': 1,
  'phone=same': 1,
  'email=same': 1,
  'ssn=same': 2,
  'ssn=slip': 1,
  'ssn=different': -0.7,
  'medicaid=same': 1.5,
  'medicaid=slip': 0.7,
  'medicaid=different': -0.5,
  'recordNumber=same-owner': 4,
  'recordNumber=same': 1.5,
  'recordNumber=same-short': 0.3,
  'mother=same': 0.5,
  'guardianGiven=same': 0.7,
};

/** What agrees may not count against, and what differs not for, two records being of one person. */
const signs = {
  same: 1,
  'same-default': 1,
  'same-owner': 1,
  'same-order': 1,
  different: -1,
  'other-order': -1,
  'multiple-single': -1,
};
const patterns = new Set(['pattern', 'support', 'household', 'differences']);

const outcomes = ['none', 'possible', 'match'];

function main() {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string' },
      score: { type: 'string', default: 'AIRA-C' },
      out: { type: 'string' },
      errors: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help || values.pairs === undefined) return process.stdout.write(help);
  if (!existsSync(values.pairs)) {
    process.exitCode = 1;
    return process.stderr.write(`--pairs ${values.pairs}: there is no such file\n`);
  }
  const pairs = readPairs(values.pairs).map(toRecords);
  const judged = crossValidate(pairs, values.score);
  const report = Object.fromEntries([...groupBySet(judged)].map(([set, of]) => [set, figuresOf(of)]));
  print(report);
  if (values.errors) listErrors(judged);
  if (values.out === undefined) return;
  const model = train(pairs, values.score);
  writeFileSync(
    values.out,
    `${JSON.stringify({ ...model, training: { folds, crossValidated: report } }, null, 2)}\n`,
  );
}

function toRecords({ a, b, ...pair }) {
  const [one, other] = [toMatchRecord(a), toMatchRecord(b)];
  return { ...pair, a: one, b: other, levels: compareLevels(one, other), patients: [a, b] };
}

/** Pairs of one first patient lie in one fold. */
function foldOf({ key }) {
  return createHash('sha256').update(key).digest().readUInt32BE(0) % folds;
}

function crossValidate(pairs, score) {
  const judged = [];
  for (let fold = 0; fold < folds; fold++) {
    const model = train(
      pairs.filter((pair) => foldOf(pair) !== fold),
      score,
    );
    for (const pair of pairs) {
      if (foldOf(pair) !== fold) continue;
      const comparison = compareRecords(model, pair.a, pair.b);
      judged.push({ ...pair, comparison, decided: outcomes.indexOf(comparison.outcome) });
    }
  }
  return judged;
}

function train(pairs, score) {
  const points = Object.fromEntries(matchFields.map((field) => [field, {}]));
  const { features, weights, thresholds } = fitSigned(pairs, score);
  for (const [name, weight] of Object.entries(priors)) setPoints(points, name, weight);
  for (const [name, at] of features) setPoints(points, name, weights[at]);
  const [possible, match] = thresholds.map(toPoints);
  return { name: 'jenner-1', pointsPerLogit, thresholds: { possible, match }, points };
}

const toPoints = (logits) => Math.round(logits * pointsPerLogit);

function setPoints(points, name, weight) {
  const [field, level] = name.split('=');
  points[field][level] = toPoints(weight);
}

/** Fits again without the levels whose sign is wrong, until there are none. */
function fitSigned(pairs, score) {
  const without = new Set();
  for (;;) {
    const fitted = fitPoints(pairs, score, without);
    const wrong = [...fitted.features].filter(([name, at]) => hasWrongSign(name, fitted.weights[at]));
    if (wrong.length === 0) return fitted;
    for (const [name] of wrong) without.add(name);
  }
}

function hasWrongSign(name, weight) {
  const [field, level] = name.split('=');
  return !patterns.has(field) && weight * (signs[level] ?? 0) < 0;
}

function fitPoints(pairs, score, without) {
  const features = new Map();
  const rows = pairs.map(({ levels, expect, set }) => {
    const names = matchFields
      .filter((field) => levels[field] !== 'missing')
      .map((field) => `${field}=${levels[field]}`);
    const kept = names.filter((name) => !without.has(name));
    for (const name of kept) if (!features.has(name)) features.set(name, features.size);
    return {
      on: kept.map((name) => features.get(name)),
      expect,
      weight: set === score ? 1 : settings.otherSets,
    };
  });
  const fitted = fitOrdinal(rows, features.size, {
    penalty: settings.penalty,
    priors: [...features.keys()].map((name) => priors[name] ?? 0),
  });
  return { features, ...fitted };
}

function groupBySet(judged) {
  const sets = new Map();
  for (const each of judged) sets.set(each.set, [...(sets.get(each.set) ?? []), each]);
  return sets;
}

/** Rows are what was labelled, columns what was decided: not, possible, match. */
function figuresOf(judged) {
  const table = [0, 1, 2].map(() => [0, 0, 0]);
  for (const { expect, decided } of judged) table[expect][decided]++;
  const right = table[0][0] + table[1][1] + table[2][2];
  return {
    pairs: judged.length,
    threeClass: round4(right / judged.length),
    falseMerges: table[0][2],
    matchesCalledNot: table[2][0],
    possibleFound: round4(table[1][1] / sum(table[1])),
    matchesFound: round4(table[2][2] / sum(table[2])),
    table,
  };
}

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
const round4 = (number) => Math.round(number * 1e4) / 1e4;

function print(report) {
  for (const [set, figures] of Object.entries(report))
    process.stdout.write(`${set}: ${JSON.stringify(figures)}\n`);
}

function listErrors(judged) {
  for (const { id, test, expect, decided, comparison } of judged) {
    if (expect === decided) continue;
    const told = comparison.fields
      .filter(({ level }) => level !== 'missing')
      .map(({ field, level, points }) => `${field}=${level}(${points})`);
    process.stdout.write(
      `${outcomes[expect]}->${outcomes[decided]} ${test ?? id} ${comparison.points} ${comparison.rule ?? ''} ${told.join(' ')}\n`,
    );
  }
}

main();
