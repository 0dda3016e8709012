import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app.ts';
import { planByQuery } from '../../src/export/export-operations.ts';
import { type InteractionContext, openContext, type ServerContext } from '../../src/interaction/context.ts';
import { openJobRunner } from '../../src/job/job-runner.ts';
import { type IndexState, indexWarnings, openIndexState } from '../../src/registry/reindex/index-state.ts';
import { reindexJob, reindexJobId } from '../../src/registry/reindex/reindex-job.ts';
import { everything } from '../../src/search/filter.ts';
import { buildIndexer } from '../../src/search/index-resource.ts';
import type { SearchParam, SearchParams } from '../../src/search/search-params.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { baseUrl, openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer();
  // As main does, before anything is written.
  await openIndexState(server.store, server.context);
});
afterEach(() => server.close());

const patient = {
  resourceType: 'Patient',
  id: 'p',
  birthDate: '2020-01-01',
  maritalStatus: { text: 'single' },
  name: [{ family: 'Smith' }],
};
const dose = {
  resourceType: 'Immunization',
  id: 'i',
  status: 'completed',
  vaccineCode: { text: 'x' },
  occurrenceDateTime: '2025-01-01',
  patient: { reference: 'Patient/p' },
};

const param = (code: string, expression: string): SearchParam => ({
  code,
  type: 'string',
  url: `urn:${code}`,
  expression,
  target: [],
  components: [],
});

/** The next start of the server, with other definitions. */
async function restart(change: (params: Map<string, Map<string, SearchParam>>) => void, base = baseUrl) {
  const params = new Map(
    [...server.context.searchParams].map(([type, own]) => [type, new Map(own)] as const),
  );
  change(params as Map<string, Map<string, SearchParam>>);
  const searchParams = params as SearchParams;
  const loaded = {
    ...server.context,
    searchParams,
    baseUrl: base,
    indexResource: await buildIndexer(searchParams, { baseUrl: base }),
  };
  const index = await openIndexState(server.store, loaded);
  const context: ServerContext = { ...loaded, staleness: index.staleness };
  const app = buildApp({
    context,
    contextFor: (caller) => openContext(context, server.store, caller),
    operations: server.operations,
    codeSystems: () => [],
    auth: 'off',
    log: 'silent',
    software: { name: 'Jenner', version: 'test', released: '2026-01-01' },
    check: () => server.store.check(),
    warnings: () => indexWarnings(index),
  });
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
    headers = {},
  ) => {
    const answer = await app.inject({
      method,
      url,
      headers: { ...(payload && { 'content-type': 'application/fhir+json' }), ...headers },
      ...(payload && { payload: JSON.stringify(payload) }),
    });
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body === '' ? undefined : answer.json(),
    };
  };
  return { context, index, ask, reindex: (changed = true) => reindex(context, index, changed) };
}

async function reindex(context: ServerContext, index: IndexState, changed: boolean) {
  const runner = openJobRunner({
    store: server.store,
    clock: context.clock,
    kinds: [reindexJob({ store: server.store, context, index })],
    owner: 'test',
    log: () => {},
  });
  await runner.submit({ id: reindexJobId, kind: 'reindex', input: { changed } });
  return runner.run(reindexJobId);
}

const withMarital = (params: Map<string, Map<string, SearchParam>>) => {
  params.get('Patient')?.set('marital', param('marital', 'Patient.maritalStatus.text'));
};
const warningsOf = (body: { readonly entry?: readonly { readonly search: { readonly mode: string } }[] }) =>
  (body.entry ?? []).filter(({ search }) => search.mode === 'outcome').length;

describe('names of a store whose release knew no words', () => {
  it('are drawn anew, and found by their beginnings until then', async () => {
    const before = await restart((params) => {
      for (const own of params.values()) {
        const name = own.get('name');
        if (name?.isByWord) own.set('name', { ...name, ...{ isByWord: undefined } } as never);
      }
    });
    await before.reindex();
    await before.ask('PUT', '/fhir/Patient/p', { ...patient, name: [{ family: 'de la Vega' }] });
    const { ask, index, reindex: mend } = await restart(() => {});
    const stale = ['Patient', 'Person', 'Practitioner', 'RelatedPerson'];
    expect([...index.stale()].sort()).toEqual(stale.map((type) => [type, new Map([['name', 'changed']])]));
    const early = (await ask('GET', '/fhir/Patient?name=de la')).body;
    expect(warningsOf(early)).toBe(1);
    expect(early.entry[0].resource.id).toBe('p');
    await mend();
    const { body } = await ask('GET', '/fhir/Patient?name=vega');
    expect(body.entry).toMatchObject([{ resource: { id: 'p' } }]);
  });
});

describe('a search parameter that is new to a store with resources', () => {
  beforeEach(async () => {
    await server.send('PUT', '/fhir/Patient/p', patient);
  });

  it('is said to be stale, in the health and in answers of searches by it alone', async () => {
    const { ask, index } = await restart(withMarital);
    expect([...index.stale()]).toEqual([['Patient', new Map([['marital', 'changed']])]]);
    const health = await ask('GET', '/health/ready');
    expect(health.status).toBe(200);
    expect(health.body.warnings).toEqual([expect.stringContaining('Patient by marital')]);
    const found = await ask('GET', '/fhir/Patient?marital=single');
    expect(found.body.entry).toMatchObject([
      { search: { mode: 'outcome' }, resource: { issue: [{ severity: 'warning' }] } },
    ]);
    expect(JSON.stringify(found.body)).toContain('Patient.marital');
    expect(warningsOf((await ask('GET', '/fhir/Patient?name=smith')).body)).toBe(0);
  });

  it.each([
    '/fhir/Immunization?patient:Patient.marital=single',
    '/fhir/Patient?_sort=marital',
    '/fhir/Patient?_filter=marital eq single',
    '/fhir/Organization?_has:Patient:organization:marital=single',
  ])('is said to be stale in the answer of %s', async (url) => {
    const { ask } = await restart(withMarital);
    expect(warningsOf((await ask('GET', url)).body)).toBe(1);
  });

  it('decides nothing: what is conditional on it is 503 until it is drawn', async () => {
    const { ask, reindex: mend } = await restart(withMarital);
    const { id: _, ...fresh } = patient;
    const condition = { 'if-none-exist': 'marital=single' };
    const refused = await ask('POST', '/fhir/Patient', fresh, condition);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('30');
    expect((await ask('PUT', '/fhir/Patient?marital=single', fresh)).status).toBe(503);
    expect((await ask('DELETE', '/fhir/Patient?marital=single')).status).toBe(503);
    const reference = { ...dose, patient: { reference: 'Patient?marital=single' } };
    const entry = [{ resource: reference, request: { method: 'POST', url: 'Immunization' } }];
    expect((await ask('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(
      503,
    );
    expect(await mend()).toMatchObject({ state: 'finished', result: { resources: 1 } });
    expect((await ask('POST', '/fhir/Patient', fresh, condition)).status).toBe(200);
    expect((await ask('GET', '/health/ready')).body).toEqual({ status: 'ok' });
    expect((await ask('GET', '/fhir/Patient?marital=single&_total=accurate')).body.total).toBe(1);
  });

  it('is drawn of what is written meanwhile', async () => {
    const { ask } = await restart(withMarital);
    await ask('PUT', '/fhir/Patient/q', { ...patient, id: 'q' });
    const { body } = await ask('GET', '/fhir/Patient?marital=single');
    expect(body.entry[0].resource.id).toBe('q');
  });

  it('is stale again when it was away for a while', async () => {
    const { reindex: mend } = await restart(withMarital);
    await mend();
    const without = await restart(() => {});
    await without.ask('PUT', '/fhir/Patient/q', { ...patient, id: 'q' });
    const again = await restart(withMarital);
    expect([...again.index.stale()]).toEqual([['Patient', new Map([['marital', 'changed']])]]);
  });
});

it('is not stale in an empty store, nor after a start with what was there', async () => {
  const { index } = await restart(withMarital);
  expect(index.stale().size).toBe(1);
  const fresh = await openTestServer();
  const state = await openIndexState(fresh.store, { ...fresh.context });
  expect([state.stale().size, state.pending().length]).toEqual([0, 0]);
  await fresh.send('PUT', '/fhir/Patient/p', patient);
  const next = await openIndexState(fresh.store, fresh.context);
  expect([next.stale().size, next.pending().length]).toEqual([0, 0]);
  await fresh.close();
});

it('deletes nothing by references that are not drawn yet', async () => {
  await server.send('PUT', '/fhir/Organization/o', { resourceType: 'Organization', id: 'o', name: 'O' });
  const protocol = { doseNumberString: '1', authority: { reference: 'Organization/o' } };
  await server.send('PUT', '/fhir/Immunization/i', { ...dose, protocolApplied: [protocol] });
  const { ask, reindex: mend } = await restart((params) => {
    const authority = {
      ...param('authority', 'Immunization.protocolApplied.authority'),
      type: 'reference' as const,
    };
    params.get('Immunization')?.set('authority', authority);
  });
  expect((await ask('DELETE', '/fhir/Organization/o')).status).toBe(503);
  await mend();
  expect((await ask('DELETE', '/fhir/Organization/o')).status).toBe(409);
});

it('lets nobody in by a parameter that is not drawn yet', async () => {
  await server.send('PUT', '/fhir/Patient/p', patient);
  const { context } = await restart(withMarital);
  const single = {
    kind: 'value',
    param: 'marital',
    test: { kind: 'string', match: 'prefix', text: 'single' },
  } as const;
  const grants = new Map([
    ['Patient', { read: { kind: 'not', of: single }, search: { kind: 'not', of: single } }],
  ] as const);
  const ctx = openContext(context, server.store, { kind: 'token', name: 'test', grants });
  expect(await ctx.view.read({ type: 'Patient', id: 'p' as ResourceId })).toBeUndefined();
  expect(await ctx.view.count(['Patient'], { kind: 'and', of: [] })).toBe(0);
});

describe('an export', () => {
  const export_ = (ctx: InteractionContext, type = 'Patient') =>
    planByQuery(ctx, { level: 'system', ground: {} }, [['_type', type]]);

  it('is refused by what its caller may see, as long as that is not drawn', async () => {
    await server.send('PUT', '/fhir/Patient/p', patient);
    const { context, index } = await restart(withMarital);
    const single = {
      kind: 'value',
      param: 'marital',
      test: { kind: 'string', match: 'prefix', text: 'single' },
    } as const;
    const seen = { read: everything, search: single };
    const grants = new Map([['Patient', seen] as const, ['Organization', seen] as const]);
    const ctx = openContext(context, server.store, { kind: 'token', name: 'test', grants });
    await expect(export_(ctx)).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringContaining('what you may see of Patient is being built anew'),
    });
    await reindex(context, index, true);
    expect((await export_(ctx)).parts).toMatchObject([{ type: 'Patient', isRestricted: true }]);
  });

  it('is refused by what it asks by, as long as that is not drawn', async () => {
    await server.send('PUT', '/fhir/Patient/p', patient);
    const { ask, reindex: mend } = await restart(withMarital);
    const kickOff = () =>
      ask('GET', '/fhir/$export?_typeFilter=Patient%3Fmarital%3Dsingle', undefined, {
        prefer: 'respond-async',
      });
    const refused = await kickOff();
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '30']);
    await mend();
    expect((await kickOff()).status).toBe(202);
  });

  it('of people is refused as long as it is not drawn whose data it is', async () => {
    const observation = { resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' } };
    await server.send('PUT', '/fhir/Observation/o', observation);
    const { ask } = await restart((params) => {
      const own = params.get('Observation')?.get('subject');
      if (own)
        params.get('Observation')?.set('subject', { ...own, expression: 'Observation.subject.where(true)' });
    });
    const kickOff = (level: string) =>
      ask('GET', `/fhir/${level}?_type=Observation`, undefined, { prefer: 'respond-async' });
    expect([(await kickOff('Patient/$export')).status, (await kickOff('$export')).status]).toEqual([
      503, 202,
    ]);
  });
});

describe('another base', () => {
  const absolute = { ...dose, patient: { reference: 'http://other.test/fhir/Patient/p' } };

  it('makes references stale, which are warned of and not refused, since only absolute ones are missed', async () => {
    await server.send('PUT', '/fhir/Patient/p', patient);
    await server.send('PUT', '/fhir/Immunization/i', absolute);
    const { ask, index, reindex: mend } = await restart(() => {}, 'http://other.test/fhir');
    expect(index.staleness('Immunization', 'patient')).toBe('moved');
    expect(index.staleness('Patient', 'name')).toBeUndefined();
    const before = (await ask('GET', '/fhir/Patient/p/Immunization')).body;
    expect(before.entry).toMatchObject([{ search: { mode: 'outcome' } }]);
    expect((await ask('GET', '/fhir/Patient/p/$everything')).status).toBe(200);
    expect((await ask('GET', '/fhir/Patient/p/$immds-forecast')).status).toBe(200);
    await mend();
    const after = (await ask('GET', '/fhir/Patient/p/Immunization')).body;
    expect(after.entry).toMatchObject([{ resource: { id: 'i' }, search: { mode: 'match' } }]);
  });

  it('is the same on any port of a loopback address', async () => {
    const loopback = await restart(() => {}, 'http://127.0.0.1:8080/fhir');
    await loopback.reindex();
    for (const base of ['http://127.0.0.1:9000/fhir', 'http://localhost/fhir', 'http://[::1]:1/fhir']) {
      expect((await restart(() => {}, base)).index.stale().size).toBe(0);
    }
    expect((await restart(() => {}, 'http://127.0.0.1.example.org/fhir')).index.stale().size).toBeGreaterThan(
      0,
    );
  });
});

it('refuses a forecast and $everything by what is defined otherwise', async () => {
  await server.send('PUT', '/fhir/Patient/p', patient);
  const { ask } = await restart((params) => {
    const own = params.get('Immunization')?.get('patient');
    if (own)
      params.get('Immunization')?.set('patient', { ...own, expression: 'Immunization.patient.where(true)' });
  });
  expect((await ask('GET', '/fhir/Patient/p/$everything')).status).toBe(503);
  expect((await ask('GET', '/fhir/Patient/p/$immds-forecast')).status).toBe(503);
});

it('draws a store anew of which nobody said how it was drawn, and takes it as it is until then', async () => {
  const old = await openTestServer();
  await old.send('PUT', '/fhir/Patient/p', patient);
  const state = await openIndexState(old.store, old.context);
  expect(state.stale().size).toBe(0);
  expect(state.pending()).toContain('Patient');
  await old.close();
});

describe('the job that draws anew', () => {
  it('goes on where it ended, and ends the type that it had begun', async () => {
    for (let n = 0; n < 3; n++) await server.send('PUT', `/fhir/Patient/p${n}`, { ...patient, id: `p${n}` });
    const { context, index, ask } = await restart(withMarital);
    const kind = reindexJob({ store: server.store, context, index });
    const work = {
      job: { input: { changed: true } },
      checkpoint: { type: 'Patient', done: 7 },
      signal: new AbortController().signal,
      progress: () => {},
      keep: async () => {},
    };
    expect(await kind.run(work as never)).toMatchObject({ resources: 10 });
    expect(index.stale().size).toBe(0);
    expect((await ask('GET', '/fhir/Patient?marital=single&_total=accurate')).body.total).toBe(3);
  });

  it('begins a type anew that is defined otherwise than when it ended, and draws what became stale before it', async () => {
    for (let n = 0; n < 3; n++) await server.send('PUT', `/fhir/Patient/p${n}`, { ...patient, id: `p${n}` });
    await server.send('PUT', '/fhir/Immunization/i', { ...dose, lotNumber: 'A', site: { text: 'arm' } });
    // It ended within the Patients, by definitions that did not know the parameters of now.
    const first = await server.store.scan({ type: 'Patient', count: 2 });
    const { context, index, ask } = await restart((params) => {
      withMarital(params);
      params.get('Immunization')?.set('site', param('site', 'Immunization.site.text'));
    });
    const work = {
      job: { input: { changed: true } },
      checkpoint: { type: 'Patient', done: 2, after: first.next, definition: 'as it was' },
      signal: new AbortController().signal,
      progress: () => {},
      keep: async () => {},
    };
    await reindexJob({ store: server.store, context, index }).run(work as never);
    expect(index.stale().size).toBe(0);
    expect((await ask('GET', '/fhir/Patient?marital=single&_total=accurate')).body.total).toBe(3);
    expect((await ask('GET', '/fhir/Immunization?site=arm&_total=accurate')).body.total).toBe(1);
  });

  it('goes on behind the cursor where the definitions are the same', async () => {
    for (let n = 0; n < 3; n++) await server.send('PUT', `/fhir/Patient/p${n}`, { ...patient, id: `p${n}` });
    const first = await server.store.scan({ type: 'Patient', count: 2 });
    const { context, index } = await restart(withMarital);
    const work = {
      job: { input: { changed: true } },
      checkpoint: { type: 'Patient', done: 2, after: first.next, definition: index.definitionOf('Patient') },
      signal: new AbortController().signal,
      progress: () => {},
      keep: async () => {},
    };
    const result = await reindexJob({ store: server.store, context, index }).run(work as never);
    expect(result).toMatchObject({ resources: 3 });
  });

  it('leaves types alone that are as they are drawn, unless all are asked for', async () => {
    await server.send('PUT', '/fhir/Patient/p', patient);
    await server.send('PUT', '/fhir/Organization/o', { resourceType: 'Organization', id: 'o', name: 'O' });
    const changed = await restart(withMarital);
    expect((await changed.reindex(true))?.result).toMatchObject({ resources: 1 });
    expect((await changed.reindex(true))?.result).toMatchObject({ resources: 0 });
    expect((await changed.reindex(false))?.result).toMatchObject({ resources: 2 });
  });
});
