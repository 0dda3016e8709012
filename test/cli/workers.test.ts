import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processEnvironment } from '../../src/config.ts';
import { freePort } from '../free-port.ts';
import { useFolder } from '../use-folder.ts';

// JENNER_WORKERS: several processes as one server.

const folder = useFolder();
let running: ChildProcess[];
beforeEach(() => {
  running = [];
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

const root = new URL('../../', import.meta.url).pathname;

function start(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src/main.ts'), 'serve'], {
    cwd: root,
    env: {
      ...processEnvironment(),
      JENNER_AUTH: 'off',
      JENNER_LOG: 'warn',
      JENNER_STORE: `sqlite:${folder.path}/s.sqlite`,
      JENNER_DATA: folder.path,
      ...env,
    },
  });
  running.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return { child, ended, said: () => said };
}

/** A connection each, so that all workers are asked. */
function ask(
  port: number,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/fhir+json' };
    const agent = new Agent({ keepAlive: false });
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += String(chunk)));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function serve(env: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const server = start({ JENNER_PORT: String(port), JENNER_WORKERS: '2', ...env });
  for (;;) {
    const ready = await ask(port, 'GET', '/health/ready').catch(() => undefined);
    if (ready?.status === 200 && workersOf(server.child).length === 2) return { ...server, port };
    if (server.child.exitCode !== null) throw new Error(`not ready: ${server.said()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The processes that this one has started to answer; a loader of TypeScript is none of them. */
function workersOf({ pid }: ChildProcess): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid && runs(name, 'main.ts'))
    .map(Number);
}

function parentOf(name: string): number | undefined {
  const stat = readOrNothing(`/proc/${name}/stat`);
  return stat === '' ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function runs(name: string, file: string): boolean {
  return readOrNothing(`/proc/${name}/cmdline`).includes(file);
}

/** A process may end while it is looked at. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const person = (family: string) => ({ resourceType: 'Patient', name: [{ family }] });

/** How many requests the metrics tell of, over all workers. */
async function counted(port: number, label: string): Promise<number> {
  const { text } = await ask(port, 'GET', '/metrics');
  const line = text.split('\n').find((one) => one.includes('_seconds_count') && one.includes(label));
  return Number(line?.split(' ').at(-1) ?? 0);
}

it('is one server: what one worker has written all answer, and what all have done is counted together', async () => {
  const { port, child, ended } = await serve();
  const created = await Promise.all(
    Array.from({ length: 30 }, (_, n) => ask(port, 'POST', '/fhir/Patient', person(`F${n}`))),
  );
  expect(created.map(({ status }) => status)).toEqual(created.map(() => 201));
  for (const { text } of created) {
    const { id } = JSON.parse(text) as { readonly id: string };
    for (let times = 0; times < 2; times++)
      expect((await ask(port, 'GET', `/fhir/Patient/${id}`)).status).toBe(200);
  }
  for (let times = 0; times < 3; times++) expect(await counted(port, 'method="POST"')).toBe(30);
  const workers = workersOf(child);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  expect(workers.filter((pid) => parentOf(String(pid)) !== undefined)).toEqual([]);
}, 120_000);

it('loses nothing that was acknowledged when a worker is killed, and starts it again', async () => {
  const { port, child, said } = await serve();
  const acknowledged: string[] = [];
  let isDone = false;
  const write = async () => {
    for (let n = 0; !isDone; n++) {
      const answer = await ask(port, 'POST', '/fhir/Patient', person(`W${n}`)).catch(() => undefined);
      if (answer?.status === 201) acknowledged.push((JSON.parse(answer.text) as { readonly id: string }).id);
    }
  };
  const writers = Array.from({ length: 6 }, write);
  const [victim = 0] = workersOf(child);
  while (acknowledged.length < 40) await new Promise((resolve) => setTimeout(resolve, 20));
  process.kill(victim, 'SIGKILL');
  const before = acknowledged.length;
  while (acknowledged.length < before + 40) await new Promise((resolve) => setTimeout(resolve, 20));
  isDone = true;
  await Promise.all(writers);
  for (const id of acknowledged) expect((await ask(port, 'GET', `/fhir/Patient/${id}`)).status).toBe(200);
  while (workersOf(child).length < 2) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(workersOf(child)).not.toContain(victim);
  expect(said()).toContain(`worker ${victim} ended (SIGKILL)`);
}, 120_000);

it('ends its workers when it is killed itself', async () => {
  const { child, ended } = await serve();
  const workers = workersOf(child);
  child.kill('SIGKILL');
  await ended;
  while (workers.some((pid) => parentOf(String(pid)) !== undefined))
    await new Promise((resolve) => setTimeout(resolve, 50));
}, 120_000);

it('counts the requests of an address over all workers', async () => {
  const { port } = await serve({ JENNER_RATE_LIMIT: '2' });
  const until = performance.now() + 8000;
  let passed = 0;
  while (performance.now() < until) {
    const { status } = await ask(port, 'GET', '/fhir/Patient/none');
    if (status === 404) passed++;
    else await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Ten seconds' worth at once of each worker at the most until they hear of each other, then two a second.
  expect(passed).toBeLessThanOrEqual(2 * 20 + 2 * 8);
}, 120_000);

it.each([
  [{ JENNER_WORKERS: '2', JENNER_STORE: 'sqlite::memory:' }, 'a store in memory is of one process'],
  [{ JENNER_WORKERS: '0' }, 'JENNER_WORKERS'],
  [{ JENNER_WORKERS: 'many' }, 'auto or a number from 1 to 99'],
])(
  'refuses %j',
  async (env, told) => {
    const { code, said } = await start(env).ended;
    expect([code, said]).toEqual([1, expect.stringContaining(told)]);
  },
  60_000,
);

it('ends with the reason when its port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { code, said } = await start({ JENNER_WORKERS: '2', JENNER_PORT: String(port) }).ended;
  expect([code, said]).toEqual([1, expect.stringContaining(String(port))]);
  taken.close();
}, 60_000);
