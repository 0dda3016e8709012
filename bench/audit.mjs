// npm run bench -- audit [--people 5000] [--turns 10] [--as registry|clinic] [--mongo URL]
// What authorization and the audit add to the CPU of a read and of a search: three servers on stores that are alike, open
// (JENNER_AUTH=off), with tokens, and with tokens and the audit, in turns on one machine. `clinic` asks
// as a client of one organization about its own persons, `registry` as one that may see all. With MongoDB the CPU is that
// of the servers alone, without the engine's.
import { fork } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateRegistry } from '../dist/demo/generate-registry.js';
import { toEpochDay } from '../dist/values/epoch-day.js';
import { fill } from './fill.mjs';
import { stopServer } from './server-process.mjs';
import { costOfRequest, middle } from './turn-costs.mjs';

const kinds = ['off', 'token', 'audit'];
const firstPort = 8500;

export async function run(args) {
  const option = (name, fallback) => (args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const people = Number(option('--people', 5000));
  const folder = mkdtempSync(join(tmpdir(), 'jenner-audit-'));
  try {
    const locations = await fillAll(folder, people, option('--mongo'));
    const { organization, ids } = whoIsAsked(people, option('--as', 'registry'));
    const servers = await Promise.all(
      kinds.map((kind, n) => open(kind, { port: firstPort + n, store: locations[n], organization, folder })),
    );
    try {
      const anyone = () => ids[Math.floor(Math.random() * ids.length)];
      const turns = Number(option('--turns', 10));
      await compare('read', servers, () => `/fhir/Patient/${anyone()}`, turns);
      await compare('search', servers, () => `/fhir/Immunization?patient=${anyone()}`, turns);
    } finally {
      await Promise.all(servers.map(({ server }) => stopServer(server)));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function fillAll(folder, people, mongo) {
  const log = (line) => console.log(line);
  if (mongo !== undefined) {
    const urls = kinds.map(
      (kind) => Object.assign(new URL(mongo), { pathname: `/bench-audit-${kind}` }).href,
    );
    for (const url of urls) await fill(url, people, log);
    return urls;
  }
  const filled = join(folder, 'filled.sqlite');
  await fill(`sqlite:${filled}`, people, log);
  return kinds.map((kind) => {
    copyFileSync(filled, join(folder, `${kind}.sqlite`));
    return `sqlite:${join(folder, `${kind}.sqlite`)}`;
  });
}

/** The persons that are asked for; of a clinic, those whom it manages. */
function whoIsAsked(people, as) {
  const patients = [];
  for (const made of generateRegistry({ mode: 'bench', seed: 1, people, asOf: toEpochDay(2026, 3, 1) })) {
    if (made.resourceType === 'Patient') patients.push(made);
  }
  if (as === 'registry') return { ids: patients.map(({ id }) => id) };
  const clinicOf = ({ managingOrganization }) => managingOrganization.reference.split('/')[1];
  const organization = clinicOf(patients[0]);
  return { organization, ids: patients.filter((one) => clinicOf(one) === organization).map(({ id }) => id) };
}

async function open(kind, { port, store, organization, folder }) {
  const script = fileURLToPath(new URL('audit-server.mjs', import.meta.url));
  const server = fork(script, [kind, ...(organization ? [organization] : [])], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      JENNER_AUTH: kind === 'off' ? 'off' : 'smart',
      JENNER_STORE: store,
      JENNER_DATA: join(folder, kind),
      JENNER_PORT: String(port),
      JENNER_LOG: 'warn',
    },
  });
  const [{ token }] = await new Promise((resolve, reject) => {
    server.once('message', (message) => resolve([message]));
    server.once('exit', () => reject(new Error(`the server ${kind} has ended`)));
  });
  return { kind, port, server, token };
}

/** CPU of one request in each turn, and of what is added to the open server in it; the middle of the turns. */
async function compare(name, servers, path, turns) {
  const costs = Object.fromEntries(kinds.map((kind) => [kind, []]));
  // Until all is compiled.
  for (const one of servers) await cost(one, path, 4);
  for (let turn = 0; turn < turns; turn++) {
    // Who comes first is no advantage.
    for (let n = 0; n < servers.length; n++) {
      const one = servers[(turn + n) % servers.length];
      costs[one.kind].push(await cost(one, path));
    }
  }
  const added = (kind) => middle(costs[kind].map((each, turn) => each / costs.off[turn] - 1));
  const least = (kind) => Math.min(...costs[kind]) / Math.min(...costs.off) - 1;
  console.log(`${name}: ${costs.off.length} turns, open ${microseconds(middle(costs.off))} CPU`);
  for (const kind of ['token', 'audit']) {
    const all = `${microseconds(middle(costs[kind]))}, adds ${percent(added(kind))}`;
    console.log(`  ${kind}: ${all} (least of each ${percent(least(kind))})`);
  }
}

/** The rows of the turn are written in it. */
const cost = (one, path, seconds = 1.5) =>
  costOfRequest(one, () => requestFor(path(), one.token), { seconds, awake: false, settleMs: 700 });

function requestFor(path, token) {
  const bearer = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\n${bearer}\r\n`;
}

const microseconds = (ms) => `${(ms * 1000).toFixed(1)} µs`;
const percent = (share) => `${(share * 100).toFixed(0)} %`;
