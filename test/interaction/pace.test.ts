import { afterAll, beforeAll, expect, it } from 'vitest';
import { runBatch } from '../../src/interaction/batch.ts';
import { readHistory } from '../../src/interaction/read-history.ts';
import { searchResources } from '../../src/interaction/search-resources.ts';
import { runTransaction } from '../../src/interaction/transaction.ts';
import { performOperation } from '../../src/operation/perform-operation.ts';
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
