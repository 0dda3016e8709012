import { afterAll, beforeAll, expect, it } from 'vitest';
import { runBatch } from '../../src/interaction/batch.ts';
import { historyBundle } from '../../src/interaction/history-bundle.ts';
import { readResourceBody } from '../../src/interaction/parse-body.ts';
import { patchResource } from '../../src/interaction/patch-resource.ts';
import { readHistory } from '../../src/interaction/read-history.ts';
import { responseBundle } from '../../src/interaction/response-bundle.ts';
import { searchResources } from '../../src/interaction/search-resources.ts';
import { runTransaction } from '../../src/interaction/transaction.ts';
import type { Patch } from '../../src/interaction/write-plan.ts';
import { performOperation } from '../../src/operation/perform-operation.ts';
import { parseResourceId } from '../../src/values/resource-id.ts';
import { AbandonedError } from '../../src/values/turns.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const services = {
  operate: () => Promise.reject(new Error('no operation was asked for')),
  capabilities: () => '{}',
};

const bundle = (count: number, name: string) => ({
  exactNumbers: false,
  resource: {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: Array.from({ length: count }, () => ({
      resource: { resourceType: 'Patient', name: [{ family: name }] },
      request: { method: 'POST', url: 'Patient' },
    })),
  },
});

/** What the server works with, and how often it let others come first; the client goes after so many times. */
function paced(goesAfter = Number.POSITIVE_INFINITY) {
  let pauses = 0;
  const pace = () => {
    if (++pauses > goesAfter) throw new AbandonedError('gone');
    return undefined;
  };
  return { ctx: { ...server.ctx, pace }, pauses: () => pauses };
}

const found = async (name: string) =>
  (await searchResources(server.ctx, ['Patient'], [['family', name]], 'strict')).matches.length;

it('lets others come first at every stage of every entry of a transaction', async () => {
  const { ctx, pauses } = paced();
  await runTransaction(ctx, bundle(40, 'Stages'), services);
  // It is read, placed, has its references resolved, is made and answered.
  expect(pauses()).toBeGreaterThanOrEqual(5 * 40);
});

it('keeps nothing of a transaction whose client went before it was written', async () => {
  await expect(runTransaction(paced(100).ctx, bundle(40, 'Gone'), services)).rejects.toThrow(AbandonedError);
  expect(await found('Gone')).toBe(0);
});

it('ends a batch, where its client has gone, at the entry it was at', async () => {
  await expect(runBatch(paced(10).ctx, bundle(40, 'Batch'), services)).rejects.toThrow(AbandonedError);
  expect(await found('Batch')).toBe(10);
});

it('ends includes and $everything for who has gone', async () => {
  await runTransaction(server.ctx, bundle(60, 'All'), services);
  const search = searchResources(
    paced(0).ctx,
    ['Patient'],
    [['_revinclude', 'Observation:subject']],
    'strict',
  );
  await expect(search).rejects.toThrow(AbandonedError);
  const everything = server.operations.find(({ code }) => code === 'everything');
  if (!everything) throw new Error('there is no $everything');
  const call = { code: 'everything', type: 'Patient', query: [], body: () => undefined } as const;
  const page = performOperation(paced(3).ctx, everything, call);
  await expect(page).rejects.toThrow(AbandonedError);
});

it('ends the expansion of a value set, and a search by one, for who has gone', async () => {
  const concept = Array.from({ length: 20_000 }, (_, n) => ({ code: `c${n}` }));
  const include = [{ system: 'urn:pace', concept }];
  const valueSet = { resourceType: 'ValueSet', status: 'active', url: 'urn:pace:set', compose: { include } };
  await server.send('POST', '/fhir/ValueSet', valueSet);
  const expand = server.operations.find(({ code }) => code === 'expand');
  if (!expand) throw new Error('there is no $expand');
  const resource = { resourceType: 'Parameters', parameter: [{ name: 'valueSet', resource: valueSet }] };
  const call = {
    code: 'expand',
    type: 'ValueSet',
    query: [],
    body: () => ({ resource, exactNumbers: false }),
  } as const;
  await expect(performOperation(paced(30).ctx, expand, call)).rejects.toThrow(AbandonedError);
  const search = (ctx: typeof server.ctx) =>
    searchResources(ctx, ['Observation'], [['code:in', 'urn:pace:set']], 'strict');
  await expect(search(paced(30).ctx)).rejects.toThrow(AbandonedError);
});

const codeSystem = (count: number) => ({
  resourceType: 'CodeSystem',
  id: `pace-${count}`,
  url: `urn:pace:${count}`,
  status: 'active',
  content: 'complete',
  concept: Array.from({ length: count }, (_, n) => ({ code: `c${n}`, display: `Code ${n}` })),
});

it.each([
  ['$expand', 'ValueSet', 'expand', { name: 'valueSet', resource: setOf('urn:pace:20000') }],
  ['$validate-code', 'CodeSystem', 'validate-code', { name: 'url', valueUri: 'urn:pace:20000' }],
  [
    '$validate-code of what is sent',
    'CodeSystem',
    'validate-code',
    { name: 'codeSystem', resource: codeSystem(20_000) },
  ],
] as const)('reads and indexes a large code system in steps: %s', async (_what, type, code, parameter) => {
  await server.send('PUT', '/fhir/CodeSystem/pace-20000', codeSystem(20_000));
  const operation = server.operations.find((each) => each.code === code && each.types.includes(type));
  if (!operation) throw new Error(`there is no ${code}`);
  const asked = { name: 'code', valueCode: 'c1' };
  const resource = {
    resourceType: 'Parameters',
    parameter: code === 'expand' ? [parameter, { name: 'count', valueInteger: 1 }] : [parameter, asked],
  };
  const { ctx, pauses } = paced();
  await performOperation(ctx, operation, {
    code,
    type,
    query: [],
    body: () => ({ resource, exactNumbers: false }),
  });
  expect(pauses()).toBeGreaterThan(20);
});

function setOf(system: string) {
  return { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system }] } };
}

it('reads a code system once for all codes that a search asks for by it', async () => {
  await server.send('PUT', '/fhir/CodeSystem/pace-20000', codeSystem(20_000));
  const pausesFor = async (codes: number) => {
    const { ctx, pauses } = paced();
    const value = Array.from({ length: codes }, (_, n) => `urn:pace:20000|c${n}`).join(',');
    await searchResources(ctx, ['Observation'], [['code:below', value]], 'strict');
    return pauses();
  };
  const one = await pausesFor(1);
  expect(one).toBeGreaterThan(20);
  expect(await pausesFor(100)).toBeLessThan(2 * one);
});

it('lets others come first while a long page is written, in JSON, and entry by entry of a response', async () => {
  const { ctx, pauses } = paced();
  const history = await readHistory(server.ctx, {}, [['_count', '50']]);
  await historyBundle(ctx, { path: '_history', parameters: [] }, history);
  expect(pauses()).toBeGreaterThanOrEqual(50);
  const answers = Array(30).fill({ status: '204 No Content' });
  await responseBundle(ctx, 'batch-response', answers, 'minimal');
  expect(pauses()).toBeGreaterThanOrEqual(80);
});

it('lets others come first while it reads long lists of what is stored', async () => {
  const member = Array.from({ length: 3000 }, (_, n) => ({ entity: { reference: `Patient/none-${n}` } }));
  await server.send('PUT', '/fhir/Group/pace', {
    resourceType: 'Group',
    id: 'pace',
    type: 'person',
    actual: true,
    member,
  });
  const everything = server.operations.find(
    ({ code, types }) => code === 'everything' && types.includes('Group'),
  );
  if (!everything) throw new Error('there is no $everything');
  const { ctx, pauses } = paced();
  const id = parseResourceId('pace');
  if (!id) throw new Error('no id');
  await performOperation(ctx, everything, {
    code: 'everything',
    type: 'Group',
    id,
    query: [],
    body: () => undefined,
  });
  expect(pauses()).toBeGreaterThanOrEqual(3000);
});

it('lets others come first between the bytes of a body and what they say, and before an operation begins', async () => {
  const { ctx, pauses } = paced();
  await readResourceBody('{"resourceType":"Patient"}', ctx.pace);
  expect(pauses()).toBe(1);
  const validate = server.operations.find(({ code }) => code === 'validate');
  if (!validate) throw new Error('there is no $validate');
  const resource = { resourceType: 'Patient' };
  const call = {
    code: 'validate',
    type: 'Patient',
    query: [],
    body: () => ({ resource, exactNumbers: false }),
  } as const;
  await performOperation(ctx, validate, call);
  expect(pauses()).toBeGreaterThanOrEqual(3);
});

it('lets others come first before and after a patch, which is worked on at a stretch', async () => {
  await server.send('PUT', '/fhir/Patient/patched', { resourceType: 'Patient', id: 'patched' });
  const id = parseResourceId('patched');
  if (!id) throw new Error('no id');
  const stages: string[] = [];
  const patch: Patch = (parsed) => {
    stages.push('patch');
    return parsed;
  };
  const ctx = { ...server.ctx, pace: () => void stages.push('pause') };
  await patchResource(ctx, { type: 'Patient', id }, patch, {});
  expect(stages).toEqual(['pause', 'patch', 'pause']);
});

it('tells the store of searches, counts and histories whether their client has gone', async () => {
  const hasGone = () => false;
  const { view } = server.ctx;
  const told: unknown[] = [];
  const hear = <Answer>(gone: unknown, answer: Answer): Answer => {
    told.push(gone);
    return answer;
  };
  const listening: typeof view = {
    ...view,
    search: (query) => hear(query.hasGone, view.search(query)),
    count: (types, filter, gone) => hear(gone, view.count(types, filter, gone)),
    history: (query) => hear(query.hasGone, view.history(query)),
    countHistory: (query) => hear(query.hasGone, view.countHistory(query)),
  };
  const ctx = { ...server.ctx, view: listening, hasGone };
  await searchResources(
    ctx,
    ['Patient'],
    [
      ['_total', 'accurate'],
      ['_revinclude', 'Observation:subject'],
    ],
    'strict',
  );
  await readHistory(ctx, {}, []);
  expect(told.length).toBeGreaterThanOrEqual(5);
  expect(new Set(told)).toEqual(new Set([hasGone]));
});
