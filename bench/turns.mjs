// npm run bench -- turns OTHER [--people 10000] [--turns 20] [--phase 'read,create']
// The REST API of this tree and of another checkout (built, with its packages), in turns of half a second each on one
// machine: what the neighbours of a machine take from one they take from the other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { generatePerson } from '../dist/demo/generate-registry.js';
import { createRegistryContext, personId } from '../dist/demo/registry-context.js';
import { toEpochDay } from '../dist/values/epoch-day.js';
import { getRequest, postRequest } from './http-client.mjs';
import { startServer, stopServer } from './server-process.mjs';
import { costOfRequest, middle } from './turn-costs.mjs';

const context = createRegistryContext({ mode: 'bench', seed: 2, asOf: toEpochDay(2026, 3, 1) });
const here = fileURLToPath(new URL('..', import.meta.url));

export async function run(args) {
  const option = (name, fallback) => Number(args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const [other] = args;
  if (other === undefined || other.startsWith('--')) throw new Error('turns: which other checkout?');
  const people = option('--people', 10_000);
  const folder = mkdtempSync(join(tmpdir(), 'jenner-turns-'));
  try {
    const [ours, theirs] = [
      await open(here, folder, 'ours', 8193, people),
      await open(resolve(other), folder, 'theirs', 8194, people),
    ];
    try {
      const only = args.includes('--phase') ? args[args.indexOf('--phase') + 1].split(',') : undefined;
      for (const [name, next] of Object.entries(phasesOf(people, await identifierSystem(theirs.port)))) {
        if (only && !only.includes(name)) continue;
        await compare(name, ours, theirs, next, option('--turns', 20));
      }
    } finally {
      await Promise.all([ours, theirs].map(({ server }) => stopServer(server)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Each fills its own file by its own code: the tables need not be the same. */
async function open(root, folder, name, port, people) {
  const store = `sqlite:${join(folder, `${name}.sqlite`)}`;
  const { fill } = await import(pathToFileURL(join(root, 'bench/fill.mjs')).href);
  await fill(store, people, (line) => console.log(`${name}:${line}`));
  return { port, server: await startServer(root, port, { JENNER_STORE: store }) };
}

async function identifierSystem(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/fhir/Patient/${personId('bench', 0)}`);
  return (await answer.json()).identifier[0];
}

function phasesOf(people, first) {
  const anyone = () => Math.floor(Math.random() * people);
  const id = () => personId('bench', anyone());
  const number = (n) =>
    first.value.replace(/\d+$/, (digits) => String(Number(digits) + n).padStart(digits.length, '0'));
  let serial = Date.now();
  const dose = () => {
    const [, { id: _, ...resource }] = generatePerson(context, serial++ % 1_000_000);
    return { ...resource, patient: { reference: `Patient/${id()}` } };
  };
  const entries = () => Array.from({ length: 50 }, () => ({ resource: dose(), request: created }));
  const created = { method: 'POST', url: 'Immunization' };
  const transaction = () => ({ resourceType: 'Bundle', type: 'transaction', entry: entries() });
  const identifier = () => encodeURIComponent(`${first.system}|${number(anyone())}`);
  return {
    read: () => getRequest(`/fhir/Patient/${id()}`),
    'search by patient': () => getRequest(`/fhir/Immunization?patient=${id()}`),
    'search by identifier': () => getRequest(`/fhir/Patient?identifier=${identifier()}`),
    everything: () => getRequest(`/fhir/Patient/${id()}/$everything`),
    history: () => getRequest(`/fhir/Patient/${id()}/_history`),
    'page of 20': () => getRequest('/fhir/Immunization?_count=20&status=completed'),
    'include and chain': () =>
      getRequest(`/fhir/Immunization?patient._id=${id()}&_include=Immunization:patient`),
    forecast: () => getRequest(`/fhir/Patient/${id()}/$immds-forecast`),
    create: () => postRequest('/fhir/Immunization', JSON.stringify(dose())),
    'transaction of 50': () => postRequest('/fhir', JSON.stringify(transaction())),
  };
}

/** CPU of one request in each turn; the middle of the turns, and of their ratios. */
async function compare(name, ours, theirs, next, turns) {
  const costs = { ours: [], theirs: [], ratio: [] };
  await costOfRequest(ours, next);
  await costOfRequest(theirs, next);
  for (let turn = 0; turn < turns; turn++) {
    // Who comes first is no advantage.
    const first = turn % 2 === 0;
    const before = first ? await costOfRequest(ours, next) : undefined;
    const theirsNow = await costOfRequest(theirs, next);
    const oursNow = before ?? (await costOfRequest(ours, next));
    costs.ours.push(oursNow);
    costs.theirs.push(theirsNow);
    costs.ratio.push(oursNow / theirsNow);
  }
  const [our, their, ratio] = [costs.ours, costs.theirs, costs.ratio].map(middle);
  console.log(
    `  ${name}: ${our.toFixed(3)} ms CPU, the other ${their.toFixed(3)}; ratio ${ratio.toFixed(3)} ` +
      `(least of each: ${(Math.min(...costs.ours) / Math.min(...costs.theirs)).toFixed(3)})`,
  );
}
