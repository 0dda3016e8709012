import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { roleNames } from '../../src/access/role-name.ts';
import { isResourceType, type ResourceType } from '../../src/fhir/resource-type.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import { parseQuery } from '../../src/interaction/parse-query.ts';
import { readHistory } from '../../src/interaction/read-history.ts';
import { readResource } from '../../src/interaction/read-resource.ts';
import { searchResources } from '../../src/interaction/search-resources.ts';
import { searchsetBundle } from '../../src/interaction/searchset-bundle.ts';
import { performOperation } from '../../src/operation/perform-operation.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { testMongoUrl } from '../mongo/test-mongo.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { fillWorld, keys, searches } from './small-world.ts';
import { filterOf } from './test-callers.ts';
import { answerOf, isReadable, visibleVersions, visibleWorld, withIncludesInOrder } from './visible-world.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await fillWorld(server.ctx);
});
afterAll(() => server.close());

const level = fc.constantFrom('patient', 'user', 'system');
const type = fc.constantFrom(
  '*',
  '*',
  '*',
  'Patient',
  'Immunization',
  'Observation',
  'Group',
  'Organization',
);
// Who may search a type may read it, so that one world is what both show.
const query = fc.constantFrom(
  '',
  '',
  '',
  '?_tag=demo',
  '?_id=p,q,i1,i2',
  '?patient=Patient/p',
  '?family=smith',
);
const scopes = fc
  .array(fc.tuple(level, type, query), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map(([of, what, by]) => `${of}/${what}.rs${by}`).join(' '));
const somePatients = fc.subarray(['p', 'q', 'r', 's']);
const entitled = fc.record({
  role: fc.option(fc.constantFrom(...roleNames), { nil: undefined }),
  scopes,
  patient: fc.option(fc.constantFrom('p', 'q', 's', 'never'), { nil: undefined }),
  ownPersons: somePatients,
  organizations: fc.subarray(['a', 'b', 'school']),
  towns: fc.subarray(['Boston', 'Lynn']),
  isDepartment: fc.boolean(),
  lookedUp: somePatients,
  brokenGlass: somePatients,
});

const callerOf = ({
  role,
  patient,
  lookedUp,
  brokenGlass,
  ...given
}: Parameters<Parameters<typeof entitled.map>[0]>[0]) =>
  callerFor({ ...given, ...(role && { role }), ...(patient && { patient }) }, { lookedUp, brokenGlass });

const searching = async (ctx: InteractionContext, of: ResourceType | undefined, text: string) => {
  const answer = await searchResources(ctx, of && [of], parseQuery(text), 'strict');
  return withIncludesInOrder(await searchsetBundle(ctx, of ?? '', answer));
};

type Token = Extract<Caller, { kind: 'token' }>;

const isGranted = (caller: Token, of: ResourceType | undefined) =>
  of === undefined || filterOf(caller, of, 'search') !== undefined;

/** Searches are answered as if what is visible were all. */
async function expectSearches(ctx: InteractionContext, caller: Token, only: TestServer, picked: number) {
  for (const [of, text] of searches.filter((_, at) => at % 6 === picked)) {
    const answer = await answerOf(() => searching(ctx, of, text));
    if (isGranted(caller, of)) {
      expect(answer, `${of}?${text}`).toEqual(await answerOf(() => searching(only.ctx, of, text)));
    } else expect(answer, `${of}?${text}`).toMatchObject({ kind: 'forbidden' });
  }
}

/** And so are reads and histories, of which deletes and old versions are judged by whom they concern. */
async function expectReads(ctx: InteractionContext, caller: Token, only: TestServer, picked: number) {
  const visible = await visibleVersions(server, caller);
  for (const key of keys.filter((one, at) => at % 3 === picked % 3 && isGranted(caller, one.type))) {
    const name = `${key.type}/${key.id}`;
    const own = visible.filter((one) => one.type === key.type && one.id === key.id);
    const current = await server.store.read(key);
    const isGone = own.some(({ versionId, text }) => !text && versionId === current?.versionId);
    const expected = isGone ? expect.objectContaining({ kind: 'gone' }) : undefined;
    const answer = await answerOf(() => readResource(ctx, key));
    expect(answer, name).toEqual(expected ?? (await answerOf(() => readResource(only.ctx, key))));
    const history = await answerOf(() => readHistory(ctx, key, []));
    if (own.length > 0 || (await isReadable(ctx, key)))
      expect(history, name).toMatchObject({ total: own.length });
    else expect(history, name).toEqual({ kind: 'not-found', message: `There is no ${name}` });
  }
}

/** All that is known of a person is no more than that. */
async function expectEverything(ctx: InteractionContext, only: TestServer) {
  const operation = server.operations.find(({ code }) => code === 'everything');
  if (!operation) throw new Error('no $everything');
  for (const id of ['p', 's']) {
    const call = { type: 'Patient', id, code: 'everything', query: [], body: () => undefined } as never;
    const answer = JSON.stringify(await answerOf(() => performOperation(ctx, operation, call)));
    for (const [, of = '', name = ''] of answer.matchAll(/fullUrl\\?":\\?"[^"\\]*\/fhir\/(\w+)\/([\w-]+)/g)) {
      const isThere = isResourceType(of) && (await only.store.read({ type: of, id: name as ResourceId }));
      expect(isThere, `${of}/${name}`).toBeTruthy();
    }
  }
}

it('answers whoever is entitled to a part of the world as if that were all', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(entitled, fc.nat({ max: 5 }), async (given, picked) => {
      // Looking up is the one way to see more.
      const { lookUp: _, ...caller } = callerOf(given);
      const only = await visibleWorld(server, caller);
      const ctx = openContext(server.context, server.store, caller);
      try {
        await expectSearches(ctx, caller, only, picked);
        await expectReads(ctx, caller, only, picked);
        await expectEverything(ctx, only);
      } finally {
        await only.close();
      }
    }),
    { numRuns: testMongoUrl() === undefined ? 60 : 25 },
  );
});
