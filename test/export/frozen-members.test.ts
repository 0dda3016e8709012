import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportJob } from '../../src/export/export-job.ts';
import { type ExportPlan, type ExportResult, exportKind } from '../../src/export/export-plan.ts';
import { openFreeze } from '../../src/export/frozen-members.ts';
import { openOutputFolder } from '../../src/export/output-folder.ts';
import { openJobRecords } from '../../src/job/job-records.ts';
import { openJobRunner } from '../../src/job/job-runner.ts';
import type { Filter } from '../../src/search/filter.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
let folder: string;
beforeEach(async () => {
  server = await openTestServer({ clockStep: 1 });
  folder = mkdtempSync(join(tmpdir(), 'jenner-frozen-'));
  for (const id of everybody) {
    await put('Patient', id, {});
    await put('Observation', `o-${id}`, {
      status: 'final',
      code: { text: 'x' },
      subject: { reference: `Patient/${id}` },
    });
  }
  await putGroup(members);
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const members = Array.from({ length: 12 }, (_, n) => `m${String(n).padStart(2, '0')}`);
const everybody = [...members, 'm05-later', 'z'];
async function put(resourceType: string, id: string, more: object): Promise<void> {
  const answer = await server.send('PUT', `/fhir/${resourceType}/${id}`, { resourceType, id, ...more });
  expect(answer.status, answer.text).toBeLessThan(300);
}
const putGroup = (ids: readonly string[]) =>
  put('Group', 'g', {
    type: 'person',
    actual: true,
    ...(ids.length > 0 && { member: ids.map((id) => ({ entity: { reference: `Patient/${id}` } })) }),
  });

const isMember: Filter = { kind: 'has', type: 'Group', param: 'member', of: { kind: 'id', anyOf: ['g'] } };
const ofMembers: Filter = { kind: 'chain', param: 'subject', type: 'Patient', of: isMember };

/** `between` happens when so many pages were read. */
async function exported(
  between: Readonly<Record<number, () => Promise<unknown>>>,
  more: Partial<ExportPlan> = {},
) {
  const { store, context } = server;
  const clock = context.clock;
  let pages = 0;
  const watching: TestServer['store'] = {
    ...store,
    scanSnapshot: async (query) => {
      await between[pages++]?.();
      return store.scanSnapshot(query);
    },
  };
  const output = openOutputFolder({ path: folder });
  const kind = exportJob({ store: watching, context, output, keptMs: 3600_000, pageSize: 4 });
  const pace = { leaseMs: 60_000, heartbeatMs: 60_000, pauseMs: 5 };
  const runner = openJobRunner({ store, clock, kinds: [kind], owner: 'a', pace, log: () => undefined });
  const plan: ExportPlan = {
    owner: 'open',
    request: 'http://x',
    snapshot: await store.snapshot(),
    parts: [
      { type: 'Patient', filter: isMember },
      { type: 'Observation', filter: ofMembers },
    ],
    watched: [{ id: 'g' as ResourceId, versionId: 1 }],
    deletes: [],
    issues: [],
    ...more,
  };
  await runner.submit({ id: 'e', kind: exportKind, input: plan as never });
  await runner.runNext();
  const job = await openJobRecords(store, clock).read('e');
  expect(job?.state, job?.reason).toBe('finished');
  const { files = [] } = (job?.result ?? {}) as unknown as Partial<ExportResult>;
  return Object.fromEntries(
    files.map(({ name, type }) => [
      type,
      gunzipSync(readFileSync(join(folder, 'e', name)))
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ]),
  );
}
const idsIn = (resources: readonly { readonly id: string }[] | undefined) => resources?.map(({ id }) => id);
const all = { Patient: members, Observation: members.map((id) => `o-${id}`) };
const idsOf = async (...asked: Parameters<typeof exported>) => {
  const { Patient, Observation, OperationOutcome } = await exported(...asked);
  expect(OperationOutcome).toBeUndefined();
  return { Patient: idsIn(Patient), Observation: idsIn(Observation) };
};

const changed = ['m00', ...members.slice(1, 10), 'm05-later', 'z'];

describe('the members of a Group that is exported', () => {
  it('are those of the request, whoever comes and leaves meanwhile', async () => {
    expect(await idsOf({ 1: () => putGroup(changed) })).toEqual(all);
  });

  it('are so where it changes again and again, and when it is changed while a page is read', async () => {
    const between = { 0: () => putGroup(['z']), 1: () => putGroup([]), 3: () => putGroup(changed) };
    expect(await idsOf(between)).toEqual(all);
  });

  it('are so where it is deleted', async () => {
    expect(await idsOf({ 2: () => server.send('DELETE', '/fhir/Group/g') })).toEqual(all);
  });

  it('are so where what belongs to each stands together', async () => {
    const { Parameters = [] } = await exported(
      { 0: () => putGroup(['z']) },
      { organizedBy: { persons: isMember } },
    );
    const ids = idsIn(Parameters.filter(({ resourceType }) => resourceType !== 'Parameters'));
    expect(ids).toEqual(members.flatMap((id) => [id, `o-${id}`]));
  });

  it('are told of where it is written all the time', async () => {
    const each = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [n, () => putGroup(n % 2 === 0 ? ['z'] : members)]),
    );
    const { OperationOutcome } = await exported(each);
    expect(OperationOutcome?.[0].issue[0].diagnostics).toContain('Group/g was changed while it was exported');
  });
});

it('gives up on a Group of which more than 5,000 came, says so, and asks as it is', async () => {
  const member = Array.from({ length: 5001 }, (_, n) => ({ entity: { reference: `Patient/n${n}` } }));
  const versions = new Map([
    [1, { text: '{"resourceType":"Group","id":"g"}', versionId: 1 }],
    [2, { text: JSON.stringify({ resourceType: 'Group', id: 'g', member }), versionId: 2 }],
  ]);
  const told: string[] = [];
  const freeze = openFreeze({
    store: {
      read: async () => versions.get(2) as never,
      readVersion: async (_key, version) => versions.get(version) as never,
    },
    baseUrl: 'http://x',
    watched: [{ id: 'g' as ResourceId, versionId: 1 }],
    onUnfrozen: (id) => told.push(id),
  });
  expect(await freeze(isMember, async (filter) => filter)).toEqual(isMember);
  expect(await freeze(isMember, async (filter) => filter)).toEqual(isMember);
  expect(told).toEqual(['g']);
});
