import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { processEnvironment } from '../../src/config.ts';
import { openJobRecords } from '../../src/job/job-records.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { systemClock } from '../../src/values/clock.ts';
import { change, write } from '../contract/fixtures.ts';
import { useFolder } from '../use-folder.ts';

const folder = useFolder();
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

const root = new URL('../../', import.meta.url).pathname;
const people = 20_000;

async function fill(): Promise<void> {
  const store = await openSqliteStore({ path: folder.at('s.sqlite') });
  const padding = 'x'.repeat(3000);
  for (let from = 0; from < people; from += 1000) {
    const changes = Array.from({ length: 1000 }, (_, i) => {
      const id = `p${from + i}`;
      return change({ id, text: JSON.stringify({ resourceType: 'Patient', id, name: [{ text: padding }] }) });
    });
    await write(store, ...changes);
  }
  await store.close();
}

async function serve() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  probe.close();
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'src/main.ts'), 'serve'], {
    cwd: root,
    stdio: 'ignore',
    env: {
      ...processEnvironment(),
      JENNER_AUTH: 'off',
      JENNER_LOG: 'silent',
      JENNER_PORT: String(port),
      JENNER_STORE: `sqlite:${folder.at('s.sqlite')}`,
      JENNER_DATA: folder.at('data'),
    },
  });
  running.push(child);
  const get = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: { prefer: 'respond-async' } });
  for (let tries = 0; tries < 600; tries++) {
    const ready = await get('/health/ready').catch(() => undefined);
    if (ready?.ok) return { child, get };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server did not answer');
}

const pathOf = (url: string) => new URL(url).pathname;

it('is gone on with by the next server when one is killed in the middle of it', async () => {
  await fill();
  const first = await serve();
  const kicked = await first.get('/fhir/$export?_type=Patient');
  expect(kicked.status).toBe(202);
  const status = pathOf(kicked.headers.get('content-location') ?? '');
  const id = status.split('/').at(-1) ?? '';
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await first.get(status)).status).toBe(202);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const second = await serve();
  let answer = await second.get(status);
  for (let tries = 0; answer.status === 202 && tries < 120; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    answer = await second.get(status);
  }
  expect(answer.status).toBe(200);
  const { output } = (await answer.json()) as { readonly output: readonly { readonly url: string }[] };
  const ids = new Set<string>();
  let lines = 0;
  for (const { url } of output) {
    const text = await (await second.get(pathOf(url))).text();
    for (const line of text.trimEnd().split('\n')) {
      ids.add((JSON.parse(line) as { readonly id: string }).id);
      lines++;
    }
  }
  expect([ids.size, lines]).toEqual([people, people]);
  second.child.kill('SIGTERM');
  await once(second.child, 'exit');
  const store = await openSqliteStore({ path: folder.at('s.sqlite') });
  expect((await openJobRecords(store, systemClock).read(id))?.attempts).toBe(2);
  await store.close();
}, 240_000);
