import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processEnvironment } from '../../src/config.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { freePort } from '../free-port.ts';
import { useFolder } from '../use-folder.ts';

// The program itself, as an operator runs it: what main wires together is seen nowhere else.

const folder = useFolder();
let running: ChildProcess[];
beforeEach(() => {
  running = [];
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

const root = new URL('../../', import.meta.url).pathname;
const main = join(root, 'src/main.ts');

function jenner(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    cwd: root,
    env: {
      ...processEnvironment(),
      JENNER_AUTH: 'off',
      JENNER_LOG: 'warn',
      JENNER_STORE: `sqlite:${folder.path}/s.sqlite`,
      ...env,
    },
  });
  running.push(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += String(chunk)));
  child.stderr.on('data', (chunk) => (said.err += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, said, ended };
}

async function serve(env: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const server = jenner(['serve'], { JENNER_PORT: String(port), ...env });
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  // How long it may take is the test's own bound.
  for (;;) {
    const ready = await get('/health/ready').catch(() => undefined);
    if (ready?.status === 200) return { ...server, port, get };
    if (server.child.exitCode !== null) throw new Error(`not ready: ${server.said.err}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const importing = () => ['import', folder.at('p.ndjson'), '--rejected', folder.path];

it('imports, serves, says what jobs there were, and stops when it is told to', async () => {
  const lines = [
    {
      resourceType: 'Immunization',
      id: 'i',
      status: 'completed',
      vaccineCode: { text: 'x' },
      occurrenceDateTime: '2025-01-01',
      patient: { reference: 'Patient/p' },
    },
    { resourceType: 'Patient', id: 'p', name: [{ family: 'Smith' }] },
  ];
  folder.write('p.ndjson', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const imported = await jenner(importing(), { JENNER_REFERENTIAL: 'patient' }).ended;
  expect([imported.code, imported.err]).toEqual([0, '']);
  expect(imported.out).toContain('2 created');
  const server = await serve();
  const ready = (await server.get('/health/ready')).body;
  expect(ready['status']).toBe('ok');
  expect(ofIndex(ready)).toEqual([]);
  expect((await server.get('/fhir/Patient?name=smith&_summary=count')).body['total']).toBe(1);
  expect((await server.get('/fhir/Task?status=completed&_summary=count')).body['total']).toBe(1);
  // What the demo plays is the demo's alone.
  for (const path of ['/demo', '/demo/lantern/fhir/.well-known/smart-configuration']) {
    expect((await server.get(path)).status).toBe(404);
  }
  const jobs = await jenner(['jobs', '--json'], {}).ended;
  expect(JSON.parse(jobs.out)).toMatchObject([{ kind: 'import', state: 'finished' }]);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
}, 60_000);

/** Beside them a server may say that its schedule is old. */
function ofIndex(body: Readonly<Record<string, unknown>>): readonly string[] {
  const { warnings = [] } = body as { readonly warnings?: readonly string[] };
  return warnings.filter((text) => text.startsWith('the index of'));
}

it('draws by itself anew what was not drawn as it is searched, and says so until then', async () => {
  writeFileSync(
    folder.at('p.ndjson'),
    `${JSON.stringify({ resourceType: 'Patient', id: 'p', name: [{ family: 'Smith' }] })}\n`,
  );
  await jenner(importing(), { JENNER_FULL_TEXT: 'off' }).ended;
  const server = await serve({ JENNER_FULL_TEXT: 'on' });
  expect(server.said.err).toContain('warning: the index of');
  for (let tries = 0; ; tries++) {
    const { body } = await server.get('/health/ready');
    if (ofIndex(body).length === 0) break;
    expect(tries).toBeLessThan(150);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect((await server.get('/fhir/Patient?_content=smith&_summary=count')).body['total']).toBe(1);
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
}, 60_000);

it('opens a store of the release before, answers at once, and draws it anew in the background', async () => {
  const packed = readFileSync(new URL('../data/upgrade/sqlite-0001.sqlite.gz', import.meta.url));
  folder.write('s.sqlite', gunzipSync(packed));
  const server = await serve();
  expect((await server.get('/fhir/Patient?_summary=count')).body['total']).toBeGreaterThan(2);
  expect((await server.get('/fhir/Group/school')).status).toBe(200);
  for (let tries = 0; ; tries++) {
    const { body } = await server.get('/fhir/Task?status=completed&code=reindex&_summary=count');
    if (body['total'] === 1) break;
    expect(tries).toBeLessThan(150);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  const store = await openSqliteStore({ path: folder.at('s.sqlite') });
  expect(await store.unplacedVersions(1)).toEqual([]);
  expect(await store.readRecord('index', 'Patient')).toBeDefined();
  await store.close();
}, 60_000);

it('answers what is under way when it is told to stop, and ends the rest after a grace', async () => {
  const server = await serve({ JENNER_STOP_GRACE: '1' });
  const half = connect(server.port, '127.0.0.1');
  half.on('error', () => undefined);
  half.write(
    'POST /fhir/Patient HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{',
  );
  const sent = connect(server.port, '127.0.0.1');
  let answer = '';
  sent.on('data', (chunk) => {
    answer += String(chunk);
  });
  const body = '{"resourceType":"Patient"}';
  const head = `POST /fhir/Patient HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  sent.write(`${head}\r\n\r\n${body.slice(0, 9)}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  server.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 200));
  sent.write(body.slice(9));
  expect(await server.ended).toMatchObject({ code: 0 });
  expect(answer).toContain('HTTP/1.1 201 Created');
  half.destroy();
});

it('backs up beside a running server, restores, and forecasts from what was restored', async () => {
  writeFileSync(
    folder.at('p.ndjson'),
    `${JSON.stringify({ resourceType: 'Patient', id: 'p', birthDate: '2025-12-01', gender: 'female' })}\n`,
  );
  folder.write('key', 'k'.repeat(32));
  await jenner(importing(), {}).ended;
  const server = await serve();
  const sealed = ['--key', folder.at('key'), folder.at('b.jenner')];
  const env = { JENNER_DATA: folder.at('data') };
  expect(await jenner(['backup', ...sealed], env).ended).toMatchObject({ code: 0, err: '' });
  server.child.kill('SIGTERM');
  expect((await server.ended).code).toBe(0);
  const mongo = await jenner(['backup', ...sealed], { JENNER_STORE: 'mongodb://x/' }).ended;
  expect([mongo.code, mongo.err]).toEqual([1, expect.stringContaining('mongodump')]);
  const elsewhere = { JENNER_STORE: `sqlite:${folder.path}/new/s.sqlite`, JENNER_DATA: folder.at('new') };
  expect((await jenner(['restore', ...sealed], elsewhere).ended).out).toContain('restored ');
  const forecast = await jenner(['forecast', '--patient', 'p', '--date', '2026-03-01'], elsewhere).ended;
  expect([forecast.code, forecast.out]).toEqual([0, expect.stringContaining('Patient/p, born 2025-12-01')]);
  expect(await jenner(['restore', ...sealed], elsewhere).ended).toMatchObject({ code: 1 });
}, 90_000);

it('forecasts for the day where the registry is, and knows no zone by another name', async () => {
  folder.write('p.ndjson', JSON.stringify({ resourceType: 'Patient', id: 'p', birthDate: '2025-12-01' }));
  await jenner(importing(), {}).ended;
  const told = (zone: string) =>
    jenner(['forecast', '--patient', 'p', '--json'], { JENNER_TIME_ZONE: zone }).ended;
  const dayIn = async (zone: string) => /"date":\s*"([0-9-]{10})"/.exec((await told(zone)).out)?.[1];
  // 26 hours apart: there it is never the same day.
  const [east = '', west = ''] = [await dayIn('Pacific/Kiritimati'), await dayIn('Etc/GMT+12')];
  expect([east > west, west.length]).toEqual([true, 10]);
  const { code, err } = await told('Boston');
  expect([code, err]).toEqual([1, expect.stringContaining('JENNER_TIME_ZONE=Boston: expected a name of')]);
}, 180_000);

it('names what is no store, and leaves it as it is', async () => {
  const file = folder.at('a.csv');
  writeFileSync(file, 'a,b\n');
  const { code, err } = await jenner(['jobs'], { JENNER_STORE: `sqlite:${file}` }).ended;
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^jenner: .*a\.csv cannot be opened as a SQLite store/),
  ]);
  expect(readFileSync(file, 'utf8')).toBe('a,b\n');
}, 60_000);

it('ends with exit code 1 where another program listens on its port', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { code, err } = await jenner(['serve'], { JENNER_PORT: String(port) }).ended;
  other.close();
  expect([code, err]).toEqual([1, expect.stringContaining('another program listens there')]);
});

it('refuses a day for a file, which has its own', async () => {
  const { code, err } = await jenner(['forecast', 'p.json', '--date', '2026-01-01'], {}).ended;
  expect([code, err]).toEqual([1, expect.stringContaining('--date goes with --patient')]);
});
