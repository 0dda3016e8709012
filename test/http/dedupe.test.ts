import { describe, expect, it } from 'vitest';
import { withCaller } from '../../src/interaction/context.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { openJobRunner } from '../../src/job/job-runner.ts';
import {
  type DedupeInput,
  type DedupeReport,
  dedupeJob,
  dedupeJobId,
} from '../../src/registry/identity/dedupe-job.ts';
import { openMatcher } from '../../src/registry/matching/matcher.ts';
import { shippedModel } from '../../src/registry/matching/shipped-model.ts';
import { dataSharingObjection } from '../../src/search/reach.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import {
  create,
  decide,
  doseFor,
  idsFound,
  parametersOf,
  recordTag,
  referring,
  report,
  twin,
} from './identity-world.ts';
import type { TestServer } from './open-test-server.ts';
import { useServers } from './use-servers.ts';

const open = useServers({ clockStep: 10 });

async function dedupe({ ctx, store }: TestServer, input: DedupeInput): Promise<DedupeReport> {
  const options = {
    ctx: withCaller(ctx, { kind: 'system', name: 'cli:test' }),
    matcher: openMatcher(shippedModel),
  };
  const runner = openJobRunner({
    store,
    clock: ctx.clock,
    owner: 'test',
    log: () => {},
    kinds: [dedupeJob(options)],
  });
  await runner.submit({ id: dedupeJobId, kind: 'dedupe', input });
  const ended = await runner.run(dedupeJobId);
  if (ended?.state !== 'finished') throw new Error(ended?.reason);
  return ended.result as unknown as DedupeReport;
}

it.each([
  ['first', '-twin'],
  ['last', 'zz-twin'],
])('joins who is certain, asks of who comes %s once, and reports what it did', async (_, other) => {
  const server = await open();
  const ids = [];
  for (const clinic of ['a', 'b', 'c']) ids.push((await create(server, report(clinic))).body.id);
  expect((await server.send('PUT', `/fhir/Patient/${other}`, { ...twin('d'), id: other })).status).toBe(201);
  await create(server, doseFor(ids[1], '2022-01-01'));
  const first = await dedupe(server, { mode: 'automatic' });
  expect(first).toMatchObject({ joined: 2, asked: 1 });
  expect(first.sample).toHaveLength(2);
  expect(Object.values(first.byReason).reduce((sum, count) => sum + count, 0)).toBe(3);
  const found = await idsFound(server, 'Patient?family=Szymborska');
  expect([found.length, found.includes(other)]).toEqual([2, true]);
  expect(await idsFound(server, `Patient?_tag=${recordTag('source')}`)).toEqual([...ids].sort());
  expect(await idsFound(server, `Immunization?patient=${ids[0]}`)).toHaveLength(1);
  expect(await dedupe(server, { mode: 'automatic' })).toMatchObject({ joined: 0, asked: 0 });
});

it('only asks where it is to ask, and never of who was said not to be one', async () => {
  const server = await open();
  await create(server, report('a'));
  await create(server, report('b'));
  expect(await dedupe(server, { mode: 'review' })).toMatchObject({ joined: 0, asked: 1 });
  const [task] = await idsFound(server, 'Task?code=review-duplicate&status=requested');
  expect((await decide(server, task as string, 'not-same')).status).toBe(200);
  expect(await dedupe(server, { mode: 'automatic' })).toMatchObject({ joined: 0, asked: 0 });
  expect(await idsFound(server, 'Patient?family=Szymborska')).toHaveLength(2);
});

it('looks at what was written since, and holds it against everybody', async () => {
  const server = await open();
  await create(server, report('a'));
  const { began } = await dedupe(server, { mode: 'automatic' });
  expect(await dedupe(server, { mode: 'automatic', since: began })).toMatchObject({ patients: 0 });
  await create(server, report('b'));
  expect(await dedupe(server, { mode: 'automatic', since: began })).toMatchObject({ patients: 1, joined: 1 });
});

it('lets what it asked of two persons be turned round, also where the records that were joined are gone', async () => {
  const server = await open({ deleteReferred: 'allow' });
  const merge = (source: string, target: string) => {
    const named = { 'source-patient': referring(source), 'target-patient': referring(target) };
    return server.send('POST', '/fhir/Patient/$merge', parametersOf(named));
  };
  const ids: string[] = [];
  for (const clinic of ['a', 'b', 'c', 'd']) ids.push((await create(server, report(clinic))).body.id);
  const [a = '', b = '', c = '', d = ''] = ids;
  await merge(b, a);
  await merge(d, c);
  expect(await dedupe(server, { mode: 'review' })).toMatchObject({ asked: 1 });
  const { body } = await server.get('/fhir/Task?code=review-duplicate&status=requested');
  const [{ resource: task }] = body.entry;
  const [asked, other] = [task.for.reference, task.focus.reference].map((one) =>
    one.slice('Patient/'.length),
  );
  // The one of whom it was asked remains.
  expect((await merge(other, asked)).status).toBe(200);
  const { body: whole } = await server.get(`/fhir/Patient/${asked}`);
  const joined = whole.extension.at(-1).extension[0].valueReference.reference;
  expect((await server.send('DELETE', `/fhir/${joined}`)).status).toBe(204);
  expect((await decide(server, task.id, 'not-same')).status).toBe(200);
  expect(await idsFound(server, 'Patient?family=Szymborska')).toEqual([asked, other].sort());
});

it.each([
  ['first', '-objecting'],
  ['last', 'zz-objecting'],
])(
  'joins nobody who objects and comes %s, and others as if that one had never been',
  async (_, objecting) => {
    const server = await open();
    const number = (value: string) => ({ identifier: [{ system: 'urn:own', value }] });
    await server.send('PUT', `/fhir/Patient/${objecting}`, { ...report('a', number('1')), id: objecting });
    await create(server, {
      resourceType: 'Consent',
      status: 'active',
      patient: { reference: `Patient/${objecting}` },
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
      },
      category: [{ coding: [dataSharingObjection] }],
      policyRule: { text: 'law' },
    });
    const others = [];
    for (const value of ['2', '3']) others.push((await create(server, report('b', number(value)))).body.id);
    expect(await dedupe(server, { mode: 'automatic' })).toMatchObject({ joined: 1, asked: 1 });
    expect(await idsFound(server, `Patient?_tag=${recordTag('source')}`)).toEqual(others.sort());
    const { body } = await server.get('/fhir/Task?status=requested');
    const [{ resource: task }] = body.entry;
    expect([task.for.reference, task.focus.reference]).toContain(`Patient/${objecting}`);
  },
);

it('joins nobody with either of two who are not certainly one, and asks of both', async () => {
  const server = await open();
  const put = async (id: string, gender: string) => {
    const { identifier: _, ...child } = report('a', { id, gender });
    expect((await server.send('PUT', `/fhir/Patient/${id}`, child)).status).toBe(201);
  };
  await put('-first', 'unknown');
  await put('boy', 'male');
  await put('girl', 'female');
  expect(await dedupe(server, { mode: 'automatic' })).toMatchObject({ joined: 0, asked: 2 });
});

describe('a run that was ended', () => {
  const people = 203;
  type Checkpoint = DedupeReport & { readonly pass?: string };

  async function fill({ ctx }: TestServer): Promise<void> {
    const write = (type: 'Patient' | 'Immunization', id: string, members: object) =>
      updateResource(
        ctx,
        { type, id: id as ResourceId },
        { resource: { resourceType: type, id, ...members } as never, exactNumbers: false },
      );
    for (let place = 0; place < people; place++) {
      const id = `p${String(place).padStart(3, '0')}`;
      await write('Patient', id, place < people - 2 ? {} : report('a'));
      await write('Immunization', `d${id}`, doseFor(id, '2025-01-01'));
    }
  }

  /** Up to the first checkpoint that is wanted, or to the end. */
  async function run(
    { ctx }: TestServer,
    from: Checkpoint | undefined,
    isEnd: (kept: Checkpoint) => boolean,
  ) {
    const looked: string[] = [];
    const job = dedupeJob({
      ctx: withCaller(ctx, { kind: 'system', name: 'cli:test' }),
      matcher: openMatcher(shippedModel),
      reviewDoses: async (_ctx, id) => {
        looked.push(id);
        return 0;
      },
    });
    const ending = new AbortController();
    let kept: Checkpoint | undefined;
    const work = {
      job: { input: { mode: 'automatic', since: 0 } },
      checkpoint: from,
      signal: ending.signal,
      progress: () => undefined,
      keep: async (checkpoint: unknown) => {
        kept = checkpoint as Checkpoint;
        if (isEnd(kept)) ending.abort();
      },
    };
    const result = await job.run(work as never).catch(() => undefined);
    return { looked, kept, result: result as unknown as DedupeReport | undefined };
  }

  it('goes on behind the last page that was looked at, with what it had found', {
    timeout: 240_000,
  }, async () => {
    const server = await open();
    await fill(server);
    const first = await run(server, undefined, () => true);
    expect([first.looked.length, first.result]).toEqual([200, undefined]);
    const second = await run(server, first.kept, ({ pass }) => pass === 'doses');
    expect(second.kept).toMatchObject({ pass: 'doses', patients: people, joined: 1 });
    expect(second.looked.slice(0, 2)).toEqual([expect.stringMatching(/^p200$/), expect.any(String)]);
    const third = await run(server, second.kept, () => false);
    // Of the doses only those of the last page are left.
    expect(third.looked.length).toBeLessThanOrEqual(3);
    expect(third.result).toMatchObject({ patients: people, joined: 1, asked: 0 });
    expect(third.result?.sample).toHaveLength(1);
  });
});
