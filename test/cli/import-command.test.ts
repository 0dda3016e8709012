import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runImport } from '../../src/cli/import-command.ts';
import { systemClock } from '../../src/values/clock.ts';
import { mmr, sampleVxu } from '../http/hl7v2/sample-vxu.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { useFolder } from '../use-folder.ts';
import { messagesOf } from './message-port.ts';

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
    messages: messagesOf(server.ctx, server.store),
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
    `passed over: ${folder.at('gone')} (no .ndjson, .jsonl, .json, .hl7 or .er7)`,
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

const rejectedIn = (name: string) =>
  readFileSync(folder.at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('imports batches of messages as if a connection had brought them, and writes beside what it refused', async () => {
  const messages = Array.from({ length: 20 }, (_, n) =>
    sampleVxu({
      controlId: `B${n}`,
      mrn: `b${n % 10}`,
      family: `Batch${n % 10}`,
      birth: `2024010${n % 10 || 1}`,
    }),
  );
  const half = sampleVxu({
    controlId: 'HALF',
    mrn: 'half',
    family: 'Half',
    orders: [...mmr, ...mmr.map((segment) => segment.replace('03^MMR^CVX', '^^CVX'))],
  });
  const refused = sampleVxu({ controlId: 'NOBODY', family: '' });
  const text = ['FHS|^~\\&|\rBHS|^~\\&|\r', ...messages, half, refused, 'BTS|22\rFTS|1\r'].join('');
  folder.write('b.hl7', text);
  const { code, out } = await run(['b.hl7']);
  expect(out).toMatch(
    /imported 1 files: 20 messages accepted, 1 kept in part, 1 refused .*; see \*\.rejected\.ndjson/,
  );
  expect(code).toBe(1);
  expect(await server.store.count(['Patient'], { kind: 'and', of: [] })).toBe(11);
  expect(
    rejectedIn('b.hl7.rejected.ndjson')
      .sort((a, b) => a.line - b.line)
      .map(({ line, text: sent, reason }) => [line, sent.slice(0, 3), reason]),
  ).toEqual([
    [21, 'MSH', expect.stringMatching(/^RXA-2-5.*: RXA-5 /)],
    [22, 'MSH', expect.stringMatching(/^PID-1-5.*: PID-5/)],
  ]);
  // Who runs it again doubles nothing.
  expect((await run(['b.hl7'])).out).toMatch(/20 messages accepted, 1 kept in part, 1 refused/);
  expect(await server.store.count(['Immunization'], { kind: 'and', of: [] })).toBe(21);
});

it('reads each message of a file by its own character set', async () => {
  const latin = sampleVxu({ controlId: 'L', mrn: 'l', family: 'Mu\xf1oz' });
  folder.write('l.hl7', Buffer.from(latin.replace('|ER|AL||||', '|ER|AL||8859/1||'), 'latin1'));
  expect((await run(['l.hl7'])).code).toBe(0);
  const { body } = await server.get('/fhir/Patient?identifier=l');
  expect(body.entry[0].resource.name[0].family).toBe('Muñoz');
});

it('says which batches are not whole', async () => {
  const two = [sampleVxu({ controlId: 'T1', mrn: 't1' }), sampleVxu({ controlId: 'T2', mrn: 't2' })].join('');
  folder.write('count.hl7', `BHS|^~\\&|\r${two}BTS|40\r`);
  const counted = await run(['count.hl7']);
  expect([counted.code, counted.out]).toEqual([
    1,
    expect.stringContaining('2 messages accepted, 0 kept in part, 0 refused, 1 batches or files not whole'),
  ]);
  expect(rejectedIn('count.hl7.rejected.ndjson').map(({ reason }) => reason)).toEqual([
    'BTS says that the batch holds 40 messages, and it holds 2',
  ]);
  folder.write('cut.hl7', `FHS|^~\\&|\rBHS|^~\\&|\r${two}`);
  expect((await run(['cut.hl7'])).code).toBe(1);
  folder.write('whole.hl7', `FHS|^~\\&|\rBHS|^~\\&|\r${two}BTS|2\rFTS|1\r`);
  expect((await run(['whole.hl7'])).code).toBe(0);
});
