import { describe, expect, it } from 'vitest';
import { type WriteRule, withCaller } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { openJobRunner } from '../../src/job/job-runner.ts';
import type { JobWork } from '../../src/job/job-work.ts';
import {
  type DedupeInput,
  type DedupeReport,
  dedupeJob,
  dedupeJobId,
} from '../../src/registry/identity/dedupe-job.ts';
import { openMatcher } from '../../src/registry/matching/matcher.ts';
import { shippedModel } from '../../src/registry/matching/shipped-model.ts';
import { doseReviewer } from '../../src/shipped/vaccines.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import {
  create,
  decide,
  doseFor,
  entriesOf,
  parametersOf,
  referring,
  report,
  twin,
} from './identity-world.ts';
import type { TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ matching: 'automatic', clockStep: 10 });

const rabies = (primarySource: boolean) => ({
  vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '90' }] },
  primarySource,
});
const given = (patient: string, on: string) => doseFor(patient, on, rabies(true));
const told = (patient: string, on: string) => doseFor(patient, on, rabies(false));

const asked = (server: TestServer, query = '') => entriesOf(server, `Task?code=review-dose${query}`);

/** How many doses count, what is one, and what is unsure; and whether the forecast leaves one out. */
async function recordOf(server: TestServer, patient: string) {
  const { body } = await server.get(`/fhir/Patient/${patient}/$consolidated-record`);
  const count = (type: string) =>
    body.entry.filter(
      ({ resource }: { resource: { resourceType: string } }) => resource.resourceType === type,
    ).length;
  const forecast = await server.get(`/fhir/Patient/${patient}/$immds-forecast`);
  return {
    doses: count('Immunization'),
    linked: count('Linkage'),
    unsure: count('DetectedIssue'),
    leftOut: forecast.text.includes('tells of the same dose'),
  };
}

const bothCount = { doses: 2, linked: 0, unsure: 0, leftOut: false };
const oneCounts = { doses: 1, linked: 1, unsure: 0, leftOut: true };

describe('a dose that may be one that is known', () => {
  it('is asked about, and the answer counts everywhere, until it is another', async () => {
    const server = await open();
    const patient = (await create(server, report('a'))).body.id;
    const first = (await create(server, given(patient, '2025-01-01'))).body.id;
    expect(await asked(server)).toEqual([]);
    const second = (await create(server, told(patient, '2025-01-04'))).body.id;
    const [task, ...more] = await asked(server, '&status=requested');
    expect(more).toEqual([]);
    expect(task).toMatchObject({
      for: { reference: `Patient/${patient}` },
      focus: { reference: `Patient/${patient}` },
      input: expect.arrayContaining([
        expect.objectContaining({ valueReference: { reference: `Immunization/${second}` } }),
        expect.objectContaining({ valueReference: { reference: `Immunization/${first}` } }),
        expect.objectContaining({ valueString: 'as far apart as doses of a series may be' }),
        expect.objectContaining({ valueDecimal: expect.any(Number) }),
      ]),
    });
    expect(await recordOf(server, patient)).toEqual({ ...bothCount, unsure: 1 });
    const answer = await decide(server, task.id, 'same', 'the card names one visit');
    expect([answer.status, answer.body.status]).toEqual([200, 'completed']);
    expect(answer.body.note).toMatchObject([{ text: 'same: the card names one visit' }]);
    expect(await recordOf(server, patient)).toEqual(oneCounts);
    expect((await decide(server, task.id, 'not-same')).body.note).toHaveLength(2);
    expect(await recordOf(server, patient)).toEqual(bothCount);
    expect((await decide(server, task.id, 'later')).body.status).toBe('on-hold');
    expect(await recordOf(server, patient)).toEqual({ ...bothCount, unsure: 1 });
    expect((await decide(server, task.id, 'perhaps')).status).toBe(400);
  });

  it('is never asked about twice, whoever writes it again', async () => {
    const server = await open();
    const patient = (await create(server, report('a'))).body.id;
    const first = (await create(server, given(patient, '2025-01-01'))).body;
    const second = (await create(server, told(patient, '2025-01-04'))).body;
    for (const decision of ['later', 'not-same', 'same']) {
      const [task] = await asked(server);
      await decide(server, task.id, decision);
      for (const dose of [first, second]) {
        const put = await server.send('PUT', `/fhir/Immunization/${dose.id}`, {
          ...dose,
          lotNumber: decision,
        });
        expect(put.status).toBe(200);
      }
      expect(await asked(server)).toHaveLength(1);
    }
  });

  it('keeps apart of what people said that it is not one, also by way of a third', async () => {
    const server = await open();
    const patient = (await create(server, report('a'))).body.id;
    await create(server, given(patient, '2025-01-01'));
    await create(server, told(patient, '2025-01-04'));
    const [task] = await asked(server);
    await decide(server, task.id, 'not-same');
    // As alike to the one as to the other.
    await create(server, told(patient, '2025-01-02'));
    const { doses } = await recordOf(server, patient);
    expect(doses).toBe(2);
  });

  it('is asked about where its app matches, and where the dose was given', async () => {
    for (const [matching, count] of [
      ['review', 1],
      ['off', 0],
    ] as const) {
      const server = await open({ matching });
      const patient = (await create(server, report('a'))).body.id;
      await create(server, given(patient, '2025-01-01'));
      await create(server, { ...told(patient, '2025-01-04'), status: 'entered-in-error' });
      expect(await asked(server)).toHaveLength(0);
      await create(server, told(patient, '2025-01-04'));
      expect(await asked(server)).toHaveLength(count);
    }
  });

  it('is found beside the doses of whom its Patient joins in the same transaction', async () => {
    const server = await open();
    const known = (await create(server, report('a'))).body.id;
    await create(server, given(known, '2025-01-01'));
    const patient = 'urn:uuid:0f8a4b2e-6d0c-4d5e-9a53-2f1f0c3f7a11';
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: patient, resource: report('b'), request: { method: 'POST', url: 'Patient' } },
        {
          resource: { ...told('x', '2025-01-04'), patient: { reference: patient } },
          request: { method: 'POST', url: 'Immunization' },
        },
      ],
    };
    expect((await server.send('POST', '/fhir', bundle)).status).toBe(200);
    const [task] = await asked(server);
    expect(task.focus.reference).toBe(`Patient/${known}`);
    expect(task.for.reference).not.toBe(`Patient/${known}`);
    await decide(server, task.id, 'same');
    expect(await recordOf(server, known)).toEqual(oneCounts);
  });

  it('is asked about once where several come at the same moment', async () => {
    const server = await open();
    const patient = (await create(server, report('a'))).body.id;
    await create(server, given(patient, '2025-01-01'));
    const dates = ['2025-01-04', '2025-01-05', '2025-01-06'];
    await Promise.all(dates.map((on) => create(server, told(patient, on))));
    const pairs = (await asked(server)).map((task: { input: { valueReference?: { reference: string } }[] }) =>
      task.input
        .flatMap(({ valueReference }) => valueReference?.reference ?? [])
        .sort()
        .join(),
    );
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs.length).toBeGreaterThanOrEqual(1);
  });
});

it('is asked of once where both doses of a pair are written at the same moment', async () => {
  const server = await open();
  const patient = (await create(server, report('a'))).body.id;
  const bare = { ...server.ctx, writeRules: [] };
  const ids: ResourceId[] = [];
  for (const resource of [given(patient, '2025-01-01'), told(patient, '2025-01-04')]) {
    const { version } = await createResource(bare, { resource: resource as never, exactNumbers: false });
    ids.push(version.id);
  }
  let waiting = 0;
  let release = () => {};
  const both = new Promise<void>((resolve) => {
    release = resolve;
  });
  // Both have looked what was asked before either is written.
  const barrier: WriteRule = async (_system, plan) => {
    if (++waiting === 2) release();
    await both;
    return plan;
  };
  const ctx = { ...server.ctx, writeRules: [...server.ctx.writeRules, barrier] };
  await Promise.all(
    ids.map(async (id) => {
      const { body } = await server.get(`/fhir/Immunization/${id}`);
      const resource = { ...body, note: [{ text: 'x' }] };
      await updateResource(ctx, { type: 'Immunization', id }, { resource, exactNumbers: false });
    }),
  );
  expect(waiting).toBe(3);
  expect(await asked(server)).toHaveLength(1);
});

it.each(['entered-in-error', 'deleted'])(
  'is no question any more once a dose is %s, until it is back',
  async (how) => {
    const server = await open();
    const patient = (await create(server, report('a'))).body.id;
    await create(server, given(patient, '2025-01-01'));
    const { body: dose } = await create(server, told(patient, '2025-01-04'));
    const url = `/fhir/Immunization/${dose.id}`;
    const withdraw = () =>
      how === 'deleted'
        ? server.send('DELETE', url)
        : server.send('PUT', url, { ...dose, status: 'entered-in-error' });
    expect((await withdraw()).status).toBeLessThan(300);
    expect(await asked(server)).toMatchObject([
      { status: 'cancelled', note: [{ text: `Immunization/${dose.id} was withdrawn` }] },
    ]);
    expect((await server.send('PUT', url, dose)).status).toBeLessThan(300);
    const [task, ...others] = await asked(server, '&status=requested');
    expect(others).toEqual([]);
    await decide(server, task.id, 'not-same');
    // What was decided stays, and counts once the dose is back.
    await withdraw();
    await server.send('PUT', url, dose);
    expect(await asked(server, '&status=requested')).toEqual([]);
    expect(await recordOf(server, patient)).toEqual(bothCount);
  },
);

it('stays a question where another dose is withdrawn', async () => {
  const server = await open();
  const patient = (await create(server, report('a'))).body.id;
  await create(server, given(patient, '2025-01-01'));
  await create(server, told(patient, '2025-01-04'));
  const { body: other } = await create(server, given(patient, '2024-01-01'));
  const put = { ...other, status: 'entered-in-error' };
  expect((await server.send('PUT', `/fhir/Immunization/${other.id}`, put)).status).toBe(200);
  expect(await asked(server, '&status=requested')).toHaveLength(1);
});

describe('what people said of doses', () => {
  it('goes with the doses through merge and un-merge', async () => {
    const server = await open();
    const a = (await create(server, report('a'))).body.id;
    const b = (await create(server, twin('b'))).body.id;
    await create(server, given(a, '2025-01-01'));
    await create(server, told(b, '2025-01-04'));
    expect(await asked(server)).toEqual([]);
    const pair = { 'source-patient': referring(b), 'target-patient': referring(a) };
    const merge = () => server.send('POST', '/fhir/Patient/$merge', parametersOf(pair));
    expect((await merge()).status).toBe(200);
    expect(await dedupe(server, { mode: 'review' })).toMatchObject({ askedOfDoses: 1 });
    const [task] = await asked(server);
    await decide(server, task.id, 'same');
    expect(await recordOf(server, b)).toEqual(oneCounts);
    await server.send('POST', `/fhir/Patient/${b}/$unmerge`, parametersOf({}));
    for (const id of [a, b]) expect(await recordOf(server, id)).toMatchObject({ doses: 1, leftOut: false });
    expect((await merge()).status).toBe(200);
    expect(await recordOf(server, a)).toEqual(oneCounts);
    expect(await dedupe(server, { mode: 'review' })).toMatchObject({ askedOfDoses: 0 });
  });

  it('is said by $decide alone: nobody writes such a Task, but who works at it', async () => {
    const server = await open();
    const patient = (await create(server, report('a'))).body.id;
    await create(server, given(patient, '2025-01-01'));
    await create(server, told(patient, '2025-01-04'));
    const [task] = await asked(server);
    const put = (resource: object) => server.send('PUT', `/fhir/Task/${task.id}`, resource);
    const { id: _, ...bare } = task;
    expect((await put({ ...task, status: 'completed' })).status).toBe(422);
    expect((await put({ ...task, output: [{ type: { text: 'x' }, valueCode: 'same' }] })).status).toBe(422);
    expect((await put({ ...task, code: { text: 'mine' } })).status).toBe(422);
    expect((await server.send('POST', '/fhir/Task', bare)).status).toBe(422);
    expect((await server.send('DELETE', `/fhir/Task/${task.id}`)).status).toBe(422);
    expect((await put({ ...task, owner: { display: 'Ada' }, priority: 'urgent' })).status).toBe(200);
    expect(await recordOf(server, patient)).toEqual({ ...bothCount, unsure: 1 });
    const operator = withCaller(server.ctx, { kind: 'system', name: 'cli:test' });
    const stored = { resource: { ...task, status: 'cancelled' }, exactNumbers: false };
    await updateResource(operator, { type: 'Task', id: task.id }, stored);
    const mine = { resourceType: 'Task', status: 'draft', intent: 'order', code: { text: 'call' } };
    const other = await server.send('POST', '/fhir/Task', mine);
    expect(other.status).toBe(201);
    const answer = await decide(server, other.body.id, 'same');
    expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('does not ask')]);
  });
});

describe('jenner dedupe', () => {
  it('asks of the doses of everybody, then of those of whom something was written since', async () => {
    const server = await open({ matching: 'off' });
    const patient = (await create(server, report('a'))).body.id;
    await create(server, given(patient, '2025-01-01'));
    await create(server, told(patient, '2025-01-04'));
    const first = await dedupe(server, { mode: 'review' });
    expect(first).toMatchObject({ asked: 0, askedOfDoses: 1 });
    const since = await dedupe(server, { mode: 'review', since: first.began });
    expect(since).toMatchObject({ patients: 0, askedOfDoses: 0 });
    await create(server, told(patient, '2025-03-04'));
    await create(server, given(patient, '2025-03-01'));
    const next = await dedupe(server, { mode: 'review', since: since.began });
    expect(next).toMatchObject({ patients: 0, askedOfDoses: 1 });
    expect(await asked(server)).toHaveLength(2);
  });
});

it('goes on with the doses where it was ended among them', async () => {
  const server = await open({ matching: 'off' });
  const patient = (await create(server, report('a'))).body.id;
  await create(server, report('b'));
  await create(server, given(patient, '2025-01-01'));
  await create(server, told(patient, '2025-01-04'));
  const job = dedupeJob({
    ctx: withCaller(server.ctx, { kind: 'system', name: 'cli:test' }),
    matcher: openMatcher(shippedModel),
    reviewDoses: doseReviewer(),
  });
  const kept: unknown[] = [];
  const sofar = { began: 1, patients: 7, joined: 3, asked: 2, askedOfDoses: 1, byReason: {}, sample: [] };
  const found = await job.run({
    job: { input: { mode: 'automatic', since: 1 } },
    checkpoint: { ...sofar, pass: 'doses' },
    signal: new AbortController().signal,
    progress: () => undefined,
    keep: async (checkpoint: unknown) => void kept.push(checkpoint),
  } as unknown as JobWork);
  expect(found).toEqual({ ...sofar, askedOfDoses: 2 });
  expect(kept).toEqual([{ ...sofar, askedOfDoses: 2, pass: 'doses' }]);
});

async function dedupe({ ctx, store }: TestServer, input: DedupeInput): Promise<DedupeReport> {
  const options = {
    ctx: withCaller(ctx, { kind: 'system', name: 'cli:test' }),
    matcher: openMatcher(shippedModel),
    reviewDoses: doseReviewer(),
  };
  const log = () => {};
  const runner = openJobRunner({ store, clock: ctx.clock, owner: 'test', log, kinds: [dedupeJob(options)] });
  await runner.submit({ id: dedupeJobId, kind: 'dedupe', input });
  const ended = await runner.run(dedupeJobId);
  if (ended?.state !== 'finished') throw new Error(ended?.reason);
  return ended.result as unknown as DedupeReport;
}
