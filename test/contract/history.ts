import { describe, expect, it } from 'vitest';
import type { HistoryQuery, Store } from '../../src/store/contract/store.ts';
import { at, change, key, removal, write } from './fixtures.ts';

export function describeHistory(getStore: () => Store) {
  describe('history', () => {
    /** a: created at 10, changed at 20, deleted at 40; b: created at 30; Observation/o: created at 50. */
    async function fill() {
      const store = getStore();
      await write(store, change({ lastUpdated: 10 }));
      await write(store, change({ version: 2, lastUpdated: 20 }));
      await write(store, change({ id: 'b', lastUpdated: 30 }));
      await write(store, removal({ version: 3, lastUpdated: 40 }));
      await write(store, change({ type: 'Observation', id: 'o', lastUpdated: 50, method: 'PUT' }));
      return store;
    }

    const span = (first: number, last: number) => ({ first: at(first), last: at(last) });

    it.each<[string, Omit<HistoryQuery, 'count'>, readonly string[]]>([
      ['of all', {}, ['o1', 'a3', 'b1', 'a2', 'a1']],
      ['of a type', { type: 'Patient' }, ['a3', 'b1', 'a2', 'a1']],
      ['of a resource', key('Patient', 'a'), ['a3', 'a2', 'a1']],
      ['of a resource that never was', key('Patient', 'none'), []],
      ['since', { since: at(30) }, ['o1', 'a3', 'b1']],
      ['since, of a type', { type: 'Patient', since: at(31) }, ['a3']],
      ['since, of a resource', { ...key('Patient', 'a'), since: at(20) }, ['a3', 'a2']],
      ['since the future', { since: at(51) }, []],
      ['since before all', { since: at(-5) }, ['o1', 'a3', 'b1', 'a2', 'a1']],
      ['at a moment', { at: span(25, 25) }, ['a2']],
      ['at a moment of change', { ...key('Patient', 'a'), at: span(20, 20) }, ['a2']],
      ['in a span', { type: 'Patient', at: span(15, 30) }, ['b1', 'a2', 'a1']],
      ['after the delete', { type: 'Patient', at: span(45, 60) }, ['a3', 'b1']],
      ['before all', { at: span(0, 9) }, []],
    ])('%s, newest first', async (_, query, expected) => {
      const store = await fill();
      const { versions, next } = await store.history({ ...query, count: 10 });
      expect(versions.map(({ id, versionId }) => `${id}${versionId}`)).toEqual(expected);
      expect(next).toBeUndefined();
      expect(await store.countHistory({ ...query, count: 10 })).toBe(expected.length);
    });

    it('tells what each version was', async () => {
      const store = await fill();
      const { versions } = await store.history({ type: 'Patient', count: 10 });
      expect(versions.map(({ method }) => method)).toEqual(['DELETE', 'POST', 'PUT', 'POST']);
      expect(versions[0]).toEqual({
        ...key('Patient', 'a'),
        versionId: 3,
        lastUpdated: 40,
        method: 'DELETE',
      });
      expect(versions[1]?.text).toContain('"id":"b"');
    });

    it.each<[string, Omit<HistoryQuery, 'count'>]>([
      ['of all', {}],
      ['of a type', { type: 'Patient' }],
      ['of a resource', key('Patient', 'a')],
      ['since', { since: at(15) }],
    ])('%s pages without gap or repetition while others write', async (_, query) => {
      const store = await fill();
      const whole = (await store.history({ ...query, count: 10 })).versions;
      const seen = [];
      let page = await store.history({ ...query, count: 1 });
      for (let n = 0; ; n++) {
        seen.push(...page.versions);
        if (page.next === undefined) break;
        await write(store, change({ id: `w${n}`, lastUpdated: 60 }));
        page = await store.history({ ...query, count: 1, after: page.next });
      }
      expect(seen).toEqual(whole);
    });

    it('finds all since an instant though clocks were out of step', async () => {
      const store = getStore();
      const times = [10, 50, 20, 60, 40, 30, 70];
      for (const [n, lastUpdated] of times.entries())
        await write(store, change({ id: `p${n}`, lastUpdated }));
      for (const since of [0, 15, 25, 35, 45, 55, 65, 75]) {
        const { versions } = await store.history({ since: at(since), count: 10 });
        expect(versions).toHaveLength(times.filter((time) => time >= since).length);
      }
    });
  });
}
