// npm run bench -- matching [PEOPLE] [--keys] [--store mongodb://HOST/DATABASE|sqlite:FILE]
// What matching costs and finds: one comparison, the look-up of an incoming Patient among PEOPLE made-up ones (20,000 when
// absent), what the keys add to a create, and the figures that the model was trained to. With --keys only how many share a
// key, without a store: a million people in minutes. A store that is named is filled where it is empty, and left; one that
// has people is taken to have these.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContext } from '../dist/interaction/context.js';
import { createResource } from '../dist/interaction/create-resource.js';
import { compareRecords } from '../dist/registry/matching/compare-records.js';
import { findCandidates, rankCandidates } from '../dist/registry/matching/find-candidates.js';
import { matchKeys } from '../dist/registry/matching/match-keys.js';
import { shippedModel } from '../dist/registry/matching/shipped-model.js';
import { toMatchRecord } from '../dist/registry/matching/to-match-record.js';
import { everything } from '../dist/search/filter.js';
import { buildIndexer } from '../dist/search/index-resource.js';
import { loadServerContext } from '../dist/shipped/server-context.js';
import { openMongoStore } from '../dist/store/mongo/mongo-store.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { asAnotherReports, changes, generatePeople, openRandom } from './matching-people.mjs';
import { fillPeople } from './matching-registry.mjs';

const limits = { comparisonMicroseconds: 20, candidatesP99: 100, foundShare: 0.999, createWithLookUp: 3 };
const baseUrl = 'http://127.0.0.1/fhir';
const incoming = 2000;

export async function run(args = []) {
  const people = Number(args[0] ?? 20_000);
  if (!Number.isSafeInteger(people) || people < 1000)
    throw new Error(`people: ${args[0]} is no number from 1000`);
  if (args.includes('--keys')) return print({ people, ...countSharing(people) });
  const { training } = JSON.parse(
    readFileSync(new URL('../dist/registry/matching/match-model.json', import.meta.url)),
  );
  const context = await loadServerContext({ baseUrl, profiles: [], declaredProfiles: 'ignore' });
  const at = args.indexOf('--store');
  const folder = mkdtempSync(join(tmpdir(), 'jenner-matching-'));
  const location = at === -1 ? `sqlite:${join(folder, 'people.sqlite')}` : String(args[at + 1]);
  const kind = location.startsWith('mongodb') ? 'mongodb' : 'sqlite';
  try {
    const store = await openAt(location, kind);
    const sample = await fill(store, context, { people, kind });
    const ctx = openContext(context, store, { kind: 'open' });
    const result = {
      people,
      store: kind,
      ...compareAll(sample),
      ...(await lookUpAll(ctx, sample)),
      ...(await createAll(store, context, sample)),
      limits,
      crossValidated: training.crossValidated,
    };
    await store.close();
    return print(result);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openAt(location, kind) {
  if (kind === 'mongodb') return openMongoStore({ url: location });
  return openSqliteStore({ path: location.slice('sqlite:'.length) });
}

function print(result) {
  for (const [name, value] of Object.entries(result))
    console.log(`${name.padEnd(24)} ${JSON.stringify(value)}`);
  return result;
}

/** How many share a key with each of those who come in: what `findCandidates` would fetch if it had no bound. */
function countSharing(people) {
  const { asked, byKey } = askForSome(people);
  const sizes = new Map();
  let index = 0;
  for (const person of generatePeople(people, 1)) {
    for (const key of matchKeys(toMatchRecord(person))) {
      const lists = byKey.get(key) ?? [];
      if (lists.length > 0) sizes.set(key, (sizes.get(key) ?? 0) + 1);
      for (const found of lists) found.add(index);
    }
    index++;
  }
  const counts = asked.map(({ found }) => found.size);
  const share = asked.filter(({ id, found }) => found.has(id)).length / asked.length;
  return {
    sharing: { p50: quantile(counts, 0.5), p99: quantile(counts, 0.99), most: Math.max(...counts) },
    foundShare: Math.round(share * 1e4) / 1e4,
    mostOfAKey: mostByKind(sizes),
  };
}

/** Some of the people as another reports them, and by each of their keys the sets that gather who has it too. */
function askForSome(people) {
  const random = openRandom(3);
  const kinds = Object.keys(changes);
  const every = Math.max(1, Math.floor(people / incoming));
  const asked = [];
  const byKey = new Map();
  let index = 0;
  for (const person of generatePeople(people, 1)) {
    const id = index++;
    if (id % every !== 0) continue;
    const found = new Set();
    const record = toMatchRecord(asAnotherReports(random, person, kinds[asked.length % kinds.length]));
    for (const key of matchKeys(record)) byKey.set(key, [...(byKey.get(key) ?? []), found]);
    asked.push({ id, found });
  }
  return { asked, byKey };
}

function mostByKind(sizes) {
  const most = {};
  for (const [key, size] of sizes) most[key[0]] = Math.max(most[key[0]] ?? 0, size);
  return most;
}

/** Some of the people of the store with their ids. */
async function fill(store, context, { people, kind }) {
  const every = Math.max(1, Math.floor(people / incoming));
  const sample = [];
  const each = (person, number) => {
    if (number % every === 0) sample.push({ id: `p-${number}`, person });
  };
  const { matches } = await store.search({ types: ['Patient'], filter: everything, sort: [], count: 1 });
  if (matches.length === 0) await fillPeople(store, context, { people, kind, each });
  else {
    let number = 0;
    for (const person of generatePeople(people, 1)) each(person, number++);
  }
  return sample;
}

/** Microseconds of CPU. */
function compareAll(sample) {
  const records = sample.map(({ person }) => toMatchRecord(person));
  const cost = (work) => {
    for (const [at] of records.entries()) work(at);
    const before = process.cpuUsage();
    for (let pass = 0; pass < 20; pass++) for (const [at] of records.entries()) work(at);
    return round(cpuSince(before) / 20 / records.length);
  };
  const random = openRandom(2);
  const others = sample.map(({ person }) => toMatchRecord(asAnotherReports(random, person, 'typo')));
  return {
    comparisonMicroseconds: cost((at) => compareRecords(shippedModel, records[at], others[at])),
    recordMicroseconds: cost((at) => toMatchRecord(sample[at].person)),
    keyMicroseconds: cost((at) => matchKeys(records[at])),
    keysOfAPatient: round(
      records.reduce((sum, record) => sum + matchKeys(record).length, 0) / records.length,
    ),
  };
}

async function lookUpAll(ctx, sample) {
  const random = openRandom(3);
  const kinds = Object.keys(changes);
  const found = Object.fromEntries(kinds.map((kind) => [kind, { sent: 0, found: 0, certain: 0, others: 0 }]));
  const counts = [];
  const costs = [];
  for (const [at, { id, person }] of sample.entries()) {
    const kind = kinds[at % kinds.length];
    const patient = asAnotherReports(random, person, kind);
    const before = process.cpuUsage();
    const record = toMatchRecord(patient);
    const candidates = await findCandidates(ctx.view, record);
    const ranked = rankCandidates(shippedModel, record, candidates);
    costs.push(cpuSince(before) / 1000);
    counts.push(candidates.length);
    const of = found[kind];
    of.sent++;
    if (candidates.some(({ stored }) => stored.id === id)) of.found++;
    const certain = ranked.filter(({ comparison }) => comparison.outcome === 'match');
    if (certain.some(({ stored }) => stored.id === id)) of.certain++;
    // Somebody else who would be joined: a false merge.
    if (certain.some(({ stored }) => stored.id !== id)) of.others++;
  }
  const all = Object.values(found);
  const sum = (name) => all.reduce((total, each) => total + each[name], 0);
  return {
    candidates: { p50: quantile(counts, 0.5), p99: quantile(counts, 0.99), most: Math.max(...counts) },
    lookUpMilliseconds: { p50: round(quantile(costs, 0.5)), p99: round(quantile(costs, 0.99)) },
    foundShare: Math.round((sum('found') / sum('sent')) * 1e4) / 1e4,
    falseMerges: sum('others'),
    byChange: found,
  };
}

/**
 * Milliseconds of CPU of this process, and of waiting: a create without keys, with them, with a look-up before it, and as an app
 * that matches has it, which joins or asks. In turns, since a machine has moods.
 */
async function createAll(store, context, sample) {
  const { ownKeys: _, ...keyless } = context;
  const indexResource = await buildIndexer(context.searchParams, { baseUrl });
  const plain = openContext({ ...keyless, indexResource }, store, { kind: 'open' });
  const keyed = openContext(context, store, { kind: 'open' });
  const settings = { baseUrl, profiles: [], declaredProfiles: 'ignore', matching: 'automatic' };
  const matching = openContext(await loadServerContext(settings), store, { kind: 'open' });
  const create = (ctx, resource) => createResource(ctx, { resource, exactNumbers: false });
  const ways = {
    withoutKeys: (person) => create(plain, person),
    withKeys: (person) => create(keyed, person),
    withLookUp: async (person) => {
      const record = toMatchRecord(person);
      rankCandidates(shippedModel, record, await findCandidates(keyed.view, record));
      return create(keyed, person);
    },
    withMatching: (person) => create(matching, person),
  };
  const random = openRandom(4);
  const costs = Object.fromEntries(Object.keys(ways).map((way) => [way, { cpu: [], waited: [] }]));
  const batches = 12;
  const size = Math.floor(sample.length / batches / 4);
  let at = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (const [way, work] of Object.entries(ways)) {
      const [before, began] = [process.cpuUsage(), performance.now()];
      for (let i = 0; i < size; i++) await work(asAnotherReports(random, sample[at++].person, 'moved'));
      costs[way].cpu.push(cpuSince(before) / 1000 / size);
      costs[way].waited.push((performance.now() - began) / size);
    }
  }
  return costsOf(costs);
}

function costsOf(costs) {
  const median = (values) => round(quantile(values.slice(2), 0.5));
  const each = (of) =>
    Object.fromEntries(Object.entries(costs).map(([way, cost]) => [way, median(of(cost))]));
  const createMilliseconds = each(({ cpu }) => cpu);
  const { withoutKeys, withKeys, withLookUp, withMatching } = createMilliseconds;
  return {
    createMilliseconds,
    createWaitsMilliseconds: each(({ waited }) => waited),
    createWithKeys: round(withKeys / withoutKeys),
    createWithLookUp: round(withLookUp / withoutKeys),
    createWithMatching: round(withMatching / withoutKeys),
  };
}

function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

const round = (number) => Math.round(number * 100) / 100;
