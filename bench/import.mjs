// npm run bench -- import [--people 5000] [--turns 3] [--other ../checkout]
// What `jenner import` into an empty registry takes: resources a second, CPU, and bytes written for a byte of the finished file;
// beside another checkout that is built, in turns, where it is given.
import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatePerson } from '../dist/demo/generate-registry.js';
import { createRegistryContext } from '../dist/demo/registry-context.js';
import { toEpochDay } from '../dist/values/epoch-day.js';
import { middle } from './turn-costs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reporter = new URL('process-cost.mjs', import.meta.url);
const goals = { ratio: 1.8, bytes: 3 };

export async function run(args) {
  const option = (name, fallback) => (args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const folder = mkdtempSync(join(tmpdir(), 'jenner-import-'));
  try {
    const file = writePeople(folder, Number(option('--people', 5000)));
    const checkouts = { here: root, other: option('--other') };
    const found = { here: [], other: [] };
    for (let turn = 1; turn <= Number(option('--turns', 3)); turn++) {
      for (const [name, checkout] of Object.entries(checkouts)) {
        if (checkout === undefined) continue;
        const cost = await importInto(resolve(checkout), join(folder, name), file);
        found[name].push(cost);
        console.log(`  ${turn}, ${name}: ${describe(cost)}`);
      }
    }
    report(found);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writePeople(folder, people) {
  const file = join(folder, 'people.ndjson');
  const context = createRegistryContext({ mode: 'bench', seed: 2, asOf: toEpochDay(2026, 3, 1) });
  writeFileSync(file, '');
  for (let n = 0; n < people; n++) {
    const lines = [...generatePerson(context, n)].map((resource) => `${JSON.stringify(resource)}\n`);
    appendFileSync(file, lines.join(''));
  }
  return file;
}

/** One import by the checkout, into a folder that is made for it. */
async function importInto(checkout, folder, file) {
  mkdirSync(folder);
  const store = join(folder, 'store.sqlite');
  const command = ['--import', reporter.href, join(checkout, 'dist/main.js'), 'import', file];
  const started = performance.now();
  const child = spawn(process.execPath, [...command, '--rejected', folder], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, JENNER_STORE: `sqlite:${store}`, JENNER_DATA: folder },
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  let cost;
  child.on('message', (message) => {
    cost = message;
  });
  await new Promise((done) => child.once('close', done));
  const seconds = (performance.now() - started) / 1000;
  const created = Number(/imported 1 files: (\d+) created/.exec(said)?.[1]);
  if (!cost || !(created > 0)) throw new Error(`${checkout}: the import failed: ${said}`);
  const { size } = statSync(store);
  rmSync(folder, { recursive: true });
  return { rate: created / seconds, cpu: (cost.cpu * 1000) / created, bytes: cost.bytesWritten / size, size };
}

function describe({ rate, cpu, bytes, size }) {
  const written = `${bytes.toFixed(1)} bytes written for each of the ${(size / 1e6).toFixed(0)} MB of the file`;
  return `${Math.round(rate)} resources/s, ${cpu.toFixed(3)} ms CPU each, ${written}`;
}

function report({ here, other }) {
  const of = (costs, part) => middle(costs.map((cost) => cost[part]));
  console.log(
    `bytes written for a byte of the file: ${of(here, 'bytes').toFixed(1)} (goal: at most ${goals.bytes})`,
  );
  console.log(
    `rate: ${Math.round(of(here, 'rate'))} resources/s, the start and the end of the process included`,
  );
  if (other.length === 0) return;
  const [rate, cpu] = ['rate', 'cpu'].map((part) => (of(here, part) / of(other, part)).toFixed(2));
  console.log(`beside the other checkout: ${rate} times its rate (goal: ${goals.ratio}), ${cpu} of its CPU`);
}
