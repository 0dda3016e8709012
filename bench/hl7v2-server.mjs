// The part of `bench -- hl7v2` that asks a server: a VXU beside the FHIR transaction that writes the same, a query beside a
// stored forecast and a search, in turns on one server with matching on; then many connections, and memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fill } from './fill.mjs';
import { queriesAmong, transactionOf, vxuRequest } from './hl7v2-requests.mjs';
import { load } from './http-client.mjs';
import { residentMegabytes, startServer, stopServer } from './server-process.mjs';
import { costOfRequest, middle } from './turn-costs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const port = 8196;
const goals = { vxu: 1.5, query: 1.5, p99: 100 };

export async function measureServer({ people, turns, flood, rate, messages, profile }) {
  const folder = mkdtempSync(join(tmpdir(), 'jenner-hl7v2-'));
  const environment = {
    JENNER_STORE: `sqlite:${join(folder, 'people.sqlite')}`,
    JENNER_MATCHING: 'automatic',
  };
  try {
    await fill(environment.JENNER_STORE, people, console.log);
    if (profile !== undefined) return await profileServer(environment, people, profile);
    const server = await startServer(root, port, environment);
    try {
      const one = { port, server };
      const transaction = await transactionOf(port);
      await compare('VXU beside its transaction', one, {
        ours: vxuRequest,
        beside: transaction,
        turns,
        goal: goals.vxu,
      });
      await compareQuery(one, people, turns);
      await measureConnections(one, { flood, rate });
      if (messages > 0) await measureMemory(one, messages);
    } finally {
      await stopServer(server);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Seconds; a server is slow at first. */
const profiled = 20;

/** A server for each kind of request, which leaves a profile of each of its threads in a folder of that name. */
async function profileServer(environment, people, folder) {
  for (const kind of ['vxu', 'transaction', 'query', 'forecast', 'search']) {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${join(folder, kind)}`];
    const server = await startServer(root, port, environment, { flags });
    try {
      const next = kind === 'transaction' ? await transactionOf(port) : requestsOf(people)[kind];
      const cost = await costOfRequest({ port, server }, next, { seconds: profiled });
      console.log(`  ${kind}: ${cost.toFixed(2)} ms CPU under the profiler`);
    } finally {
      await stopServer(server);
    }
  }
}

const requestsOf = (people) => ({ vxu: vxuRequest, ...queriesAmong(people) });

/** Without pause everybody waits for all others; at half of that rate the server has time, and a wait is its own. */
async function measureConnections({ port, server }, { flood, rate: asked }) {
  const busy = await load({ port, connections: 200, seconds: flood, next: vxuRequest });
  const carried = Math.round(busy.perSecond);
  console.log(`  200 connections without pause: ${carried} VXU/s, p99 ${busy.p99.toFixed(0)} ms`);
  const rate = asked > 0 ? asked : Math.max(1, Math.round(carried / 2));
  const eased = await load({ port, connections: 200, seconds: flood, next: vxuRequest, rate, awake: false });
  const waited = `p50 ${eased.p50.toFixed(0)} ms, p99 ${eased.p99.toFixed(0)} ms (aim ${goals.p99})`;
  console.log(`  200 connections, ${rate} VXU/s asked, ${Math.round(eased.perSecond)} answered: ${waited}`);
  console.log(
    `  memory ${residentMegabytes(server.pid)} MB after ${busy.requests + eased.requests} messages`,
  );
}

const stride = 10_000;

/** What is resident at the start, after every 10,000 messages, and at the end. */
async function measureMemory({ port, server }, messages) {
  const seen = [residentMegabytes(server.pid)];
  for (let sent = 0; sent < messages; sent += stride) {
    let left = Math.min(stride, messages - sent);
    const next = () => (left-- > 0 ? vxuRequest() : undefined);
    await load({ port, connections: 16, next, awake: false });
    seen.push(residentMegabytes(server.pid));
    console.log(`  memory ${seen.at(-1)} MB after ${Math.min(sent + stride, messages)} messages`);
  }
  console.log(`  memory over ${messages} messages: ${seen.join(', ')} MB`);
}

/**
 * By number, not by time: after a thousand messages V8 still compiles what they call, and who has more code pays longer.
 * A slow machine would measure that instead of the work.
 */
const warming = 2000;

async function warm({ port }, next) {
  let left = warming;
  const once = () => (left-- > 0 ? next() : undefined);
  await load({ port, connections: 16, next: once, awake: false });
}

async function compare(name, one, { ours, beside, turns, goal }) {
  const costs = { ours: [], beside: [], ratio: [] };
  for (const next of [ours, beside]) await warm(one, next);
  for (let turn = 0; turn < turns; turn++) {
    const besideNow = await costOfRequest(one, beside);
    const oursNow = await costOfRequest(one, ours);
    costs.ours.push(oursNow);
    costs.beside.push(besideNow);
    costs.ratio.push(oursNow / besideNow);
  }
  const [our, other, ratio] = [costs.ours, costs.beside, costs.ratio].map(middle);
  console.log(
    `  ${name}: ${our.toFixed(2)} ms CPU, ${other.toFixed(2)} beside it; ratio ${ratio.toFixed(2)} (aim ${goal})`,
  );
}

/** What is measured is a Z42. */
async function requireForecast(port, request) {
  const body = request.slice(request.indexOf('\r\n\r\n') + 4);
  const headers = { 'content-type': 'application/hl7-v2' };
  const answer = await fetch(`http://127.0.0.1:${port}/hl7v2`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (!text.includes('|Z42^CDCPHINVS'))
    throw new Error(`a query was answered by no Z42: ${text.slice(0, 400)}`);
}

/** A Z44 of somebody who is there, beside a forecast of the person and a search by name and birth date. */
async function compareQuery(one, people, turns) {
  const { query, forecast, search } = queriesAmong(people);
  await requireForecast(one.port, query());
  const costs = { query: [], both: [], ratio: [] };
  for (const next of [query, forecast, search]) await warm(one, next);
  for (let turn = 0; turn < turns; turn++) {
    const both = (await costOfRequest(one, forecast)) + (await costOfRequest(one, search));
    const asked = await costOfRequest(one, query);
    costs.query.push(asked);
    costs.both.push(both);
    costs.ratio.push(asked / both);
  }
  const [asked, both, ratio] = [costs.query, costs.both, costs.ratio].map(middle);
  console.log(
    `  QBP Z44: ${asked.toFixed(2)} ms CPU, forecast and search ${both.toFixed(2)}; ratio ${ratio.toFixed(2)} (aim ${goals.query})`,
  );
}
