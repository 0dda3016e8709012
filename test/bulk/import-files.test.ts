import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImportProgress, importFiles } from '../../src/bulk/import-files.ts';
import { findSources } from '../../src/bulk/import-source.ts';
import type { PrepareElsewhere } from '../../src/bulk/prepared-lines.ts';
import { findRejectedRoom, openRejectedFile } from '../../src/bulk/rejected-file.ts';
import { describeFailure } from '../../src/cli/describe-failure.ts';
import { Problem } from '../../src/fhir/problem.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import { placeId } from '../../src/interaction/place-id.ts';
import { prepareAhead } from '../../src/interaction/prepare-ahead.ts';
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

const quiet: ImportProgress = { begin: () => undefined, advance: () => undefined, end: () => undefined };
const lines = (resources: readonly object[]) =>
  `${resources.map((each) => JSON.stringify(each)).join('\n')}\n`;
const file = (name: string, content: string | Buffer) => folder.write(name, content);
/** Whether lines are prepared ahead, as a thread does it where an operator imports. */
let isAhead = false;
const prepareHere: PrepareElsewhere = async (texts, places) =>
  texts.map((text, i) => prepareAhead(server.ctx, text, () => placeId(places[i] ?? '')));
const options = () => ({
  ...(isAhead && { prepare: prepareHere }),
  jobs: { store: server.store, clock: systemClock, owner: 'test', log: () => {} },
  rejectedDirectory: folder.at('out'),
  skipUnkept: false,
  progress: quiet,
  linesPerCheckpoint: 2000,
});
const run = async (ctx?: Partial<InteractionContext>, skipUnkept = false) =>
  importFiles({ ...server.ctx, ...ctx }, (await findSources([folder.path])).sources, {
    ...options(),
    skipUnkept,
  });
const rejected = (name: string) =>
  readFileSync(join(folder.path, 'out', `${name}.rejected.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const inFolder = (name: string) => folder.at(name);
const total = async (type: string) => (await server.get(`/fhir/${type}?_summary=count`)).body.total;

const clinic = { resourceType: 'Location', id: 'l1', identifier: [{ system: 'urn:npi', value: '9' }] };
const patient = { resourceType: 'Patient', id: 'p1', birthDate: '2020-01-01' };
const dose = {
  resourceType: 'Immunization',
  id: 'i1',
  status: 'completed',
  vaccineCode: { text: 'x' },
  patient: { reference: 'Patient/p1' },
  occurrenceDateTime: '2020-03-01T10:00:00-05:00',
  location: { reference: 'Location?identifier=urn:npi|9', display: 'Clinic' },
};

const ways = [
  ['line by line', false],
  ['prepared ahead', true],
] as const;

describe.each(ways)('jenner import, %s', (_name, ahead) => {
  beforeEach(() => {
    isAhead = ahead;
  });

  it('imports NDJSON, gzip too, files that others refer to first, and resolves conditional references', async () => {
    file('a-doses.ndjson.gz', gzipSync(lines([dose])));
    file('b-patients.ndjson', lines([patient]));
    file('c-places.ndjson', lines([clinic]));
    expect(await run()).toMatchObject({ created: 3, rejected: 0 });
    const { body } = await server.get('/fhir/Immunization/i1');
    expect(body.location).toEqual({ reference: 'Location/l1', display: 'Clinic' });
    expect(await run()).toMatchObject({ created: 0, unchanged: 3 });
  });

  it('keeps what it refuses, with line, reason and text, and goes on', async () => {
    file(
      'p.ndjson',
      `${JSON.stringify(patient)}\n{"resourceType":"Patient",\n\n{"resourceType":"Pation","id":"x"}\n${JSON.stringify({ ...patient, id: 'a_b' })}\n${JSON.stringify({ ...dose, location: { reference: 'Location?identifier=none' } })}\n${JSON.stringify({ ...patient, id: 'p2' })}\n`,
    );
    expect(await run()).toMatchObject({ created: 2, rejected: 4 });
    const kept = rejected('p').sort((a, b) => a.line - b.line);
    expect(kept.map(({ line, reason }) => [line, reason])).toEqual([
      [2, expect.stringContaining('not FHIR JSON')],
      [4, expect.stringContaining('"Pation"')],
      [5, expect.stringContaining('not a FHIR id')],
      [6, expect.stringContaining('matches no resource')],
    ]);
    expect(kept[0].text).toBe('{"resourceType":"Patient",');
  });

  it('lets the last line of an id win, however many are under way at once', async () => {
    file('p.ndjson', lines(Array.from({ length: 300 }, (_, n) => ({ ...patient, language: `v${n}` }))));
    await run();
    expect((await server.get('/fhir/Patient/p1')).body.language).toBe('v299');
  });

  it('finds resources without an id again instead of making them twice', async () => {
    const { id: _, ...nameless } = patient;
    file('p.ndjson', lines([nameless, nameless]));
    expect(await run()).toMatchObject({ created: 2 });
    expect(await run()).toMatchObject({ created: 0, unchanged: 2 });
    expect(await total('Patient')).toBe(2);
  });

  it('goes on at the checkpoint after it was interrupted', async () => {
    file('p.ndjson', lines(Array.from({ length: 5000 }, (_, n) => ({ ...patient, id: `p${n}` }))));
    let writes = 0;
    const { store } = server;
    const failing: typeof store = {
      ...store,
      write: async (unit) => {
        writes++;
        if (writes > 4500) throw new Error('the disk is gone');
        return store.write(unit);
      },
    };
    await expect(run(openContext(server.context, failing, { kind: 'open' }))).rejects.toThrow(
      'the disk is gone',
    );
    const second = await run();
    expect(second.skipped).toBe(4000);
    expect(second.created + second.unchanged).toBe(1000);
    expect(await total('Patient')).toBe(5000);
    expect(await run()).toMatchObject({ skipped: 0, unchanged: 5000 });
  });

  it('runs transactions and batches, and writes the entries of other Bundles', async () => {
    const entry = (resource: object & { resourceType: string }) => ({
      fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
      resource,
      request: { method: 'POST', url: resource.resourceType },
    });
    file('t.json', JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [entry(patient)] }));
    file(
      'c.json',
      JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: clinic }] }),
    );
    file('s.json', JSON.stringify({ ...patient, id: 'single' }));
    expect(await run()).toMatchObject({ created: 3, rejected: 0 });
    await run();
    expect(await total('Patient')).toBe(2);
    expect((await server.get('/fhir/Location/l1')).status).toBe(200);
  });

  it('keeps a Bundle whole or not at all, and says why', async () => {
    file(
      't.json',
      JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [{ resource: patient }] }),
    );
    expect(await run()).toMatchObject({ created: 0, rejected: 1 });
    expect(rejected('t')[0].reason).toContain('Bundle.entry[0]');
  });

  it.each(['collection', 'batch'])('keeps the digits of what a %s has that was rejected', async (type) => {
    const text = JSON.stringify({
      resourceType: 'Bundle',
      type,
      entry: [
        {
          resource: { ...dose, doseQuantity: { value: 7 }, status: 'given' },
          request: { method: 'POST', url: 'Immunization' },
        },
      ],
    });
    file('t.json', text.replace('"value":7', '"value":0.50'));
    expect(await run()).toMatchObject({ created: 0, rejected: 1 });
    expect(rejected('t')[0].text).toContain('"value":0.50');
  });

  it('names each path that it cannot import, and takes the others', async () => {
    file('x.csv', 'a,b');
    file('p.ndjson', lines([patient]));
    file('damaged.ndjson.gz', 'no gzip');
    mkdirSync(folder.at('folder.ndjson'));
    const { sources, unusable } = await findSources([folder.path, ...['none.ndjson', 'x.csv'].map(inFolder)]);
    expect(sources.map(({ path }) => path)).toEqual([inFolder('p.ndjson')]);
    expect(unusable.map(describeFailure).sort()).toEqual([
      `${inFolder('damaged.ndjson.gz')}: its gzip data is damaged (incorrect header check)`,
      `${inFolder('folder.ndjson')}: it is a folder; a file was expected`,
      `${inFolder('none.ndjson')}: there is no such file or folder`,
      `${inFolder('x.csv')}: expected .ndjson, .jsonl, .json, .hl7 or .er7, or one of these with .gz`,
    ]);
  });

  it.each(['ndjson', 'json'])(
    'names a .%s.gz that breaks off, and imports the other files',
    async (format) => {
      // Of what does not compress, so that something comes out before the end is missed.
      const many = Array.from({ length: 3000 }, () => ({ ...patient, id: randomUUID() }));
      const whole =
        format === 'ndjson' ? lines(many) : JSON.stringify({ resourceType: 'Bundle', type: 'collection' });
      const packed = gzipSync(whole);
      file(`a.${format}.gz`, packed.subarray(0, packed.length - 12));
      file('b.ndjson', lines([patient]));
      const { sources, unusable } = await findSources([folder.path]);
      // How far it can be read before the break is met is zlib's affair.
      const failures: (Error | undefined)[] = [...unusable];
      await importFiles(server.ctx, sources, {
        ...options(),
        progress: { ...quiet, end: (_source, _counts, failure) => void failures.push(failure) },
      });
      expect(failures.flatMap((failure) => (failure ? describeFailure(failure) : []))).toEqual([
        `${inFolder(`a.${format}.gz`)}: its gzip data is damaged (unexpected end of file)`,
      ]);
      expect((await server.get('/fhir/Patient/p1')).status).toBe(200);
      // A Bundle is read whole before anything of it is done.
      if (format === 'ndjson') expect(await total('Patient')).toBeGreaterThan(1);
      else expect(await total('Patient')).toBe(1);
    },
  );

  it('keeps what still waited for a reference when the file broke off', async () => {
    await server.close();
    server = await openTestServer({ referential: 'patient' });
    const { location: _, ...waiting } = dose;
    const many = Array.from({ length: 3000 }, () => ({ ...patient, id: randomUUID() }));
    const packed = gzipSync(lines([waiting, ...many]));
    file('a.ndjson.gz', packed.subarray(0, packed.length - 12));
    expect(await run()).toMatchObject({ unreadable: 1, rejected: 1 });
    expect(rejected('a')[0]).toMatchObject({ line: 1 });
  });

  it('ends a line where NDJSON ends it, not at a separator within a text', async () => {
    const name = [{ text: 'a\u2028b\u2029c' }];
    file(
      'p.ndjson',
      `${JSON.stringify({ ...patient, name })}\r\n${JSON.stringify({ ...patient, id: 'p2' })}`,
    );
    expect(await run()).toMatchObject({ created: 2, rejected: 0 });
    expect((await server.get('/fhir/Patient/p1')).body.name).toEqual(name);
  });

  it('refuses what is no UTF-8 instead of guessing at names', async () => {
    const latin1 = '{"resourceType":"Patient","id":"m","name":[{"family":"M\u00fcller"}]}\n';
    file(
      'p.ndjson',
      Buffer.concat([Buffer.from(latin1, 'latin1'), Buffer.from(latin1.replace('"m"', '"u"'))]),
    );
    expect(await run()).toMatchObject({ created: 1, rejected: 1 });
    expect(rejected('p')[0]).toMatchObject({ line: 1 });
    expect((await server.get('/fhir/Patient/u')).body.name[0].family).toBe('M\u00fcller');
    file('q.json', Buffer.from(latin1, 'latin1'));
    expect(await run()).toMatchObject({ unreadable: 1 });
  });

  it('counts what a transaction leaves as it is as unchanged', async () => {
    const put = (resource: { resourceType: string; id: string }) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    });
    const read = { request: { method: 'GET', url: 'Patient/p1' } };
    for (const type of ['transaction', 'batch']) {
      file(
        `${type}.json`,
        JSON.stringify({ resourceType: 'Bundle', type, entry: [put(patient), put(clinic), read] }),
      );
    }
    expect(await run()).toMatchObject({ created: 2, updated: 0, unchanged: 2 });
    expect(await run()).toMatchObject({ created: 0, updated: 0, unchanged: 4 });
  });
});

describe.each(ways)('what an import refuses, %s', (_name, ahead) => {
  beforeEach(() => {
    isAhead = ahead;
  });

  const bad = (id: string) => ({ ...patient, id, gender: 'x' });

  it('is named entry by entry where a transaction is refused', async () => {
    const put = (resource: { id: string }) => ({
      resource,
      request: { method: 'PUT', url: `Patient/${resource.id}` },
    });
    const entry = [put(patient), put(bad('1')), { resource: patient }, put(bad('2'))];
    file('t.json', JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
    expect(await run()).toMatchObject({ created: 0, rejected: 3 });
    expect(rejected('t').map(({ line, issues }) => [line, issues[0].expression])).toEqual([
      [2, 'Bundle.entry[1].resource.gender'],
      [3, 'Bundle.entry[2]'],
      [4, 'Bundle.entry[3].resource.gender'],
    ]);
  });

  it('is kept a source, and not twice when the import is run again', async () => {
    file('p.ndjson', lines([bad('1')]));
    file('p.json', JSON.stringify(bad('2')));
    await run();
    await run();
    const kept = readdirSync(inFolder('out')).map((name) => [
      name,
      readFileSync(join(folder.path, 'out', name), 'utf8')
        .trim()
        .split('\n').length,
    ]);
    expect(kept).toEqual([
      ['p.ndjson.rejected.ndjson', 1],
      ['p.rejected.ndjson', 1],
    ]);
    expect(rejected('p')[0]).toMatchObject({ source: inFolder('p.json'), line: 1 });
    file('p.json', JSON.stringify(patient));
    await run();
    expect(readdirSync(inFolder('out'))).toEqual(['p.ndjson.rejected.ndjson']);
  });

  it('stands there once after an interrupted import has gone on', async () => {
    const people = Array.from({ length: 3000 }, (_, n) =>
      n % 1000 === 0 ? bad(`b${n}`) : { ...patient, id: `p${n}` },
    );
    file('p.ndjson', lines(people));
    const { store } = server;
    let writes = 0;
    const failing: typeof store = {
      ...store,
      write: async (unit) => {
        if (++writes > 2500) throw new Error('the disk is gone');
        return store.write(unit);
      },
    };
    await expect(run(openContext(server.context, failing, { kind: 'open' }))).rejects.toThrow();
    await run();
    expect(
      rejected('p')
        .map(({ line }) => line)
        .sort((a, b) => a - b),
    ).toEqual([1, 1001, 2001]);
  });

  it('fills the room that there is, and no more', async () => {
    const options = { source: 'p.ndjson', directory: folder.path, done: 0 };
    const room = { left: 300 };
    const problem = new Problem('invalid-content', 'bad');
    const kept = await openRejectedFile({ ...options, room });
    await kept.write(1, 'x', problem);
    await expect(kept.write(2, 'x'.repeat(300), problem)).rejects.toThrow('p.ndjson: so much was refused');
    await kept.close();
    expect((await findRejectedRoom(folder.path)).left).toBeLessThanOrEqual(1024 ** 3);
  });
});
