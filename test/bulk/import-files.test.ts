import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ImportProgress, importFiles } from '../../src/bulk/import-files.ts';
import { findSources } from '../../src/bulk/import-source.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import { systemClock } from '../../src/values/clock.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
let folder: string;
beforeEach(async () => {
  server = await openTestServer();
  folder = mkdtempSync(join(tmpdir(), 'jenner-import-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const quiet: ImportProgress = { begin: () => undefined, advance: () => undefined, end: () => undefined };
const lines = (resources: readonly object[]) =>
  `${resources.map((each) => JSON.stringify(each)).join('\n')}\n`;
const file = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
const run = async (ctx?: Partial<InteractionContext>) =>
  importFiles({ ...server.ctx, ...ctx }, await findSources([folder]), {
    jobs: { store: server.store, clock: systemClock, owner: 'test', log: () => {} },
    rejectedDirectory: join(folder, 'out'),
    progress: quiet,
    linesPerCheckpoint: 2000,
  });
const rejected = (name: string) =>
  readFileSync(join(folder, 'out', `${name}.rejected.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
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

describe('jenner import', () => {
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

  it('names a path that it cannot import', async () => {
    await expect(findSources([join(folder, 'none.ndjson')])).rejects.toThrow('none.ndjson');
    file('x.csv', 'a,b');
    await expect(findSources([join(folder, 'x.csv')])).rejects.toThrow('expected .ndjson');
  });
});
