// The store alone, without HTTP: writes a generated registry into a SQLite file, then reads and searches it.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateRegistry } from '../dist/demo/generate-registry.js';
import { patientsOf } from '../dist/search/compartment.js';
import { buildIndexer } from '../dist/search/index-resource.js';
import { parseSearch } from '../dist/search/parse-search.js';
import { marksOf } from '../dist/search/reach.js';
import { loadSearchParams } from '../dist/search/search-params.js';
import { openSqliteStore } from '../dist/store/sqlite/sqlite-store.js';
import { toEpochDay } from '../dist/values/epoch-day.js';

const baseUrl = 'http://bench.test/fhir';
const root = new URL('..', import.meta.url);
const underWay = 1000;

/** Prints the figures and returns them; `args` may hold how many patients there are (default 10,000). */
export async function run(args = []) {
  const people = Number(args[0] ?? 10_000);
  if (!Number.isSafeInteger(people) || people < 1)
    throw new Error(`patients: ${args[0]} is no number from 1`);
  const folder = mkdtempSync(join(tmpdir(), 'jenner-bench-'));
  const path = join(folder, 'store.sqlite');
  try {
    const { params } = loadSearchParams([
      JSON.parse(readFileSync(new URL('search-params/hl7-r4.json', root), 'utf8')),
    ]);
    const index = await buildIndexer(params, { baseUrl });
    const store = await openSqliteStore({ path });
    const written = await measureWrites(store, index, people);
    const bytes = statSync(path).size;
    const read = await measureReads(store, params, written.sample);
    await store.close();
    const { sample: _, ...figures } = written;
    const result = { people, ...figures, bytesPerResource: Math.round(bytes / written.resources), ...read };
    console.log(JSON.stringify(result, null, 2));
    return result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measureWrites(store, index, people) {
  const sample = [];
  const options = { mode: 'bench', seed: 1, asOf: toEpochDay(2026, 3, 1), people };
  const waiting = new Set();
  let resources = 0;
  let persons = 0;
  let indexing = 0;
  let making = 0;
  let mark = performance.now();
  const started = performance.now();
  const cpu = process.cpuUsage();
  for (const generated of generateRegistry(options)) {
    const resource = inClinic(generated, persons);
    if (resource.resourceType === 'Patient') persons++;
    const made = performance.now();
    making += made - mark;
    const values = index(resource);
    indexing += performance.now() - made;
    if (resource.resourceType === 'Patient' && sample.length < 5000) sample.push(resource);
    resources++;
    const written = write(store, resource, values).finally(() => waiting.delete(written));
    waiting.add(written);
    if (waiting.size >= underWay) await Promise.race(waiting);
    mark = performance.now();
  }
  await Promise.all(waiting);
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  return {
    sample,
    resources,
    writesPerSecond: Math.round(resources / seconds),
    cpuMicrosecondsPerWrite: round((used.user + used.system) / resources),
    ofThemGenerating: round((making * 1000) / resources),
    ofThemIndexing: round((indexing * 1000) / resources),
  };
}

/** Every fifth person belongs to one clinic: of 100,000 people, 20,000. */
const clinic = 'Organization/every-fifth';

function inClinic(resource, nth) {
  if (resource.resourceType !== 'Patient' || nth % 5 !== 0) return resource;
  return { ...resource, managingOrganization: { reference: clinic } };
}

async function write(store, resource, index) {
  const lastUpdated = Date.now();
  const change = {
    type: resource.resourceType,
    id: resource.id,
    versionId: 1,
    lastUpdated,
    method: 'PUT',
    text: JSON.stringify(resource),
    expectedVersion: 0,
    index,
    patients: patientsOf(resource.resourceType, resource.id, index),
    marks: marksOf(resource.resourceType, index),
  };
  const outcome = await store.write({ changes: [change], guards: [] });
  if (outcome.kind !== 'committed')
    throw new Error(`${resource.resourceType}/${resource.id}: ${outcome.kind}`);
}

async function measureReads(store, params, sample) {
  const ask = (type, query) => {
    const parsed = parseSearch([...new URLSearchParams(query)], {
      types: [type],
      params,
      baseUrl,
      now: Date.now(),
      lenient: false,
      defaultCount: 20,
      maxCount: 1000,
    });
    if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
    const { filter, sort } = parsed.request;
    return { types: [type], filter, sort, count: 20 };
  };
  const search = (type, query) => store.search(ask(type, query));
  const count = (type, query) => store.count([type], ask(type, query).filter);
  const idOf = (patient) => `${patient.identifier[0].system}|${patient.identifier[0].value}`;
  const family = (patient) => encodeURIComponent(patient.name[0].family);
  const cases = {
    read: (patient) => store.read({ type: 'Patient', id: patient.id }),
    byPatient: (patient) => search('Immunization', `patient=Patient/${patient.id}`),
    byPatientLatestFirst: (patient) => search('Immunization', `patient=${patient.id}&_sort=-date`),
    byPatientAndCode: (patient) =>
      search('Immunization', `patient=${patient.id}&vaccine-code=140&date=ge2020`),
    byIdentifier: (patient) => search('Patient', `identifier=${encodeURIComponent(idOf(patient))}`),
    byNameAndBirthdate: (patient) =>
      search('Patient', `family=${family(patient)}&birthdate=${patient.birthDate}`),
    byFamily: (patient) => search('Patient', `family=${family(patient)}`),
    firstPage: () => search('Immunization', ''),
    byStatus: () => search('Immunization', 'status=completed'),
    latestFirst: () => search('Immunization', '_sort=-date'),
    lastUpdatedFirst: () => search('Patient', '_sort=-_lastUpdated'),
    byGenderSorted: () => search('Patient', 'gender=female&_sort=birthdate'),
    byCodeAndPeriod: () => search('Immunization', 'vaccine-code=140&date=ge2020-01-01&date=le2020-01-31'),
    countByPatient: (patient) => count('Immunization', `patient=${patient.id}`),
    countByStatus: () => count('Immunization', 'status=completed'),
    chain: (patient) => search('Immunization', `patient.identifier=${encodeURIComponent(idOf(patient))}`),
    has: (patient) => search('Patient', `_has:Immunization:patient:_id=${patient.id}-none`),
  };
  Object.assign(cases, await reachCases(store, ask));
  const perSecond = {};
  for (const [name, ask] of Object.entries(cases)) perSecond[name] = await rate(ask, sample);
  return { perSecond };
}

/** What a clinic and a person see, beside the same questions of everybody. */
async function reachCases(store, ask) {
  const ofClinic = { kind: 'reach', anyOf: [`care|${clinic}`] };
  const within = (only, type, query) => {
    const asked = ask(type, query);
    return { ...asked, filter: { kind: 'and', of: [asked.filter, only] } };
  };
  const byDate = ask('Immunization', '_sort=-date');
  const byDateOfClinic = within(ofClinic, 'Immunization', '_sort=-date');
  const middle = await middleOf(store, byDate);
  const middleOfClinic = await middleOf(store, byDateOfClinic);
  const patients = (await store.search({ ...within(ofClinic, 'Patient', ''), count: 1000 })).matches;
  const one = (n) => patients[n % patients.length].id;
  let n = 0;
  const own = () => ({ kind: 'concerns', anyOf: [one(n++)] });
  return {
    ofClinicByPatient: () => store.search(within(ofClinic, 'Immunization', `patient=${one(n++)}`)),
    ofPatient: () => store.search(within(own(), 'Immunization', '')),
    ofClinicFirstPage: () => store.search(within(ofClinic, 'Immunization', '')),
    latestFirstMiddle: () => store.search({ ...byDate, after: middle }),
    ofClinicLatestFirst: () => store.search(byDateOfClinic),
    ofClinicLatestFirstMiddle: () => store.search({ ...byDateOfClinic, after: middleOfClinic }),
    ofClinicByNameSorted: () => store.search(within(ofClinic, 'Patient', '_sort=family')),
    historyOfPatient: () => store.history({ type: 'Immunization', only: own(), count: 20 }),
    historyOfClinic: () => store.history({ type: 'Immunization', only: ofClinic, count: 20 }),
  };
}

/** The cursor behind 5,000 matches, or behind the last page but one. */
async function middleOf(store, query) {
  let after;
  for (let pages = 0; pages < 10; pages++) {
    const page = await store.search({ ...query, count: 500, ...(after && { after }) });
    if (page.next === undefined) break;
    after = page.next;
  }
  return after;
}

/** Calls a second, over about a second, one after another. */
async function rate(ask, sample) {
  for (let n = 0; n < 20; n++) await ask(sample[n % sample.length]);
  const started = performance.now();
  let calls = 0;
  while (performance.now() - started < 1000) {
    await ask(sample[(calls * 7919) % sample.length]);
    calls++;
  }
  return Math.round((calls * 1000) / (performance.now() - started));
}

function round(value) {
  return Math.round(value * 10) / 10;
}

if (import.meta.url === `file://${process.argv[1]}`) await run(process.argv.slice(2));
