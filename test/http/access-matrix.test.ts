import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteResource } from '../../src/interaction/delete-resource.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { requestTable } from '../../src/request/request-table.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { doseOf, fillAccessWorld, type Person, persons, type Row, rows } from './access-world.ts';
import { as, callersByName } from './entitled.ts';
import { openTestServer, type TestAnswer, type TestServer } from './open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  const others = {
    'another type': { role: 'clinician', organizations: ['a'], scopes: 'user/Location.cruds' },
    'no patient in context': { role: 'clinician', organizations: ['a'], scopes: 'patient/*.cruds' },
  } as const;
  const given = Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.given]));
  server = await openTestServer({ auth: 'smart', callerOf: callersByName({ ...given, ...others }) });
  await fillAccessWorld(server);
});
afterAll(() => server.close());

type Asked = { readonly url: string; readonly body?: unknown; readonly type?: string };
/** What the answer must be for a caller of the row. */
type Judge = (answer: TestAnswer, row: Row, person: Person) => void;
type Way = {
  readonly ask: (person: Person) => Asked;
  readonly judge: Judge;
  /** What a token for another type is answered. */
  readonly outside: number;
  /** Not asked of who never was. */
  readonly ofPersons?: true;
};

const everybody = Object.keys(persons) as (keyof typeof persons)[];
const sees = ({ sees: seen }: Row, person: Person) => seen.some((one) => one === person);
const may = (row: Row, person: Person) =>
  row.writes && (sees(row, person) || (person === 'never' && row.all));

/** No word of whom the caller does not see, whatever the answer is. */
const tellsNothing: Judge = ({ body }, row) => {
  const text = JSON.stringify({ ...body, link: undefined });
  for (const person of everybody.filter((one) => !sees(row, one))) expect(text).not.toContain(person);
};
const ids = ({ body }: TestAnswer): readonly string[] =>
  (body.entry ?? []).map((entry: { readonly resource: { readonly id: string } }) => entry.resource.id);

const isRead: Judge = ({ status }, row, person) => expect(status).toBe(sees(row, person) ? 200 : 404);
const isListed: Judge = (answer, row) => {
  expect(answer.status).toBe(200);
  expect([...ids(answer)].sort()).toEqual([...row.sees].sort());
  expect(answer.body.total).toBe(row.sees.length);
  tellsNothing(answer, row, 'never');
};
/** A part of it may be outside the scopes, which is said. */
const isSafe: Judge = (answer, row, person) => {
  expect([200, 403]).toContain(answer.status);
  tellsNothing(answer, row, person);
};
const isSafeOfOne: Judge = (answer, row, person) => {
  if (sees(row, person)) isSafe(answer, row, person);
  else expect(answer.status).toBe(404);
};
const isWritten =
  (done: number): Judge =>
  ({ status }, row, person) =>
    expect(status).toBe(may(row, person) ? done : 403);

const list = 'Patient?_total=accurate';
const dose = (person: Person) => ({ ...doseOf(person), id: `dose-${person}`, lotNumber: 'CHANGED' });
const patch = [{ op: 'add', path: '/lotNumber', value: 'PATCHED' }];
const patched = 'application/json-patch+json';
const form = 'application/x-www-form-urlencoded';
const child = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'assessmentDate', valueDate: '2026-01-01' },
    { name: 'patient', resource: { resourceType: 'Patient', gender: 'male', birthDate: '2025-01-01' } },
  ],
};

/** A way for each row of the table of requests; a new row needs one. */
const ways: Readonly<Record<string, Way>> = {
  'GET /metadata': {
    ask: () => ({ url: 'metadata' }),
    judge: ({ status }) => expect(status).toBe(200),
    outside: 200,
  },
  'POST /': {
    ask: (person) => ({
      url: '',
      body: {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [{ request: { method: 'GET', url: `Immunization/dose-${person}` } }],
      },
    }),
    judge: ({ status, body }, row, person) => {
      expect(status).toBe(200);
      expect(body.entry[0].response.status).toMatch(sees(row, person) ? /^200/ : /^404/);
    },
    outside: 200,
  },
  'GET /': { ask: () => ({ url: '?_type=Patient&_total=accurate' }), judge: isListed, outside: 200 },
  'GET /_search': {
    ask: () => ({ url: '_search?_type=Patient&_total=accurate' }),
    judge: isListed,
    outside: 200,
  },
  'POST /_search': {
    ask: () => ({ url: '_search', body: '_type=Patient&_total=accurate', type: form }),
    judge: isListed,
    outside: 200,
  },
  'GET /_history': { ask: () => ({ url: '_history?_count=1000' }), judge: isSafe, outside: 200 },
  'GET /$:operation': { ask: () => ({ url: '$meta' }), judge: isSafe, outside: 403 },
  'POST /$:operation': {
    ask: () => ({ url: '$immds-forecast', body: child }),
    judge: ({ status }) => expect(status).toBe(200),
    outside: 200,
  },
  'GET /:type': { ask: () => ({ url: list }), judge: isListed, outside: 403 },
  'POST /:type': {
    ask: (person) => ({ url: 'Immunization', body: doseOf(person) }),
    judge: ({ status }, row, person) =>
      expect(status).toBe(may(row, person) || row.reports === person ? 201 : 403),
    outside: 403,
    ofPersons: true,
  },
  'PUT /:type': {
    ask: (person) => ({ url: `Immunization?_id=dose-${person}`, body: dose(person) }),
    judge: isWritten(200),
    outside: 403,
    ofPersons: true,
  },
  'PATCH /:type': {
    ask: (person) => ({ url: `Immunization?_id=dose-${person}`, body: patch, type: patched }),
    judge: ({ status }, row, person) => {
      const isRefused = row.readOnly || (sees(row, person) && !row.writes);
      expect(status).toBe(isRefused ? 403 : sees(row, person) ? 200 : 404);
    },
    outside: 403,
  },
  'DELETE /:type': {
    ask: (person) => ({ url: `Immunization?_id=dose-${person}` }),
    judge: ({ status }, row, person) => {
      const isRefused = row.readOnly || (sees(row, person) && !row.deletes);
      expect(status).toBe(isRefused ? 403 : 204);
    },
    outside: 403,
  },
  'GET /:type/_search': {
    ask: () => ({ url: 'Patient/_search?_total=accurate' }),
    judge: isListed,
    outside: 403,
  },
  'POST /:type/_search': {
    ask: () => ({ url: 'Patient/_search', body: '_total=accurate', type: form }),
    judge: isListed,
    outside: 403,
  },
  'GET /:type/_history': { ask: () => ({ url: 'Patient/_history' }), judge: isSafe, outside: 403 },
  'GET /:type/$:operation': { ask: () => ({ url: 'Patient/$everything' }), judge: isSafe, outside: 403 },
  'POST /:type/$:operation': { ask: () => ({ url: 'Patient/$everything' }), judge: isSafe, outside: 403 },
  'GET /:type/:id': { ask: (person) => ({ url: `Patient/${person}` }), judge: isRead, outside: 403 },
  'PUT /:type/:id': {
    ask: (person) => {
      const id = person === 'never' ? 'dose-new' : `dose-${person}`;
      return { url: `Immunization/${id}`, body: { ...dose(person), id } };
    },
    judge: ({ status }, row, person) => {
      const done = person === 'never' ? 201 : 200;
      expect(status).toBe(may(row, person) ? done : 403);
    },
    outside: 403,
  },
  'PATCH /:type/:id': {
    ask: (person) => ({ url: `Immunization/dose-${person}`, body: patch, type: patched }),
    judge: ({ status }, row, person) => {
      const done = person === 'never' ? 404 : 200;
      expect(status).toBe(may(row, person) ? done : 403);
    },
    outside: 403,
  },
  'DELETE /:type/:id': {
    ask: (person) => ({ url: `Immunization/dose-${person}` }),
    judge: ({ status }, row, person) => {
      expect(status).toBe(row.deletes && may(row, person) ? 204 : 403);
    },
    outside: 403,
  },
  'GET /:type/:id/_history': {
    ask: (person) => ({ url: `Immunization/dose-${person}/_history` }),
    judge: isRead,
    outside: 403,
  },
  'GET /:type/:id/_history/:version': {
    ask: (person) => ({ url: `Patient/${person}/_history/1` }),
    judge: isRead,
    outside: 403,
  },
  'GET /:type/:id/$:operation': {
    ask: (person) => ({ url: `Patient/${person}/$everything` }),
    judge: isSafeOfOne,
    outside: 403,
  },
  'POST /:type/:id/$:operation': {
    ask: (person) => ({ url: `Patient/${person}/$immds-forecast` }),
    judge: isSafeOfOne,
    outside: 403,
  },
  'GET /:type/:id/:inner': {
    ask: (person) => ({ url: `Patient/${person}/Immunization` }),
    judge: (answer, row, person) => {
      expect(answer.status).toBe(200);
      expect(ids(answer)).toEqual(sees(row, person) ? [`dose-${person}`] : []);
    },
    outside: 403,
  },
};

async function send(name: string | undefined, way: string, person: Person): Promise<TestAnswer> {
  const [method = ''] = way.split(' ');
  const { url, body, type } = (ways[way] as Way).ask(person);
  const headers = {
    ...(name !== undefined && as(name)),
    ...(type !== undefined && { 'content-type': type }),
  };
  const path = `/fhir/${url}`.replace('/fhir/?', '/fhir?');
  if (method === 'GET') return server.get(path, headers);
  const answer = await server.send(method as 'POST', path, body, headers);
  await restore(person, answer);
  return answer;
}

/** What was written is as it was before. */
async function restore(person: Person, { headers }: TestAnswer): Promise<void> {
  const made = /Immunization\/([^/]+)/.exec(String(headers['location'] ?? ''))?.[1];
  if (made !== undefined && !everybody.some((one) => made === `dose-${one}`)) {
    await deleteResource(server.ctx, { type: 'Immunization', id: made as ResourceId });
  }
  if (person === 'never') return;
  const parsed = { resource: { ...doseOf(person), id: `dose-${person}` } as never, exactNumbers: false };
  await updateResource(server.ctx, { type: 'Immunization', id: `dose-${person}` as ResourceId }, parsed);
}

it('has a way for every request that there is', () => {
  const table = requestTable.map(({ method, path }) => `${method} ${path}`);
  expect(Object.keys(ways).sort()).toEqual([...table].sort());
});

describe.each(Object.keys(ways))('%s', (way) => {
  const { judge, outside, ofPersons } = ways[way] as Way;

  it('is refused to who has no token, or one that nobody knows', async () => {
    const expected = way === 'GET /metadata' ? 200 : 401;
    expect((await send(undefined, way, 'mine')).status).toBe(expected);
    expect((await send('forged', way, 'mine')).status).toBe(expected);
  });

  it('says of a token for another type that it has no scope, or answers without that type', async () => {
    const answer = await send('another type', way, 'mine');
    expect(answer.status).toBe(outside);
    const own = answer.body?.entry?.[0]?.response?.status;
    if (own !== undefined) expect(own).toMatch(/^403/);
    else tellsNothing(answer, { given: {}, sees: [], writes: false }, 'mine');
  });

  it('shows nothing to a patient scope without a patient', async () => {
    judge(await send('no patient in context', way, 'mine'), { given: {}, sees: [], writes: false }, 'mine');
  });

  it.each(Object.keys(rows))('answers a caller of kind: %s', async (name) => {
    const row = rows[name] as Row;
    for (const person of [...everybody, ...(ofPersons ? [] : (['never'] as const))]) {
      const answer = await send(name, way, person);
      try {
        judge(answer, row, person);
      } catch (cause) {
        throw new Error(`${way} of ${person}: ${answer.status} ${answer.text.slice(0, 300)}`, { cause });
      }
    }
  });
});
