// npm run bench -- rest [--people 10000,100000] [--seconds 4] [--cache MIB] [--store mongodb://HOST/] [--use-up]
// Rates and CPU of the REST API on SQLite or MongoDB, beside a bare Fastify route that answers the same bytes, in one run.
// `--use-up`: of a file that fills the memory no copy is made; what is written goes into it, and it is gone afterwards.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  createReadStream,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { BSON, MongoClient } from 'mongodb';
import { generatePerson } from '../dist/demo/generate-registry.js';
import { createRegistryContext, personId } from '../dist/demo/registry-context.js';
import { toEpochDay } from '../dist/values/epoch-day.js';
import { driverLimit } from './driver-limit.mjs';
import { fill } from './fill.mjs';
import { getRequest, load } from './http-client.mjs';
import {
  cpuMilliseconds,
  residentMegabytes,
  startServer,
  stopServer,
  untilReady,
} from './server-process.mjs';
import { writePhases } from './write-phases.mjs';

const folder = join(tmpdir(), 'jenner-bench');
const here = fileURLToPath(new URL('.', import.meta.url));
const context = createRegistryContext({ mode: 'bench', seed: 2, asOf: toEpochDay(2026, 3, 1) });
const [port, barePort, fairPort] = [8191, 8192, 8195];

/** The least share of the fair limit's rate that is wanted of each phase. */
const goals = {
  read: 0.6,
  'search by identifier': 0.5,
  'search by patient': 0.4,
  everything: 0.3,
  history: 0.4,
};

export async function run(args) {
  const option = (name, fallback) => (args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const sizes = option('--people', '10000').split(',').map(Number);
  const seconds = Number(option('--seconds', '4'));
  mkdirSync(folder, { recursive: true });
  const cache = option('--cache', '32');
  await measureImport(storeOf(option('--store'), 'import'));
  const take = args.includes('--use-up') ? renameSync : copyFileSync;
  const tables = [];
  for (const people of sizes) {
    tables.push(await measure(storeOf(option('--store'), people), { people, seconds, cache, take }));
  }
  if (tables.length > 1) printGrowth(sizes, tables);
}

/** A file or a database for so many people; it stays for the next run. */
function storeOf(mongo, people) {
  if (mongo === undefined) return `sqlite:${join(folder, `people-${people}.sqlite`)}`;
  const url = new URL(mongo);
  url.pathname = `/jenner-bench-${people}`;
  return url.href;
}

const imported = 5000;

/** `jenner import` of 5,000 people with seven doses each, validated, into an empty registry. */
async function measureImport(store) {
  const file = join(folder, 'people.ndjson');
  writeFileSync(file, '');
  for (let n = 0; n < imported; n++) {
    const lines = [...generatePerson(context, n)].map((resource) => `${JSON.stringify(resource)}\n`);
    appendFileSync(file, lines.join(''));
  }
  await drop(store);
  const command = start(
    ['dist/main.js', 'import', file, '--rejected', folder],
    { JENNER_STORE: store },
    'pipe',
  );
  let said = '';
  command.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  await new Promise((resolve) => command.once('close', resolve));
  console.log(`  ${said.trim().split('\n').at(-1)}`);
  rmSync(file);
  await drop(store);
}

async function drop(store) {
  if (store.startsWith('sqlite:')) {
    for (const end of ['', '-wal', '-shm']) rmSync(store.slice('sqlite:'.length) + end, { force: true });
    return;
  }
  const client = await MongoClient.connect(store);
  await client.db().dropDatabase();
  await client.close();
}

/** A client that polls takes a core, which the engine behind a MongoDB URL needs too. */
let awake = true;

async function measure(store, { people, seconds, cache, take }) {
  awake = store.startsWith('sqlite:');
  console.log(`${people} people, seven doses each (${store.replace(/\/\/.*@/, '//')})`);
  await fill(store, people, console.log);
  const isMongo = store.startsWith('mongodb');
  if (isMongo) await printDocumentSizes(store);
  const idOf = () => personId('bench', anyone(people));
  const beside = isMongo ? await driverLimit(store, { seconds, idOf }) : () => undefined;
  const used = await workingCopy(store, take);
  const started = performance.now();
  const server = await startServer(join(here, '..'), port, {
    JENNER_STORE: used,
    JENNER_SQLITE_CACHE: cache,
  });
  console.log(`  first answer ${(performance.now() - started).toFixed(0)} ms after the start`);
  try {
    const reads = await readPhases(server, { people, seconds, store: used, beside });
    const next = () => getRequest(`/fhir/Patient/${personId('bench', anyone(people))}`);
    const writes = await writePhases({
      base: `http://127.0.0.1:${port}`,
      dose: () => nextDose(people),
      idOf,
      timed: (nextRequest) => timed(port, server, seconds, nextRequest),
      beside: () => load({ port, connections: 4, seconds, next, awake }),
      rate,
      readCpu: reads.read,
    });
    const table = { ...reads, ...writes };
    console.log(`  resident memory at the end ${residentMegabytes(server.pid)} MB`);
    return table;
  } finally {
    await stopServer(server);
    if (used !== store) await drop(used);
  }
}

/** Averages over some documents: what docs/operations.md reckons the size of a state from. */
async function printDocumentSizes(store) {
  const client = await MongoClient.connect(store);
  for (const type of ['Patient', 'Immunization']) {
    const documents = await client.db().collection('resource').find({ type }).limit(500).toArray();
    const average = (sizeOf) =>
      Math.round(documents.reduce((sum, document) => sum + sizeOf(document), 0) / documents.length);
    const [bson, text, keys] = [
      average((document) => BSON.calculateObjectSize(document)),
      average((document) => Buffer.byteLength(document.text)),
      average((document) => document.keys.length),
    ];
    console.log(`  ${type}: ${bson} bytes of BSON, ${text} of them its text, ${keys} keys`);
  }
  await client.close();
}

/**
 * What is written is not to be there in the next run. The copy is read once, so that as much of it as there is room for
 * lies in the memory of the system: the disk is not to be measured.
 */
async function workingCopy(store, take) {
  if (!store.startsWith('sqlite:')) return store;
  const copy = `sqlite:${join(folder, 'used.sqlite')}`;
  await drop(copy);
  take(store.slice('sqlite:'.length), copy.slice('sqlite:'.length));
  for await (const _ of createReadStream(copy.slice('sqlite:'.length), { highWaterMark: 1024 * 1024 }));
  return copy;
}

function start(script, environment, output = 'ignore') {
  const [file, ...rest] = script;
  return spawn(process.execPath, [join(here, '..', file), ...rest], {
    stdio: ['ignore', output, 'inherit'],
    env: { ...process.env, ...environment },
  });
}

const anyone = (people) => Math.floor(Math.random() * people);

async function readPhases(server, { people, seconds, store, beside }) {
  const sample = await fetch(`http://127.0.0.1:${port}/fhir/Patient/${personId('bench', 0)}`).then((answer) =>
    answer.json(),
  );
  const { system, value: prefix } = sample.identifier[0];
  const paths = {
    read: (id) => `/fhir/Patient/${id}`,
    'search by patient': (id) => `/fhir/Immunization?patient=${id}`,
    'search by identifier': (id) => `/fhir/Patient?identifier=${encodeURIComponent(`${system}|${id}`)}`,
    everything: (id) => `/fhir/Patient/${id}/$everything`,
    history: (id) => `/fhir/Patient/${id}/_history`,
  };
  const idOf = (name, n) => (name.endsWith('identifier') ? identifierOf(n, prefix) : personId('bench', n));
  const texts = {};
  for (const [name, path] of Object.entries(paths)) {
    const answer = await fetch(`http://127.0.0.1:${port}${path(idOf(name, 0))}`);
    texts[pathOf(name)] = await answer.text();
  }
  const limits = await openLimits(texts, store);
  const table = {};
  for (const [name, path] of Object.entries(paths)) {
    const next = () => idOf(name, anyone(people));
    const bare = await timed(barePort, limits.bare, seconds, () => getRequest(`/${pathOf(name)}`));
    const jenner = await timed(port, server, seconds, () => getRequest(path(next())));
    const fair =
      limits.fair &&
      (await timed(fairPort, limits.fair, seconds, () => getRequest(`/${pathOf(name)}?id=${next()}`)));
    console.log(`  ${name}: ${rate(jenner)}; bare Fastify ${rate(bare)}, ratio ${ratio(jenner, bare)}`);
    if (fair) console.log(`    fair limit ${rate(fair)}, ratio ${ratio(jenner, fair)} (goal ${goals[name]})`);
    const driver = beside(name, jenner.requests / seconds);
    if (driver) console.log(`    ${driver}`);
    table[name] = jenner.cpu;
  }
  limits.close();
  return table;
}

const pathOf = (name) => name.replaceAll(' ', '-');

let serial = Date.now();

function nextDose(people) {
  const [, dose] = generatePerson(context, serial++ % 1_000_000);
  const { id: _, ...resource } = dose;
  return { ...resource, patient: { reference: `Patient/${personId('bench', anyone(people))}` } };
}

/** Of CPU, which two that run one after the other do not take from each other. */
const ratio = (ours, limit) => (limit.cpu / ours.cpu).toFixed(2);

/** A route that answers bytes from memory, and on SQLite a server that fetches rows from the same file for them. */
async function openLimits(texts, store) {
  const bodies = join(folder, 'bodies.json');
  writeFileSync(bodies, JSON.stringify(texts));
  const bare = start(['bench/bare-server.mjs', String(barePort), bodies], {});
  await untilReady(`http://127.0.0.1:${barePort}/read`);
  const file = store.startsWith('sqlite:') ? store.slice('sqlite:'.length) : undefined;
  const fair = file && start(['bench/fair-server.mjs', String(fairPort), file, bodies], {});
  if (fair) await untilReady(`http://127.0.0.1:${fairPort}/read?id=${personId('bench', 0)}`);
  rmSync(bodies);
  const close = () => {
    bare.kill('SIGTERM');
    fair?.kill('SIGTERM');
  };
  return { bare, fair, close };
}

/** The generator numbers people in their first identifier as in their id. */
function identifierOf(n, first) {
  return first.replace(/\d+$/, (digits) => String(Number(digits) + n).padStart(digits.length, '0'));
}

/** The rate, and the CPU of the server process, all its threads, per request; after half a second of warming up. */
async function timed(onPort, server, seconds, next) {
  await load({ port: onPort, connections: 16, seconds: 0.5, next, awake });
  const before = cpuMilliseconds(server.pid);
  const result = await load({ port: onPort, connections: 16, seconds, next, awake });
  const wrong = Object.keys(result.statuses).filter((status) => !status.startsWith('2'));
  if (wrong.length > 0) throw new Error(`answered ${JSON.stringify(result.statuses)}`);
  return { ...result, cpu: (cpuMilliseconds(server.pid) - before) / result.requests };
}

function rate({ perSecond, p50, p99, cpu }) {
  const milliseconds = cpu < 1 ? cpu.toFixed(3) : cpu.toFixed(1);
  return `${Math.round(perSecond)}/s, ${milliseconds} ms CPU each (p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms)`;
}

function printGrowth(sizes, tables) {
  console.log(
    `CPU of one request beside that at ${sizes[0]} people (aim: at most 1.15 to 200,000 people, 1.3 beyond)`,
  );
  for (const name of Object.keys(tables[0])) {
    const ratios = tables
      .slice(1)
      .map((table, i) => `${sizes[i + 1]}: ${(table[name] / tables[0][name]).toFixed(2)}`);
    console.log(`  ${name}: ${ratios.join(', ')}`);
  }
}
