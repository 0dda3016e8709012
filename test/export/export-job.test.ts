import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportJob } from '../../src/export/export-job.ts';
import { type ExportPlan, type ExportResult, exportKind } from '../../src/export/export-plan.ts';
import { openExports } from '../../src/export/exports.ts';
import { type Output, OutputFullError } from '../../src/export/output.ts';
import { openOutputFolder } from '../../src/export/output-folder.ts';
import { openJobRecords } from '../../src/job/job-records.ts';
import { openJobRunner } from '../../src/job/job-runner.ts';
import { everything, type Filter, nothing } from '../../src/search/filter.ts';
import { clockIn } from '../../src/values/clock.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import { utc } from '../../src/values/time-zone.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
let folder: string;
let output: Output;
let now = Date.UTC(2026, 0, 2);
const clock = clockIn(utc, { now: () => now as EpochMs });
const pace = { leaseMs: 1_000, heartbeatMs: 20, pauseMs: 5 };

beforeEach(async () => {
  now = Date.UTC(2026, 0, 2);
  server = await openTestServer({ audit: true });
  folder = mkdtempSync(join(tmpdir(), 'jenner-export-'));
  output = openOutputFolder({ path: folder });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const put = (id: string, gender = 'female') =>
  server.send('PUT', `/fhir/Patient/${id}`, { resourceType: 'Patient', id, gender });
const ids = Array.from({ length: 25 }, (_, i) => `p${String(i).padStart(2, '0')}`);
const fill = async () => {
  for (const id of ids) await put(id);
};

async function planOf(filter: Filter = everything): Promise<ExportPlan> {
  const snapshot = await server.store.snapshot();
  return {
    owner: 'open',
    request: 'http://x',
    exporter: { agent: { name: 'client:x' } },
    snapshot,
    parts: [{ type: 'Patient', filter }],
    deletes: [],
    issues: [],
  };
}

function runnerWith(
  more: Partial<Parameters<typeof exportJob>[0]> = {},
  owner = 'a',
  heartbeatMs = pace.heartbeatMs,
) {
  const { store, context } = server;
  const kind = exportJob({ store, context, output, keptMs: 3600_000, pageSize: 4, ...more });
  return openJobRunner({
    store,
    clock,
    kinds: [kind],
    owner,
    pace: { ...pace, heartbeatMs },
    log: () => undefined,
  });
}
const records = () => openJobRecords(server.store, clock);
const submit = async (runner: ReturnType<typeof runnerWith>, plan: ExportPlan) =>
  runner.submit({ id: 'e', kind: exportKind, input: plan as never });

/** Ids in all files, in their order. */
async function exportedIds(): Promise<readonly string[]> {
  const result = (await records().read('e'))?.result as unknown as ExportResult | undefined;
  return (result?.files ?? []).flatMap(({ name, count, bytes }) => {
    const packed = readFileSync(join(folder, 'e', name));
    expect(packed.length).toBe(bytes);
    const lines = gunzipSync(packed).toString().split('\n').slice(0, -1);
    expect(lines).toHaveLength(count);
    return lines.map((line) => JSON.parse(line).id as string);
  });
}

describe('the job of an export', () => {
  it('writes files of at most so many bytes, whole and under their names at the end', async () => {
    await fill();
    const runner = runnerWith({ mostBytes: 700 });
    await submit(runner, await planOf());
    await runner.runNext();
    const job = await records().read('e');
    expect(job).toMatchObject({ state: 'finished', progress: { done: 25 }, expires: now + 3600_000 });
    expect(await exportedIds()).toEqual(ids);
    expect(readdirSync(join(folder, 'e')).length).toBeGreaterThan(3);
    expect(readdirSync(join(folder, 'e')).filter((name) => !name.endsWith('.gz'))).toEqual([]);
  });

  it('goes on behind the last whole file when its process was killed, and misses and repeats nothing', async () => {
    await fill();
    let reads = 0;
    // As of a process that is gone: no more signs of life, nothing is cleaned up, and no reason is kept.
    const store: TestServer['store'] = {
      ...server.store,
      scanSnapshot: (query) =>
        reads++ >= 5 ? new Promise(() => undefined) : server.store.scanSnapshot(query),
    };
    const killed = runnerWith({ mostBytes: 700, store }, 'a', 600_000);
    await submit(killed, await planOf());
    void killed.runNext();
    await until(
      async () => ((await records().read('e'))?.checkpoint as { files?: unknown[] })?.files?.length === 2,
    );
    await put('p24', 'male');
    await server.send('DELETE', '/fhir/Patient/p23');
    await put('p99');
    now += 60_000;
    const other = runnerWith({ mostBytes: 700 }, 'b');
    expect(await other.runNext()).toBe(true);
    expect((await records().read('e'))?.state).toBe('finished');
    expect((await exportedIds()).toSorted()).toEqual(ids);
    expect((await records().read('e'))?.attempts).toBe(2);
    const [row, ...others] = await server.auditRows();
    expect(row).toMatchObject({ interaction: 'bulk export', agent: { name: 'client:x' }, query: 'http://x' });
    expect(row?.patients.toSorted()).toEqual(ids);
    expect(others).toEqual([]);
  });

  it('fails with a reason where the files that were written before are not there', async () => {
    await fill();
    const plan = await planOf();
    const runner = runnerWith();
    const files = [{ name: 'Patient-1.ndjson.gz', type: 'Patient', holds: 'resources', count: 4, bytes: 99 }];
    await runner.submit({
      id: 'e',
      kind: exportKind,
      input: plan as never,
      checkpoint: { part: 0, files, done: 4 },
    });
    await runner.runNext();
    expect(await records().read('e')).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('not here'),
    });
  });

  it('fails cleanly on a full disk, and frees what it took', async () => {
    await fill();
    let left = 3;
    const full: Output = {
      ...output,
      create: async (id, name) => {
        const file = await output.create(id, name);
        const write = async (bytes: Uint8Array) => {
          if (left-- <= 0) throw new OutputFullError('the disk has no room for the files of the export');
          await file.write(bytes);
        };
        return { ...file, write };
      },
    };
    const runner = runnerWith({ output: full });
    await submit(runner, await planOf());
    await runner.runNext();
    expect(await records().read('e')).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('no room'),
    });
    expect(existsSync(join(folder, 'e'))).toBe(false);
  });

  it('stops when it is cancelled, and leaves nothing', async () => {
    await fill();
    const runner = runnerWith({
      store: {
        ...server.store,
        scanSnapshot: async (query) => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return server.store.scanSnapshot(query);
        },
      },
    });
    await submit(runner, await planOf());
    const running = runner.runNext();
    await until(() => existsSync(join(folder, 'e')));
    await records().change('e', (job) => ({ ...job, cancelAsked: true }));
    await running;
    expect((await records().read('e'))?.state).toBe('cancelled');
    expect(existsSync(join(folder, 'e'))).toBe(false);
  });

  it('is left to another when its server stops', async () => {
    await fill();
    const runner = runnerWith({
      mostBytes: 700,
      store: {
        ...server.store,
        scanSnapshot: async (query) => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return server.store.scanSnapshot(query);
        },
      },
    });
    await submit(runner, await planOf());
    const running = runner.runNext();
    await until(
      async () => ((await records().read('e'))?.checkpoint as { files?: unknown[] })?.files?.length === 1,
    );
    await runner.stop();
    await running;
    expect((await records().read('e'))?.state).toBe('queued');
    await runnerWith({ mostBytes: 700 }, 'b').runNext();
    expect((await exportedIds()).toSorted()).toEqual(ids);
  });

  it('judges versions that were replaced since by the values that they had', async () => {
    await put('a', 'female');
    await put('b', 'female');
    await put('c', 'male');
    const gender: Filter = {
      kind: 'value',
      param: 'gender',
      test: { kind: 'token', anyOf: [{ code: 'female' }] },
    };
    const plan = await planOf(gender);
    await put('b', 'male');
    await put('c', 'female');
    const runner = runnerWith();
    await submit(runner, plan);
    await runner.runNext();
    expect((await exportedIds()).toSorted()).toEqual(['a', 'b']);
  });
});

it('tells of many in several rows, of which none names nobody, unless nobody is in it', async () => {
  await fill();
  const runner = runnerWith();
  const persons = Array.from({ length: 5000 }, (_, i) => `other${i}`);
  await runner.submit({
    id: 'e',
    kind: exportKind,
    input: (await planOf()) as never,
    checkpoint: { part: 0, files: [], done: 0, persons },
  });
  await runner.runNext();
  const told = (await server.auditRows()).filter((row) => row.interaction === 'bulk export');
  expect(told.map((row) => row.patients.length).sort()).toEqual([25, 5000]);
  await server.store.dropAudit('2030-01' as never);
  await runner.submit({ id: 'e', kind: exportKind, input: (await planOf(nothing)) as never });
  await runner.runNext();
  const [row, ...others] = (await server.auditRows()).filter((one) => one.interaction === 'bulk export');
  expect([row?.patients, others]).toEqual([[], []]);
});

it('goes on behind the last whole file of blocks, and tears none apart', async () => {
  await fill();
  let reads = 0;
  const store: TestServer['store'] = {
    ...server.store,
    scanSnapshot: (query) =>
      reads++ >= 12 ? new Promise(() => undefined) : server.store.scanSnapshot(query),
  };
  const killed = runnerWith({ mostBytes: 1500, store }, 'a', 600_000);
  await submit(killed, { ...(await planOf()), organizedBy: { persons: everything } });
  void killed.runNext();
  await until(
    async () => ((await records().read('e'))?.checkpoint as { files?: unknown[] })?.files?.length === 2,
  );
  await put('p24', 'male');
  now += 60_000;
  const read: string[] = [];
  const seen: TestServer['store'] = {
    ...server.store,
    scanSnapshot: (query) => {
      read.push(query.after ?? '');
      return server.store.scanSnapshot(query);
    },
  };
  await runnerWith({ mostBytes: 1500, store: seen }, 'b').runNext();
  const result = (await records().read('e'))?.result as unknown as ExportResult;
  const files = result.files.map(({ name }) =>
    gunzipSync(readFileSync(join(folder, 'e', name)))
      .toString()
      .trimEnd()
      .split('\n'),
  );
  expect(files.length).toBeGreaterThan(2);
  for (const [first = ''] of files) expect(first).toContain('"resourceType":"Parameters"');
  const lines = files.flat().map((line) => JSON.parse(line));
  expect(lines.filter(({ resourceType }) => resourceType === 'Patient').map(({ id }) => id)).toEqual(ids);
  expect(lines).toHaveLength(2 * ids.length);
  expect(lines.find(({ id }) => id === 'p24').gender).toBe('female');
  const told = (await server.auditRows()).filter((row) => row.interaction === 'bulk export');
  expect(told.flatMap((row) => row.patients).sort()).toEqual(ids);
});

it('lets nobody fetch a file before it is told, where manifests are partial', async () => {
  await fill();
  const told: number[] = [];
  const { store, context } = server;
  const job = { id: 'e', input: { ...(await planOf()), isPartial: true } };
  const work = {
    job,
    checkpoint: undefined,
    signal: new AbortController().signal,
    progress: () => undefined,
    // What is kept can be fetched from then on.
    keep: async ({ files }: { readonly files: readonly { readonly count: number }[] }) => {
      const rows = (await server.auditRows()).filter((row) => row.interaction === 'bulk export');
      const persons = rows.reduce((sum, row) => sum + row.patients.length, 0);
      told.push(persons - files.reduce((sum, { count }) => sum + count, 0));
    },
  };
  await exportJob({ store, context, output, keptMs: 1, pageSize: 4, mostBytes: 700 }).run(work as never);
  expect(told.length).toBeGreaterThan(2);
  expect(Math.min(...told)).toBe(0);
});

it('opens a file before the end where manifests are partial, and no other', async () => {
  const file = await output.create('e', 'Patient-1.ndjson.gz');
  await file.write(new TextEncoder().encode('{}\n'));
  const bytes = await file.finish();
  const files = [{ name: 'Patient-1.ndjson.gz', type: 'Patient', holds: 'resources', count: 1, bytes }];
  const submitted = async () => true;
  const exports = openExports({ store: server.store, clock, output, submit: submitted });
  const opened = async (state: string, plan: object) => {
    await server.store.writeRecords([{ kind: 'delete', collection: 'job', key: 'e' }]);
    const base = { id: 'e', kind: exportKind, created: now as EpochMs, updated: now as EpochMs, attempts: 1 };
    const checkpoint = { part: 0, done: 1, files } as never;
    const input = { ...(await planOf()), ...plan } as never;
    await records().add({ ...base, input, state: state as never, progress: { done: 1 }, checkpoint });
    return (
      (await exports.open(server.ctx, { id: 'e', name: 'Patient-1.ndjson.gz', from: '127.0.0.1' })) !==
      undefined
    );
  };
  expect(await opened('running', { isPartial: true })).toBe(true);
  expect(await opened('running', {})).toBe(false);
  expect(await opened('failed', { isPartial: true })).toBe(false);
});

it('fails with a reason while an index that it asks by is drawn anew', async () => {
  await fill();
  const filter: Filter = {
    kind: 'value',
    param: 'gender',
    test: { kind: 'token', anyOf: [{ code: 'female' }] },
  };
  const staleness = (type: string, code: string) =>
    type === 'Patient' && code === 'gender' ? ('changed' as const) : undefined;
  const runner = runnerWith({ context: { ...server.context, staleness } });
  await submit(runner, await planOf(filter));
  await runner.runNext();
  expect(await records().read('e')).toMatchObject({
    state: 'failed',
    reason: 'the index of Patient.gender is being built anew: ask for the export again',
  });
  await submit(runner, await planOf());
  await runner.runNext();
  expect((await records().read('e'))?.state).toBe('finished');
});

describe('a folder of exports', () => {
  it('takes no name that leads out of it', async () => {
    await expect(async () => output.open('..', 'x')).rejects.toThrow('no name');
    await expect(async () => output.open('e', '../x')).rejects.toThrow('no name');
    await expect(output.create('e', 'a/b')).rejects.toThrow('no name');
  });

  it('knows which exports there are', async () => {
    expect(await openOutputFolder({ path: join(folder, 'none') }).list()).toEqual([]);
    const file = await output.create('e', 'x.gz');
    await file.write(Buffer.from('1\n'));
    expect(await output.open('e', 'x.gz')).toBeUndefined();
    await file.finish();
    expect((await output.list()).map(({ id }) => id)).toEqual(['e']);
    await output.remove('e');
    expect(await output.list()).toEqual([]);
  });
});

async function until(check: () => unknown): Promise<void> {
  for (let turn = 0; turn < 500; turn++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to that');
}
