import { afterEach, describe, expect, it } from 'vitest';
import type { Filter } from '../../src/search/filter.ts';
import type { Store } from '../../src/store/contract/store.ts';
import type { TicketDocument } from '../../src/store/mongo/guard-ticket.ts';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { change, key, token, write } from '../contract/fixtures.ts';
import { noMongo, testMongo, withClient } from './test-mongo.ts';

const mongo = await testMongo();
const withCode = (code: string): Filter => ({
  kind: 'value',
  param: 'code',
  test: { kind: 'token', anyOf: [{ code }] },
});
const creating = (id: string, code: string) => ({
  changes: [change({ id, index: { code: [token(code)] } })],
  guards: [{ type: 'Patient' as const, noneMatch: withCode(code) }],
});

if (!mongo) it.skip(`several writers of one database: ${noMongo}`, () => undefined);
else {
  const open = new Set<Store>();
  afterEach(async () => {
    for (const store of open) await store.close();
    open.clear();
  });
  const openStore = async (url: string, transactions?: false) => {
    const store = await openMongoStore({ url, ...(transactions === false && { transactions }) });
    open.add(store);
    return store;
  };

  describe.each([
    ['by transactions', undefined],
    ['by turns', false as const],
  ])('several writers of one database, %s', (_, transactions) => {
    it('create what none may match exactly once', async () => {
      const url = mongo.freshUrl();
      const stores = await Promise.all([1, 2, 3, 4].map(() => openStore(url, transactions)));
      for (const code of ['x', 'y', 'z']) {
        const outcomes = await Promise.all(
          stores.flatMap((store, s) => [1, 2].map((n) => store.write(creating(`${code}${s}-${n}`, code)))),
        );
        expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
        expect(outcomes.filter(({ kind }) => kind === 'guarded')).toHaveLength(7);
        expect(await stores[0]!.count(['Patient'], withCode(code))).toBe(1);
      }
    });

    it('never both commit when each creates what the other must not find', async () => {
      const url = mongo.freshUrl();
      const [one, other] = [await openStore(url, transactions), await openStore(url, transactions)];
      for (let n = 0; n < 5; n++) {
        const cross = (id: string, mine: string, theirs: string) => ({
          changes: [change({ id: `${id}${n}`, index: { code: [token(`${mine}${n}`)] } })],
          guards: [{ type: 'Patient' as const, noneMatch: withCode(`${theirs}${n}`) }],
        });
        const outcomes = await Promise.all([
          one.write(cross('a', 'p', 'q')),
          other.write(cross('b', 'q', 'p')),
        ]);
        expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['committed', 'guarded']);
      }
    });

    it('count every update of one resource', async () => {
      const url = mongo.freshUrl();
      const stores = await Promise.all([1, 2, 3].map(() => openStore(url, transactions)));
      await write(stores[0]!, change());
      let committed = 1;
      await Promise.all(
        stores.map(async (store) => {
          for (let n = 0; n < 8; n++) {
            const { versionId } = (await store.read(key('Patient', 'a')))!;
            const outcome = await write(store, change({ version: versionId + 1 }));
            if (outcome.kind === 'committed') committed++;
          }
        }),
      );
      const { versions } = await stores[1]!.history({ ...key('Patient', 'a'), count: 100 });
      expect(versions.map(({ versionId }) => versionId)).toEqual(
        Array.from({ length: committed }, (__, n) => committed - n),
      );
      expect(await stores[2]!.countHistory({ type: 'Patient', count: 0 })).toBe(committed);
    });
  });

  it('finishes the write of a process that died in its turn', async () => {
    const url = mongo.freshUrl();
    const store = await openStore(url, false);
    await store.write(creating('first', 'a'));
    // The turn was taken, which is the commit, and the process ended before it wrote the resource.
    const { index, ...rest } = change({ id: 'dying', index: { code: [token('x')] } });
    const pending = { id: 'w', change: { ...rest, index: Object.entries(index) } };
    await withClient(url, (client) =>
      client
        .db()
        .collection<TicketDocument>('ticket')
        .updateOne({ _id: 'guard' }, { $inc: { turn: 1 }, $set: { pending } }),
    );
    expect(await store.write(creating('late', 'x'))).toEqual({ kind: 'guarded', guard: 0 });
    expect(await store.read(key('Patient', 'dying'))).toMatchObject({ versionId: 1 });
    expect(await store.read(key('Patient', 'late'))).toBeUndefined();
  });

  it('shows a version whose writer died before it was put into the history', async () => {
    const url = mongo.freshUrl();
    const store = await openStore(url);
    await write(store, change({ text: '{"v":1}' }));
    await withClient(url, async (client) => {
      const resources = client.db().collection<{ _id: string }>('resource');
      const { _id: _, ...current } = (await resources.findOne({ _id: 'Patient/a' }))! as Record<
        string,
        unknown
      >;
      const { version, lastUpdated, method, text, writer } = current;
      const previous = { version, lastUpdated, method, text, writer };
      const next = { ...current, version: 2, lastUpdated: 2, method: 'PUT', text: '{"v":2}', previous };
      await resources.replaceOne({ _id: 'Patient/a' }, next);
    });
    const look = async () => {
      const { versions } = await store.history({ type: 'Patient', count: 9 });
      expect(versions.map(({ text }) => text)).toEqual(['{"v":2}', '{"v":1}']);
      expect(await store.countHistory({ type: 'Patient', count: 0 })).toBe(2);
      expect(await store.readVersion(key('Patient', 'a'), 1)).toMatchObject({ text: '{"v":1}' });
    };
    await look();
    expect(await write(store, change({ version: 3, text: '{"v":3}' }))).toEqual({ kind: 'committed' });
    const { versions } = await store.history({ ...key('Patient', 'a'), count: 9 });
    expect(versions.map(({ text }) => text)).toEqual(['{"v":3}', '{"v":2}', '{"v":1}']);
  });

  it('says at the start which index is in the way', async () => {
    const url = mongo.freshUrl();
    await withClient(url, (client) =>
      client.db().collection('resource').createIndex({ other: 1 }, { name: 'keys' }),
    );
    await expect(openMongoStore({ url })).rejects.toThrow(/resource has an index that is in the way/);
  });

  it('refuses the database of a later version of this program', async () => {
    const url = mongo.freshUrl();
    await withClient(url, (client) =>
      client
        .db()
        .collection<{ _id: string; version: number }>('meta')
        .insertOne({ _id: 'layout', version: 99 }),
    );
    await expect(openMongoStore({ url })).rejects.toThrow('layout 99; this program knows layouts up to 3');
  });

  it('says why it cannot start, without the password, as soon as the URL says', {
    timeout: 4_000,
  }, async () => {
    const opening = openMongoStore({
      url: 'mongodb://me:secret@127.0.0.1:1/jenner?serverSelectionTimeoutMS=300',
    });
    await expect(opening).rejects.toThrow(/^JENNER_STORE: MongoDB cannot be used: .*ECONNREFUSED/);
    await expect(opening).rejects.not.toThrow('secret');
  });

  it('refuses what no document can hold', async () => {
    const store = await openStore(mongo.freshUrl());
    const text = JSON.stringify({ resourceType: 'Binary', id: 'a', data: 'x'.repeat(17_000_000) });
    await expect(write(store, change({ type: 'Binary', text }))).rejects.toThrow(
      /^Binary\/a is too large: \d+ bytes with its index values; MongoDB keeps \d+ at most$/,
    );
    expect(await store.read(key('Binary', 'a'))).toBeUndefined();
  });
}
