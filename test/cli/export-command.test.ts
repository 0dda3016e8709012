import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ExportCommand, type ExportOptions, runExport } from '../../src/cli/export-command.ts';
import { runImport } from '../../src/cli/import-command.ts';
import type { StatesOf } from '../../src/export/persons-in-states.ts';
import { viewsOf } from '../../src/shipped/views.ts';
import { systemClock } from '../../src/values/clock.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { useFolder } from '../use-folder.ts';
import { messagesOf } from './message-port.ts';

const folder = useFolder();
const servers: TestServer[] = [];
let server: TestServer;
const open = async () => {
  const opened = await openTestServer();
  servers.push(opened);
  return opened;
};
beforeEach(async () => {
  server = await open();
});
afterEach(async () => {
  for (const each of servers.splice(0)) await each.close();
});

function said() {
  const output = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough;
  const lines: string[] = [];
  output.on('data', (chunk) => lines.push(String(chunk)));
  return { output, text: () => lines.join('') };
}
const jobsOf = ({ store }: TestServer) => ({ store, clock: systemClock, owner: 'test', log: () => {} });

async function exportTo(
  name: string,
  options: ExportOptions & Partial<Pick<ExportCommand, 'store' | 'jobs' | 'states'>> = {},
  from = server,
) {
  const { output, text } = said();
  const { ctx, store } = from;
  const code = await runExport({
    ctx,
    store,
    jobs: jobsOf(from),
    operations: from.operations,
    states: undefined,
    ...options,
    folder: folder.at(name),
    views: viewsOf(store),
    output,
  });
  return { code, text: text() };
}

async function importFrom(name: string, to: TestServer) {
  const { output, text } = said();
  const code = await runImport({
    ctx: to.ctx,
    jobs: jobsOf(to),
    files: [folder.at(name)],
    rejectedDirectory: folder.path,
    skipUnkept: false,
    messages: messagesOf(to.ctx, to.store),
    output,
    errors: () => undefined,
  });
  return { code, text: text() };
}

const linesIn = (name: string): readonly string[] =>
  readdirSync(folder.at(name))
    .filter((file) => file.endsWith('.gz'))
    .sort()
    .flatMap((file) =>
      gunzipSync(readFileSync(join(folder.at(name), file)))
        .toString()
        .split('\n')
        .slice(0, -1),
    );

async function fill(): Promise<void> {
  const put = async (resource: { readonly resourceType: string; readonly id: string }) =>
    server.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, resource);
  for (const id of ['p', 'q']) {
    await put({ resourceType: 'Patient', id, name: [{ family: 'Ünïcode "\\\n\u2028' }] } as never);
    await server.send(
      'PUT',
      `/fhir/Immunization/d${id}`,
      `{"resourceType":"Immunization","id":"d${id}","status":"completed","vaccineCode":{"text":"MMR"},
        "patient":{"reference":"Patient/${id}"},"occurrenceDateTime":"2024-02","doseQuantity":{"value":0.50}}`,
    );
  }
  const member = [{ entity: { reference: 'Patient/p' } }];
  await put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member } as never);
}

it('writes what import takes back: in the same registry nothing changes, byte by byte', async () => {
  await fill();
  const { code, text } = await exportTo('one');
  expect(code).toBe(0);
  expect(text).toMatch(/exported \d+ resources into \d+ files \(.*\); next time: --since \d{4}-/);
  const lines = linesIn('one');
  expect(lines).toContain((await server.get('/fhir/Immunization/dp')).text);
  const imported = await importFrom('one', server);
  expect(imported.text).toMatch(`0 created, 0 updated, ${lines.length} unchanged, 0 rejected`);
  await exportTo('two');
  expect(linesIn('two')).toEqual(lines);
});

it('comes to the same resources in another registry, but for the version and the time that the server sets', async () => {
  await fill();
  await exportTo('one');
  const other = await open();
  expect((await importFrom('one', other)).code).toBe(0);
  await exportTo('two', {}, other);
  const unstamped = (line: string) =>
    line
      .replace(/"versionId":"\d+"/, '"versionId":"-"')
      .replace(/"lastUpdated":"[^"]+"/, '"lastUpdated":"-"');
  expect(linesIn('two').map(unstamped)).toEqual(linesIn('one').map(unstamped));
});

it('exports some types, a Group, and what is new and what was deleted', async () => {
  await fill();
  await exportTo('types', { type: ['Patient'] });
  expect(readdirSync(folder.at('types'))).toEqual(['Patient-1.ndjson.gz']);
  const { text } = await exportTo('group', { group: 'g', type: ['Patient', 'Immunization'] });
  expect(linesIn('group').map((line) => JSON.parse(line).id)).toEqual(['dp', 'p']);
  const [, since = ''] = /--since (\S+)/.exec(text) ?? [];
  await server.send('PUT', '/fhir/Patient/q', { resourceType: 'Patient', id: 'q', gender: 'male' });
  await server.send('DELETE', '/fhir/Immunization/dq');
  await exportTo('new', { since, type: ['Patient', 'Immunization'] });
  expect(linesIn('new').map((line) => JSON.parse(line).id)).toEqual(['q']);
  expect(linesIn('new/deleted').join('')).toContain('Immunization/dq');
});

it('writes tables: of views by name, or of those that ship, as Parquet or CSV', async () => {
  await fill();
  expect((await exportTo('tables', { view: ['patient', 'immunization'] })).text).toMatch(
    /exported 4 rows into 2 files/,
  );
  expect(readdirSync(folder.at('tables')).sort()).toEqual(['immunization-1.parquet', 'patient-1.parquet']);
  expect(readFileSync(folder.at('tables/patient-1.parquet'), 'latin1').slice(0, 4)).toBe('PAR1');
  await exportTo('csv', { format: 'csv', group: 'g' });
  expect(readdirSync(folder.at('csv')).sort()).toEqual(['immunization-1.csv.gz', 'patient-1.csv.gz']);
  expect(gunzipSync(readFileSync(folder.at('csv/immunization-1.csv.gz'))).toString()).toMatch(
    /^id,patient_id,.*\r\ndp,p,completed,/,
  );
  await expect(exportTo('bad', { view: ['none'] })).rejects.toThrow('there is no such view');
  expect(existsSync(folder.at('bad'))).toBe(false);
  await expect(exportTo('bad', { view: ['patient'], format: 'ndjson' })).rejects.toThrow('goes with');
});

it('writes forecasts as of a day', async () => {
  const birthDate = '2020-05-17';
  await server.send('PUT', '/fhir/Patient/p', {
    resourceType: 'Patient',
    id: 'p',
    gender: 'male',
    birthDate,
  });
  await exportTo('due', { view: ['recommendation'], format: 'csv', asOf: '2026-11-28' });
  const text = gunzipSync(readFileSync(folder.at('due/recommendation-1.csv.gz'))).toString();
  expect(text).toMatch(/\r\np,2026-11-28,MMR,/);
});

it('writes into no folder that holds something', async () => {
  mkdirSync(folder.at('full'));
  writeFileSync(folder.at('full/mine.txt'), 'x');
  await expect(exportTo('full')).rejects.toThrow('new or empty');
  await expect(exportTo('bad', { type: ['Nonsense'] })).rejects.toThrow('Nonsense');
  await expect(exportTo('bad', { group: 'no id' })).rejects.toThrow('expected the id of a Group');
});

describe('an export that was interrupted', () => {
  const types = ['Group', 'Immunization', 'Patient'];
  const usual = () => jobsOf(server);
  /** Reads as the store does, and first tells of every page of Patients. */
  const onPatients = (told: () => Promise<void>): ExportCommand['store'] => ({
    ...server.store,
    scanSnapshot: async (query) => {
      if (query.type === 'Patient') await told();
      return server.store.scanSnapshot(query);
    },
  });
  const filesIn = (name: string) => readdirSync(folder.at(name)).sort();
  const whole = ['Group-1.ndjson.gz', 'Immunization-1.ndjson.gz', 'Patient-1.ndjson.gz'];
  const interrupt = async (name: string) => {
    const stop = new AbortController();
    const store = onPatients(async () => stop.abort());
    const jobs = { ...usual(), signal: stop.signal };
    await expect(exportTo(name, { type: types, store, jobs })).rejects.toThrow(
      'interrupted: the same command goes on with the export',
    );
  };

  it('by ^C is gone on with behind the last whole file, as of the moment when it began', async () => {
    await fill();
    await interrupt('half');
    expect(filesIn('half')).toEqual(['.jenner-export.json', ...whole.slice(0, 2)]);
    writeFileSync(folder.at('half/Patient-1.ndjson.gz'), 'not whole');
    writeFileSync(folder.at('half/Patient-2.ndjson.gz.a-b.part'), 'not whole');
    await server.send('PUT', '/fhir/Patient/later', { resourceType: 'Patient', id: 'later' });
    const read: string[] = [];
    const store: ExportCommand['store'] = {
      ...server.store,
      scanSnapshot: (query) => {
        read.push(query.type);
        return server.store.scanSnapshot(query);
      },
    };
    const { code, text } = await exportTo('half', { type: types, store });
    expect([code, [...new Set(read)]]).toEqual([0, ['Patient']]);
    expect(text).toMatch(/exported 5 resources into 3 files .*--since 2026-/);
    expect(filesIn('half')).toEqual(whole);
    expect(linesIn('half').map((line) => JSON.parse(line).id)).toEqual(['g', 'dp', 'dq', 'p', 'q']);
    await expect(exportTo('half', { type: types })).rejects.toThrow('new or empty');
  });

  it('by kill -9 is gone on with when it is certain that nobody is at it', async () => {
    await fill();
    const jobs = { ...usual(), pace: { leaseMs: 1500, heartbeatMs: 600_000, pauseMs: 10 } };
    let isReached = () => {};
    const reached = new Promise<void>((resolve) => {
      isReached = resolve;
    });
    const store = onPatients(() => {
      isReached();
      return new Promise(() => undefined);
    });
    void exportTo('killed', { type: types, store, jobs: { ...jobs, owner: 'killed' } });
    await reached;
    const { code, text } = await exportTo('killed', { type: types, jobs });
    expect(code).toBe(0);
    expect(text).toContain('killed is at this folder; waiting');
    expect(filesIn('killed')).toEqual(whole);
    expect(linesIn('killed')).toHaveLength(5);
  });

  it('is not mixed with another, and none is begun where a store does not know it', async () => {
    await fill();
    await interrupt('half');
    await expect(exportTo('half', { type: ['Patient'] })).rejects.toThrow(
      'holds a part of another export (--type Group Immunization Patient): the same command goes on with it',
    );
    const other = await open();
    await expect(exportTo('half', { type: types }, other)).rejects.toThrow('this store does not know');
    expect((await exportTo('half', { type: types })).code).toBe(0);
    mkdirSync(folder.at('bare'));
    const note = JSON.stringify({ job: 'never-begun', asked: '' });
    writeFileSync(folder.at('bare/.jenner-export.json'), note);
    expect((await exportTo('bare')).code).toBe(0);
  });

  it('leaves nothing when it fails', async () => {
    await fill();
    const store = onPatients(async () => {
      throw new Error('broken');
    });
    await expect(exportTo('failed', { type: types, store })).rejects.toThrow('the export failed: broken');
    expect(filesIn('failed')).toEqual([]);
    expect((await exportTo('failed', { type: types })).code).toBe(0);
  });
});

it('asks for a forecast of a Group whose members are by one', async () => {
  await fill();
  const valueExpression = { language: 'text/x-jenner-forecast', expression: 'group=MMR&status=notComplete' };
  const url = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter';
  const modifierExtension = [{ url, valueExpression }];
  await server.send('PUT', '/fhir/Group/due', {
    resourceType: 'Group',
    id: 'due',
    type: 'person',
    actual: true,
    modifierExtension,
  });
  async function* statesOf(_: unknown, ids: Parameters<StatesOf>[1]): ReturnType<StatesOf> {
    for (const id of ids) {
      const [forecastStatus, status] = id === 'q' ? ['notComplete', 'due'] : ['complete', 'complete'];
      yield {
        id,
        groups: [{ group: 'MMR', forecastStatus: String(forecastStatus), status: String(status) }],
      };
    }
  }
  const states = Object.assign(statesOf, { known: { groups: ['MMR'], statuses: ['notComplete'] } });
  const asked = { group: 'due', type: ['Patient'] };
  await exportTo('due', { ...asked, states });
  expect(linesIn('due').map((line) => JSON.parse(line).id)).toEqual(['q']);
  await expect(exportTo('nobody', asked)).rejects.toThrow('nobody forecasts here');
  expect(existsSync(folder.at('nobody'))).toBe(false);
});
