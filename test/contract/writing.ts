import { describe, expect, it } from 'vitest';
import type { Filter } from '../../src/search/filter.ts';
import type { IndexValues } from '../../src/search/index-values.ts';
import { InvalidCursorError, type Reindexed, type Store } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { change, key, removal, token, withCode, write } from './fixtures.ts';

export function describeWriting(getStore: () => Store) {
  describe('versions', () => {
    it('reads what was written, to the last byte', async () => {
      const text =
        '{"resourceType":"Patient","id":"a","multipleBirthInteger":1.00,"x":"é😀 \\u0000 \\ud800 %_\'"}';
      await write(getStore(), change({ text, lastUpdated: 1_700_000_000_123 }));
      expect(await getStore().read(key('Patient', 'a'))).toEqual({
        type: 'Patient',
        id: 'a',
        versionId: 1,
        lastUpdated: 1_700_000_000_123,
        method: 'POST',
        text,
      });
    });

    it('knows nothing of an id that was never used, even when something refers to it', async () => {
      const index = { subject: [{ kind: 'reference', type: 'Patient', id: 'b' } as const] };
      await write(getStore(), change({ type: 'Observation', id: 'o', index }));
      expect(await getStore().read(key('Patient', 'b'))).toBeUndefined();
      expect(await getStore().readVersion(key('Patient', 'b'), 1)).toBeUndefined();
      expect(await getStore().count(['Patient'], { kind: 'and', of: [] })).toBe(0);
      expect((await getStore().history({ type: 'Patient', count: 9 })).versions).toEqual([]);
    });

    it('keeps old versions when a resource moves on', async () => {
      const store = getStore();
      for (const version of [1, 2, 3]) await write(store, change({ version, text: `{"v":${version}}` }));
      expect(await store.read(key('Patient', 'a'))).toMatchObject({ versionId: 3, text: '{"v":3}' });
      for (const version of [1, 2, 3]) {
        const old = await store.readVersion(key('Patient', 'a'), version);
        expect(old).toMatchObject({ versionId: version, text: `{"v":${version}}` });
      }
      expect(await store.readVersion(key('Patient', 'a'), 4)).toBeUndefined();
      expect(await store.readVersion(key('Patient', 'a'), 0)).toBeUndefined();
    });

    it('keeps the first version of a resource that was referred to before it was written', async () => {
      const store = getStore();
      const index = { subject: [{ kind: 'reference', type: 'Patient', id: 'a' } as const] };
      await write(store, change({ type: 'Observation', id: 'o', index }));
      await write(store, change({ text: '{"v":1}' }));
      await write(store, change({ version: 2, text: '{"v":2}' }));
      expect(await store.readVersion(key('Patient', 'a'), 1)).toMatchObject({ text: '{"v":1}' });
      expect(await store.readVersion(key('Patient', 'a'), 2)).toMatchObject({ text: '{"v":2}' });
      const { versions } = await store.history({ ...key('Patient', 'a'), count: 9 });
      expect(versions.map(({ versionId }) => versionId)).toEqual([2, 1]);
    });

    it('keeps in one unit what refers to another resource, and that one behind it', async () => {
      const store = getStore();
      const referring = { subject: [{ kind: 'reference', type: 'Patient', id: 'a' } as const] };
      await write(
        store,
        change({ type: 'Observation', id: 'o', index: referring }),
        change({ text: '{"v":1}' }),
        change({ id: 'b', text: '{"b":1}' }),
      );
      await write(store, change({ version: 2, text: '{"v":2}' }), change({ id: 'c', text: '{"c":1}' }));
      expect(await store.readVersion(key('Patient', 'a'), 1)).toMatchObject({ text: '{"v":1}' });
      expect(await store.read(key('Patient', 'a'))).toMatchObject({ versionId: 2, text: '{"v":2}' });
      expect(await store.read(key('Patient', 'b'))).toMatchObject({ text: '{"b":1}' });
      expect(await store.read(key('Patient', 'c'))).toMatchObject({ text: '{"c":1}' });
    });

    it('keeps ids apart by case and by type', async () => {
      const store = getStore();
      await write(store, change({ id: 'a', text: '{"n":1}' }), change({ id: 'A', text: '{"n":2}' }));
      await write(store, change({ type: 'Observation', id: 'a', text: '{"n":3}' }));
      expect(await store.read(key('Patient', 'A'))).toMatchObject({ text: '{"n":2}' });
      expect(await store.read(key('Observation', 'a'))).toMatchObject({ text: '{"n":3}' });
    });

    it('leaves a tombstone, and lets the id come back with the next number', async () => {
      const store = getStore();
      await write(store, change({ index: { code: [token('x')] } }));
      await write(store, removal({ version: 2 }));
      const tombstone = await store.read(key('Patient', 'a'));
      expect(tombstone).toEqual({ type: 'Patient', id: 'a', versionId: 2, lastUpdated: 2, method: 'DELETE' });
      expect(await store.readMany([key('Patient', 'a')])).toEqual([]);
      expect(await store.count(['Patient'], withCode('x'))).toBe(0);
      expect(
        (await store.search({ types: ['Patient'], filter: { kind: 'and', of: [] }, sort: [], count: 9 }))
          .matches,
      ).toEqual([]);
      await write(store, change({ version: 3, index: { code: [token('y')] } }));
      expect(await store.read(key('Patient', 'a'))).toMatchObject({ versionId: 3 });
      expect(await store.readVersion(key('Patient', 'a'), 2)).not.toHaveProperty('text');
      expect(await store.count(['Patient'], withCode('x'))).toBe(0);
      expect(await store.count(['Patient'], withCode('y'))).toBe(1);
    });

    it('finds a resource by its present values only', async () => {
      const store = getStore();
      await write(store, change({ index: { code: [token('x'), token('z')] } }));
      await write(store, change({ version: 2, index: { code: [token('y'), token('z')] } }));
      for (const [code, n] of [
        ['x', 0],
        ['y', 1],
        ['z', 1],
      ] as const) {
        expect(await store.count(['Patient'], withCode(code))).toBe(n);
      }
    });

    it('reads many in the order asked, without those that are not there', async () => {
      const store = getStore();
      await write(store, change({ id: 'a' }), change({ id: 'b' }), change({ type: 'Observation', id: 'c' }));
      await write(store, removal({ id: 'b', version: 2 }));
      const asked = [
        key('Observation', 'c'),
        key('Patient', 'b'),
        key('Patient', 'none'),
        key('Patient', 'a'),
      ];
      expect((await store.readMany(asked)).map(({ id }) => id)).toEqual(['c', 'a']);
    });
  });

  describe('reindex', () => {
    /** Of Patient/a. */
    const drawn = (versionId: number, index: IndexValues = {}): Reindexed => ({
      ...key('Patient', 'a'),
      versionId,
      index,
      patients: ['a' as ResourceId],
      marks: [],
    });

    it('replaces the values of a resource that has not moved on', async () => {
      const store = getStore();
      await write(store, change({ index: { code: [token('old')] } }));
      expect(await store.reindex(drawn(1, { code: [token('new')] }))).toBe(true);
      expect(await store.count(['Patient'], withCode('old'))).toBe(0);
      expect(await store.count(['Patient'], withCode('new'))).toBe(1);
      expect(await store.read(key('Patient', 'a'))).toMatchObject({ versionId: 1, lastUpdated: 1 });
    });

    it('leaves alone what has moved on, was deleted or never was', async () => {
      const store = getStore();
      await write(store, change({ index: { code: [token('one')] } }));
      await write(store, change({ version: 2, index: { code: [token('two')] } }));
      expect(await store.reindex(drawn(1, { code: [token('late')] }))).toBe(false);
      await write(store, removal({ version: 3 }));
      expect(await store.reindex(drawn(3, { code: [token('late')] }))).toBe(false);
      expect(await store.reindex({ ...drawn(1), ...key('Patient', 'none') })).toBe(false);
      expect(await store.count(['Patient'], withCode('late'))).toBe(0);
    });
  });

  it('scans a type in key order, page by page', async () => {
    const store = getStore();
    const ids = ['b', 'a', 'B', 'c', '1', 'd'];
    await write(store, ...ids.map((id) => change({ id })), change({ type: 'Observation', id: 'o' }));
    await write(store, removal({ id: 'c', version: 2 }));
    const seen: string[] = [];
    let page = await store.scan({ type: 'Patient', count: 2 });
    for (;;) {
      seen.push(...page.matches.map(({ id }) => id));
      if (page.next === undefined) break;
      page = await store.scan({ type: 'Patient', count: 2, after: page.next });
    }
    expect(seen).toEqual(['1', 'B', 'a', 'b', 'd']);
  });

  it.each(['', 'x', '[]', 'WyJQYXRpZW50Il0', '-1', 'null', 'e30'])(
    'refuses the cursor %j, which it did not make',
    async (after) => {
      const store = getStore();
      const everything: Filter = { kind: 'and', of: [] };
      await write(store, change());
      const search = store.search({ types: ['Patient'], filter: everything, sort: [], count: 1, after });
      await expect(search).rejects.toThrow(InvalidCursorError);
      await expect(store.history({ count: 1, after })).rejects.toThrow(InvalidCursorError);
    },
  );
}
