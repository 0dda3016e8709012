import { afterEach, beforeEach, expect, it } from 'vitest';
import { cancelOneJob, listJobs } from '../../../src/cli/jobs-command.ts';
import type { Job } from '../../../src/job/job.ts';
import { openJobRecords } from '../../../src/job/job-records.ts';
import { toTask } from '../../../src/registry/jobs/job-task.ts';
import { publishJob } from '../../../src/registry/jobs/publish-job.ts';
import { type EpochMs, formatInstant } from '../../../src/values/instant.ts';
import { openTestServer, type TestServer } from '../../http/open-test-server.ts';

let server: TestServer;
let written: string;
const now = Date.now() as EpochMs;
const clock = { now: () => now };
const output = { write: (text: string) => (written += text) };
const command = (json = false) => ({ store: server.store, clock, json, output });

beforeEach(async () => {
  server = await openTestServer();
  written = '';
});
afterEach(() => server.close());

const job = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  kind: 'import',
  input: { path: 'p.ndjson' },
  state: 'queued',
  created: now,
  updated: now,
  attempts: 0,
  progress: { done: 5, total: 10, note: 'bytes' },
  ...more,
});
const add = (one: Job) => openJobRecords(server.store, clock).add(one);
const lease = (until: number) => ({ owner: 'a:1', until: until as EpochMs });

it('lists what there is, newest first, and says what gives no sign of life', async () => {
  await add(job('old', { created: (now - 1) as EpochMs, state: 'failed', reason: 'the disk is full' }));
  await add(job('new', { state: 'running', lease: lease(now - 1) }));
  expect(await listJobs(command())).toBe(0);
  const [first, second] = written.split('\n');
  const shown = 'new  import p.ndjson  running, but without a sign of life  5 of 10 bytes';
  expect(first).toBe(`${shown}  ${formatInstant(now)}`);
  expect(second).toContain('old  import p.ndjson  failed  5 of 10 bytes');
  expect(second).toContain('the disk is full');
  written = '';
  await listJobs(command(true));
  expect(JSON.parse(written)).toMatchObject([{ id: 'new' }, { id: 'old' }]);
});

it('says that there are none', async () => {
  await listJobs(command());
  expect(written).toBe('no jobs\n');
});

it.each<[string, Partial<Job>, number, Partial<Job>]>([
  ['a waiting job at once', {}, 0, { state: 'cancelled' }],
  [
    'a running job by asking',
    { state: 'running', lease: lease(now + 1000) },
    0,
    { state: 'running', cancelAsked: true },
  ],
  ['a job of a dead process at once', { state: 'running', lease: lease(now) }, 0, { state: 'cancelled' }],
  ['no job that has ended', { state: 'finished' }, 1, { state: 'finished' }],
])('cancels %s', async (_, before, code, after) => {
  await add(job('j', before));
  expect(await cancelOneJob(command(), 'j')).toBe(code);
  const kept = (await openJobRecords(server.store, clock).list())[0];
  expect(kept).toMatchObject(after);
  if (kept?.state === 'cancelled') expect(kept.lease).toBeUndefined();
});

it('says that there is no such job', async () => {
  expect(await cancelOneJob(command(), 'none')).toBe(1);
  expect(written).toContain('there is no job none');
});

it('shows a job as a valid Task that is searched like any other', async () => {
  for (const state of ['queued', 'running', 'finished', 'failed', 'cancelled'] as const) {
    const shown = job('j', { state, ...(state === 'failed' && { reason: 'why' }) });
    const issues = server.context.validation.validator.validate(toTask(shown) as never, {
      declared: 'error',
    });
    expect(issues.filter(({ severity }) => severity !== 'warning')).toEqual([]);
    await publishJob(server.ctx, shown);
  }
  const { body } = await server.get(
    '/fhir/Task?code=https://jenner-iis.org/fhir/CodeSystem/job|import&status=cancelled',
  );
  expect(body.entry).toMatchObject([{ resource: { id: 'j', status: 'cancelled', intent: 'order' } }]);
  expect((await server.get('/fhir/Task/j/_history')).body.total).toBe(5);
});
