import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import { type InteractionContext, openContext } from '../../src/interaction/context.ts';
import { parseQuery } from '../../src/interaction/parse-query.ts';
import { readHistory } from '../../src/interaction/read-history.ts';
import { readResource, vreadResource } from '../../src/interaction/read-resource.ts';
import { searchCompartment } from '../../src/interaction/search-compartment.ts';
import { searchResources } from '../../src/interaction/search-resources.ts';
import { searchsetBundle } from '../../src/interaction/searchset-bundle.ts';
import type { ResourceKey, StoredVersion } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';
import { fillWorld, keys, searches } from './small-world.ts';
import { callers, filterOf } from './test-callers.ts';
import { answerOf, isReadable, visibleVersions, visibleWorld, withIncludesInOrder } from './visible-world.ts';

const named = ({ type, id, versionId }: StoredVersion) => `${type}/${id}/${versionId}`;
const parsed = (query: string) => parseQuery(query);

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
  await fillWorld(server.ctx);
});
afterAll(() => server.close());

describe.each(Object.keys(callers))('a caller who may see %s', (name) => {
  const caller = callers[name] as Caller;
  let only: TestServer;
  let restricted: InteractionContext;
  let open: InteractionContext;
  let visible: readonly StoredVersion[];
  beforeAll(async () => {
    only = await visibleWorld(server, caller);
    restricted = openContext(server.context, server.store, caller);
    open = only.ctx;
    visible = await visibleVersions(server, caller);
  });
  afterAll(() => only.close());
  const isGranted = (type: ResourceType | undefined) =>
    type === undefined || filterOf(caller, type, 'search') !== undefined;

  it.each(searches)('searches %s?%s as if there were nothing else', async (type, query) => {
    const search = async (ctx: InteractionContext) => {
      const answer = await searchResources(ctx, type && [type], parseQuery(query), 'strict');
      return withIncludesInOrder(await searchsetBundle(ctx, type ?? '', answer));
    };
    const answer = await answerOf(() => search(restricted));
    if (isGranted(type)) expect(answer).toEqual(await answerOf(() => search(open)));
    else expect(answer).toMatchObject({ kind: 'forbidden' });
  });

  it.each(['p', 'q', 's', 'never'])(
    'searches the compartment of Patient/%s as if there were nothing else',
    async (id) => {
      for (const type of [undefined, 'Immunization', 'Observation', 'List'] as const) {
        const search = async (ctx: InteractionContext) =>
          searchsetBundle(
            ctx,
            '',
            await searchCompartment(ctx, id as ResourceId, type, parseQuery('_total=accurate'), 'strict'),
          );
        const answer = await answerOf(() => search(restricted));
        if (isGranted(type)) expect(answer).toEqual(await answerOf(() => search(open)));
        else expect(answer).toMatchObject({ kind: 'forbidden' });
      }
    },
  );

  it.each(keys)('reads $type/$id as if there were nothing else', async (key) => {
    const answer = await answerOf(() => readResource(restricted, key));
    if (!isGranted(key.type)) expect(answer).toMatchObject({ kind: 'forbidden' });
    else if (await isTombstoneSeen(key)) expect(answer).toMatchObject({ kind: 'gone' });
    else expect(answer).toEqual(await answerOf(() => readResource(open, key)));
  });

  const isTombstoneSeen = async (key: ResourceKey) => {
    const current = await server.store.read(key);
    return current?.text === undefined && current !== undefined && isSeen(current);
  };
  const isSeen = (version: StoredVersion) => visible.some((one) => named(one) === named(version));

  it.each([{}, { type: 'Immunization' }, { type: 'Patient' }, { type: 'Group' }] as const)(
    'tells in the history of %o only versions that concern whom it may see',
    async (scope: { readonly type?: ResourceType }) => {
      const { type } = scope;
      const answer = await answerOf(() => readHistory(restricted, scope, parsed('_count=1000')));
      if (!isGranted(type)) {
        expect(answer).toMatchObject({ kind: 'forbidden' });
        return;
      }
      const { versions, total } = answer as Awaited<ReturnType<typeof readHistory>>;
      const expected = visible.filter((one) => type === undefined || one.type === type).map(named);
      expect(versions.map(named).sort()).toEqual(expected.sort());
      expect(total).toBe(expected.length);
    },
  );

  it.each(keys)('tells in the history of $type/$id only those', async (key) => {
    if (!isGranted(key.type)) return;
    const own = visible.filter(({ type, id }) => type === key.type && id === key.id);
    const answer = await answerOf(() => readHistory(restricted, key, parsed('')));
    if (own.length > 0 || (await isReadable(restricted, key))) {
      expect(answer).toMatchObject({ total: own.length });
    } else {
      expect(answer).toEqual({ kind: 'not-found', message: `There is no ${key.type}/${key.id}` });
    }
  });

  it.each(keys.flatMap((key) => [1, 2, 3].map((versionId) => ({ ...key, versionId }))))(
    'reads version $versionId of $type/$id only if it may see it',
    async ({ type, id, versionId }) => {
      if (!isGranted(type)) return;
      const answer = await answerOf(() => vreadResource(restricted, { type, id }, String(versionId)));
      const seen = await seenVersion({ type, id }, versionId);
      const message = `There is no ${type}/${id}/_history/${versionId}`;
      if (!seen) expect(answer).toEqual({ kind: 'not-found', message });
      else if (seen.text === undefined) expect(answer).toMatchObject({ kind: 'gone' });
      else expect(answer).toMatchObject({ versionId, text: seen.text });
    },
  );

  /** What only its index values tell is known of the current version. */
  const seenVersion = async (key: ResourceKey, versionId: number) => {
    const stored = await server.store.readVersion(key, versionId);
    if (!stored || isSeen(stored)) return stored;
    const current = await server.store.read(key);
    const isCurrent = current?.versionId === versionId && (await isReadable(restricted, key));
    return isCurrent ? stored : undefined;
  };

  it('is shown no more by any method of its view', async () => {
    const { view } = restricted;
    const other = open.view;
    const all = { kind: 'and', of: [] } as const;
    const reads = keys.filter(({ type }) => isGranted(type));
    expect(await view.readMany(keys)).toEqual(await other.readMany(keys));
    const params = ['patient', 'organization', 'performer', 'member', 'item', 'target', 'focus'];
    const names = (found: readonly ResourceKey[]) => found.map(({ type, id }) => `${type}/${id}`).sort();
    expect(names(await view.referredBy(reads, params))).toEqual(
      names(await other.readMany(await server.store.referredBy(reads, params))),
    );
    for (const type of new Set(keys.map((key) => key.type))) {
      const scan = { type, count: 100 };
      expect(names((await view.scan(scan)).matches)).toEqual(names((await other.scan(scan)).matches));
      expect(await view.count([type], all)).toBe(await other.count([type], all));
    }
    const history = { type: 'Immunization', count: 1 } as const;
    const expected = visible.filter(({ type }) => type === 'Immunization').length;
    expect(await view.countHistory(history)).toBe(expected);
  });
});
