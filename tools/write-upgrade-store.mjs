// Writes test/data/upgrade/: a store as an earlier release leaves it, and what that release answers from it.
//   node tools/write-upgrade-store.mjs FOLDER NAME [MONGODB]
// FOLDER is a built checkout of the release (from schema 2 on), NAME what the fixture is called, such as sqlite-0002. With the URL of a
// MongoDB the store is an empty database there (mongo-0002), which is dropped afterwards; since the same is asked of it,
// its answers must be those of SQLite.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { BSON, MongoClient } from 'mongodb';

const [folder = '.', name = 'store', mongo] = process.argv.slice(2);
const of = (path) => import(pathToFileURL(join(resolve(folder), 'dist', path)).href);
const [{ buildApp }, { loadServerContext }, { openContext }, { parseSearch }] = await Promise.all(
  ['app.js', 'shipped/server-context.js', 'interaction/context.js', 'search/parse-search.js'].map(of),
);

const baseUrl = 'http://jenner.test/fhir';
const target = new URL('../test/data/upgrade/', import.meta.url);

const organization = (id) => ({ resourceType: 'Organization', id, name: `Clinic ${id}` });
const patient = (id, more = {}) => ({
  resourceType: 'Patient',
  id,
  name: [{ family: id.toUpperCase(), given: ['Old'] }],
  birthDate: '2020-02-29',
  ...more,
});
const refersTo = (id) => ({ reference: `Patient/${id}` });
const dose = (id, patientId, more = {}) => ({
  resourceType: 'Immunization',
  id,
  status: 'completed',
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
  patient: refersTo(patientId),
  occurrenceDateTime: '2024-02-28',
  ...more,
});
const group = (...members) => ({
  resourceType: 'Group',
  id: 'school',
  type: 'person',
  actual: true,
  managingEntity: { reference: 'Organization/school' },
  member: members.map((id) => ({ entity: refersTo(id) })),
});
const list = (subject, ...items) => ({
  resourceType: 'List',
  id: 'list',
  status: 'current',
  mode: 'working',
  subject: refersTo(subject),
  entry: items.map((id) => ({ item: refersTo(id) })),
});
const task = (patientId, focus) => ({
  resourceType: 'Task',
  id: 'task',
  status: 'requested',
  intent: 'order',
  for: refersTo(patientId),
  focus: refersTo(focus),
});
const inClinic = {
  managingOrganization: { reference: 'Organization/clinic' },
  address: [{ city: 'Boston' }],
};
const givenBy = (id) => ({ performer: [{ actor: { reference: `Organization/${id}` } }] });

const put = (resource) => ['PUT', `${resource.resourceType}/${resource.id}`, resource];
const remove = (path) => ['DELETE', path];

/** Every kind of version: first ones, later ones, tombstones, ids that come back, what was referred to before it was there. */
const requests = [
  put(organization('clinic')),
  put(organization('school')),
  put(patient('ann', inClinic)),
  put(patient('bob')),
  put(dose('of-ann', 'ann', givenBy('clinic'))),
  put(dose('moved', 'bob')),
  put(dose('moved', 'ann')),
  put(dose('before-dan', 'dan')),
  put(patient('dan')),
  put(patient('dan', inClinic)),
  put(dose('gone', 'bob', givenBy('school'))),
  remove('Immunization/gone'),
  put(dose('back', 'ann')),
  remove('Immunization/back'),
  put(dose('back', 'bob')),
  put(patient('eve', inClinic)),
  remove('Patient/eve'),
  put(group('ann', 'bob', 'dan')),
  put(group('bob', 'dan')),
  put(list('ann', 'ann')),
  put(list('ann', 'bob', 'dan')),
  remove('List/list'),
  put(task('ann', 'bob')),
  put(task('ann', 'ann')),
  put({ resourceType: 'Observation', id: 'nobodys', status: 'final', code: { text: 'x' } }),
  put({ resourceType: 'Observation', id: 'nobodys', status: 'final', code: { text: 'y' } }),
];

const searches = [
  ['Patient', ''],
  ['Patient', 'organization=clinic'],
  ['Patient', 'family=bob'],
  ['Patient', '_has:Immunization:patient:status=completed'],
  ['Immunization', 'patient=ann'],
  ['Immunization', 'patient=bob&_sort=-date'],
  ['Immunization', 'patient.organization=clinic'],
  ['Group', 'member=Patient/bob'],
  ['Task', 'focus=Patient/ann'],
  ['Observation', 'status=final'],
  ['List', ''],
];

let now = Date.UTC(2026, 0, 1);
const scratch = mkdtempSync(join(tmpdir(), 'jenner-upgrade-'));
const path = join(scratch, 'store.sqlite');
try {
  const store = await openStore();
  const clock = {
    now: () => {
      now += 1000;
      return now;
    },
  };
  const context = {
    ...(await loadServerContext({ baseUrl, profiles: [], declaredProfiles: 'error' })),
    clock,
  };
  await fill(context, store);
  const records = [
    { collection: 'import', key: 'fingerprint', value: '7' },
    { collection: 'job', key: 'é\u0000"', value: '{}', expires: Date.UTC(2100, 0, 1) },
  ];
  await store.writeRecords(records.map((record) => ({ kind: 'put', record })));
  keepAnswers(`${JSON.stringify(await answersOf(context, store), null, 1)}\n`);
  await store.close();
  const [ending, content] = mongo ? ['ndjson', await dumpDatabase()] : ['sqlite', readFileSync(path)];
  writeFileSync(new URL(`${name}.${ending}.gz`, target), gzipSync(content, { level: 9 }));
} finally {
  rmSync(scratch, { recursive: true });
}

async function openStore() {
  if (mongo) return (await of('store/mongo/mongo-store.js')).openMongoStore({ url: mongo });
  return (await of('store/sqlite/sqlite-store.js')).openSqliteStore({ path });
}

function keepAnswers(answers) {
  if (!mongo) return writeFileSync(new URL(`${name}.json`, target), answers);
  const expected = readFileSync(new URL(`${name.replace('mongo', 'sqlite')}.json`, target), 'utf8');
  if (answers !== expected) throw new Error('MongoDB answers something else than SQLite');
}

/** A line a document, in extended JSON; then the database is dropped. */
async function dumpDatabase() {
  const client = new MongoClient(mongo);
  try {
    const lines = [];
    const collections = await client.db().collections();
    for (const collection of collections.toSorted((a, b) => (a.collectionName < b.collectionName ? -1 : 1))) {
      for await (const document of collection.find().sort({ _id: 1 })) {
        lines.push(BSON.EJSON.stringify({ collection: collection.collectionName, document }));
      }
    }
    await client.db().dropDatabase();
    return `${lines.join('\n')}\n`;
  } finally {
    await client.close();
  }
}

async function fill(context, store) {
  const app = buildApp({
    context,
    contextFor: (caller) => openContext(context, store, caller),
    operations: [],
    codeSystems: () => [],
    auth: 'off',
    log: 'silent',
    software: { name: 'Jenner', version: 'upgrade', released: '2026-01-01' },
    check: () => store.check(),
  });
  const headers = { 'content-type': 'application/fhir+json' };
  for (const [method, url, resource] of requests) {
    const sent = resource && { headers, payload: JSON.stringify(resource) };
    const { statusCode, body } = await app.inject({ method, url: `/fhir/${url}`, ...sent });
    if (statusCode >= 300) throw new Error(`${method} ${url}: ${statusCode} ${body}`);
  }
  await app.close();
}

/** The whole history, newest first, and what each search finds. */
async function answersOf({ searchParams }, store) {
  const { versions } = await store.history({ count: 1000 });
  const found = [];
  for (const [type, query] of searches) {
    const pairs = [...new URLSearchParams(query)];
    const at = {
      types: [type],
      params: searchParams,
      baseUrl,
      now,
      lenient: false,
      defaultCount: 50,
      maxCount: 50,
    };
    const parsed = parseSearch(pairs, at);
    if (parsed.kind === 'refused') throw new Error(`${type}?${query}: ${JSON.stringify(parsed.problems)}`);
    const { filter, sort } = parsed.request;
    const page = await store.search({ types: [type], filter, sort, count: 50 });
    found.push({ type, query, filter, sort, ids: page.matches.map(({ id }) => id) });
  }
  return { versions, found };
}
