import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runImport } from '../../src/cli/import-command.ts';
import { systemClock } from '../../src/values/clock.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { useFolder } from '../use-folder.ts';

let server: TestServer;
const folder = useFolder();
beforeEach(async () => {
  server = await openTestServer();
});
afterEach(async () => {
  await server.close();
});

async function run(files: readonly string[], skipUnkept = false, signal?: AbortSignal) {
  const said = { out: '', err: '' };
  const output = new PassThrough();
  output.on('data', (chunk) => (said.out += String(chunk)));
  const code = await runImport({
    ctx: server.ctx,
    jobs: {
      store: server.store,
      clock: systemClock,
      owner: 'test',
      log: () => {},
      ...(signal && { signal }),
    },
    files: files.map((name) => folder.at(name)),
    rejectedDirectory: folder.path,
    skipUnkept,
    output: output as unknown as NodeJS.WriteStream,
    errors: (text) => {
      said.err += text;
    },
  });
  return { code, ...said };
}

it('imports what can be read, names what cannot, and ends with exit code 1', async () => {
  folder.write('p.ndjson', '{"resourceType":"Patient","id":"p"}\n');
  folder.write('x.csv', 'a,b\n');
  expect(await run(['p.ndjson'])).toMatchObject({ code: 0, err: '' });
  const { code, out, err } = await run(['x.csv', 'p.ndjson']);
  expect([code, err]).toEqual([1, expect.stringContaining('x.csv: expected .ndjson')]);
  expect(out).toMatch(
    /imported 1 files: 0 created, 0 updated, 1 unchanged.*; 1 files not read to their end\n$/,
  );
  expect(await run(['x.csv'])).toMatchObject({ code: 1 });
});

it('does not wait for a pipe, which can be read once only', async () => {
  execFileSync('mkfifo', [folder.at('pipe.ndjson')]);
  const { code, err } = await run(['pipe.ndjson']);
  expect([code, err]).toEqual([1, expect.stringContaining('pipe.ndjson: expected a file that can be read')]);
});

it('says what it passed over, by type, and that is no failure', async () => {
  const lines = ['Claim', 'Claim', 'CarePlan', 'Patient'].map((resourceType) =>
    JSON.stringify({ resourceType }),
  );
  folder.write('s.ndjson', lines.join('\n'));
  const { code, out } = await run(['s.ndjson'], true);
  expect([code, out.split('\n').at(-2)]).toEqual([
    0,
    'passed over, of types that this server does not keep: 2 Claim, 1 CarePlan',
  ]);
  folder.write('t.ndjson', '{"resourceType":"Pation"}');
  expect(await run(['t.ndjson'], true)).toMatchObject({ code: 1 });
});

it('knows a file again however its path is written, and says what it left in a folder', async () => {
  folder.write('p.ndjson', '{"resourceType":"Patient","name":[{"family":"Noid"}]}\n');
  folder.write('x.csv', 'a,b\n');
  expect(await run(['p.ndjson'])).toMatchObject({ code: 0, err: '' });
  const again = await run(['', `../${folder.path.split('/').at(-1)}/p.ndjson`]);
  expect(again.out).toMatch(/imported 2 files: 0 created, 0 updated, 2 unchanged/);
  expect([again.code, again.err]).toEqual([0, expect.stringMatching(/^passed over: .*x\.csv \(no \.ndjson/)]);
  expect(await server.store.count(['Patient'], { kind: 'and', of: [] })).toBe(1);
});

it('names folders within a folder, and whatever else it leaves there', async () => {
  folder.write('p.ndjson', '{"resourceType":"Patient","id":"p"}\n');
  mkdirSync(folder.at('2026'));
  folder.write('2026/q.ndjson', '{"resourceType":"Patient","id":"q"}\n');
  symlinkSync(folder.at('2026'), folder.at('linked'));
  symlinkSync(folder.at('nowhere'), folder.at('gone'));
  const { code, out, err } = await run(['']);
  expect([code, out]).toEqual([0, expect.stringContaining('imported 1 files')]);
  const folders = ['2026', 'linked'].map((name) => folder.at(name)).join(', ');
  expect(err.split('\n')).toEqual([
    `passed over: ${folder.at('gone')} (no .ndjson, .jsonl or .json)`,
    `passed over: ${folders} (a folder in a folder; name it to import what it holds)`,
    '',
  ]);
});

it('listens for its end no longer than it works at a file', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `p${n}.json`);
  for (const name of names) folder.write(name, '{"resourceType":"Bundle","type":"transaction"}');
  const { signal } = new AbortController();
  const add = vi.spyOn(signal, 'addEventListener');
  expect(await run(names, false, signal)).toMatchObject({ code: 0 });
  expect(add).toHaveBeenCalledTimes(12);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
