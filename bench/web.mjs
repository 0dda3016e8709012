// npm run bench -- web [--people 10000] [--seconds 60] [--pages chart,today] [--profiles FOLDER]
// What a page costs, how much of it is rendering, and how long pages are waited for at 20 a second while an import runs.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { generatePerson } from '../dist/demo/generate-registry.js';
import { createRegistryContext } from '../dist/demo/registry-context.js';
import { toEpochDay } from '../dist/values/epoch-day.js';
import { fill } from './fill.mjs';
import { getRequest, load } from './http-client.mjs';
import { cpuMilliseconds, startServer, stopServer, untilReady } from './server-process.mjs';
import { costOfRequest, middle } from './turn-costs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const port = 8197;
const barePort = 8198;
/** Milliseconds of CPU on the machine of README's table, and of waiting; bytes of one page, packed. */
const goals = { page: 8, render: 4, p95: 250, kilobytes: 15 };
/** CPU of a bare route on that machine, in milliseconds. */
const usualBare = 0.013;
const pagesASecond = 20;
/**
 * Of each page asked for before it is measured. The first of them cost several times as much, and most is compiled only after
 * hundreds: a time to warm up would let a slow machine measure another program than a fast one.
 */
const warmUp = { first: 50, all: 1000 };
const password = 'a bench that opens pages';

export async function run(args) {
  const option = (name, fallback) => (args.includes(name) ? args[args.indexOf(name) + 1] : fallback);
  const wanted = option('--pages')?.split(',');
  const folder = mkdtempSync(join(tmpdir(), 'jenner-web-'));
  const settings = {
    JENNER_AUTH: 'smart',
    JENNER_STORE: `sqlite:${join(folder, 'store.sqlite')}`,
    JENNER_DATA: folder,
    JENNER_PUBLIC_URL: `http://127.0.0.1:${port}`,
  };
  try {
    await fill(settings.JENNER_STORE, Number(option('--people', 10_000)), console.log);
    const { clinic, patients } = await readPeople(settings.JENNER_STORE);
    addAccount(settings, 'nurse', ['--role', 'clinician', '--organization', clinic]);
    addAccount(settings, 'parent', ['--role', 'individual', '--patient', patients[0]]);
    addAccount(settings, 'clerk', ['--role', 'programme-staff']);
    const preloaded = new URL('profile-share.mjs', import.meta.url);
    const server = await startServer(root, port, settings, { preloaded });
    try {
      const pages = (await openPages(patients)).filter(({ name }) => wanted?.includes(name) ?? true);
      const scale = (await measureBare(folder)) / usualBare;
      console.log(`a bare route takes ${scale.toFixed(2)} times the CPU of README's machine`);
      for (const page of pages) await measurePage(server, page, { scale, profiles: option('--profiles') });
      await measureBesideImport(folder, settings, pages, Number(option('--seconds', 60)));
    } finally {
      await stopServer(server);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A clinic, and children whom it cares for. */
async function readPeople(store) {
  const { openSqliteStore } = await import('../dist/store/sqlite/sqlite-store.js');
  const opened = await openSqliteStore({ path: store.slice('sqlite:'.length) });
  const everybody = { types: ['Patient'], filter: { kind: 'and', of: [] }, sort: [], count: 1000 };
  const found = (await opened.search(everybody)).matches.map(({ text }) => JSON.parse(text));
  await opened.close();
  const children = found.filter(({ birthDate }) => birthDate > '2012');
  const clinicOf = ({ managingOrganization }) => managingOrganization.reference.split('/')[1];
  const clinic = clinicOf(children[0]);
  return { clinic, patients: children.filter((one) => clinicOf(one) === clinic).map(({ id }) => id) };
}

function addAccount(settings, login, role) {
  const args = ['dist/main.js', 'user', 'add', '--login', login, ...role, '--password-stdin'];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...settings },
    input: password,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

async function signIn(login) {
  const cookies = new Map();
  const keep = (answer) => {
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split('=');
      cookies.set(name, value);
    }
  };
  const cookie = () => [...cookies].map((pair) => pair.join('=')).join('; ');
  const url = `http://127.0.0.1:${port}/auth/sign-in`;
  const form = await fetch(url);
  keep(form);
  const csrf = /name="csrf" value="([^"]*)"/.exec(await form.text())[1];
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookie(), 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ csrf, next: '/app', login, password, code: '' }),
  });
  if (answer.status !== 303) throw new Error(`${login} cannot sign in: ${answer.status}`);
  keep(answer);
  return cookie();
}

/** Each page with requests for it, of another person each time where there are several. */
async function openPages(patients) {
  const [nurse, parent, clerk] = await Promise.all(['nurse', 'parent', 'clerk'].map(signIn));
  const page = (name, cookie, pathOf) => {
    let n = 0;
    const path = () => pathOf(patients[n++ % patients.length]);
    const next = () => getRequest(path()).replace(/accept: [^\r]*/, `accept: text/html\r\ncookie: ${cookie}`);
    return { name, next, cookie, path };
  };
  return [
    page('record', parent, () => `/app/record/${patients[0]}`),
    page('record on paper', parent, () => `/app/record/${patients[0]}/print`),
    page('chart', nurse, (id) => `/app/patients/${id}`),
    page('record doses', nurse, (id) => `/app/patients/${id}/doses/new`),
    page('search form', nurse, () => '/app/patients'),
    page('today', nurse, () => '/app/today'),
    page('review queue', clerk, () => '/app/review'),
    page('start', clerk, () => '/app'),
  ];
}

/** CPU of a bare Fastify route, the least of five turns. */
async function measureBare(folder) {
  const bodies = join(folder, 'bodies.json');
  writeFileSync(bodies, JSON.stringify({ page: 'x'.repeat(1000) }));
  const server = spawn(process.execPath, [join(root, 'bench/bare-server.mjs'), String(barePort), bodies]);
  try {
    await untilReady(`http://127.0.0.1:${barePort}/page`);
    const next = () => getRequest('/page');
    const turns = [];
    for (let turn = 0; turn < 6; turn++) turns.push(await costOfRequest({ port: barePort, server }, next));
    return Math.min(...turns);
  } finally {
    await stopServer(server);
  }
}

async function measurePage(server, { name, next, cookie, path }, { scale, profiles }) {
  const answer = await fetch(`http://127.0.0.1:${port}${path()}`, {
    headers: { cookie },
    redirect: 'manual',
  });
  if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`);
  const kilobytes = gzipSync(await answer.text()).length / 1000;
  const first = await costOfFew(server, next, warmUp.first);
  await costOfFew(server, next, warmUp.all - warmUp.first);
  const turns = [];
  for (let turn = 0; turn < 5; turn++)
    turns.push(await costOfRequest({ port, server }, next, { seconds: 1 }));
  const cpu = middle(turns);
  const render =
    cpu * (await shareOfRendering(server, next, profiles && join(profiles, `${name}.cpuprofile`)));
  console.log(
    `  ${name.padEnd(16)} ${cpu.toFixed(1)} ms CPU (${(cpu / scale).toFixed(1)} there; aim ${goals.page}), rendering ${render.toFixed(1)} (${(render / scale).toFixed(1)}; aim ${goals.render}), ${kilobytes.toFixed(1)} kB packed (aim ${goals.kilobytes}); ${(first / scale).toFixed(1)} for the first ${warmUp.first}`,
  );
}

/** CPU milliseconds of one of so many. */
async function costOfFew(server, next, count) {
  const before = cpuMilliseconds(server.pid);
  let left = count;
  await load({ port, connections: 16, next: () => (left-- > 0 ? next() : undefined) });
  return (cpuMilliseconds(server.pid) - before) / count;
}

async function shareOfRendering(server, next, keepAs) {
  const ask = (message) =>
    new Promise((resolve) => {
      server.once('message', resolve);
      server.send(message);
    });
  await ask({ from: 'web/render-page.js' });
  await load({ port, connections: 4, seconds: 2, next });
  return (await ask({ keepAs })).share;
}

/** Twenty pages a second, one after the other, while a second process fills the same store. */
async function measureBesideImport(folder, settings, pages, seconds) {
  const file = join(folder, 'people.ndjson');
  const context = createRegistryContext({ mode: 'bench', seed: 2, asOf: toEpochDay(2026, 3, 1) });
  for (let n = 1_000_000; n < 1_020_000; n++) {
    const lines = [...generatePerson(context, n)].map((resource) => `${JSON.stringify(resource)}\n`);
    appendFileSync(file, lines.join(''));
  }
  let n = 0;
  const next = () => pages[n++ % pages.length].next();
  const ask = () => load({ port, connections: 20, rate: pagesASecond, seconds, next, awake: false });
  report('alone', await ask());
  const command = ['dist/main.js', 'import', file, '--rejected', folder];
  const importing = spawn(process.execPath, command, {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: 'ignore',
  });
  const beside = await ask();
  const ran = importing.exitCode === null ? 'which went on' : 'which ended before';
  report(`beside an import, ${ran}`, beside);
  importing.kill('SIGTERM');
}

function report(when, { requests, statuses, p50, p95, p99 }) {
  const times = [p50, p95, p99].map((ms) => ms.toFixed(0)).join(', ');
  console.log(
    `${pagesASecond} pages a second ${when}: ${requests} pages, ${JSON.stringify(statuses)}, p50, p95, p99 ${times} ms (aim: p95 ${goals.p95})`,
  );
}
