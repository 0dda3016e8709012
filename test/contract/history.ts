import { describe, expect, it } from 'vitest';
import type { VersionFilter } from '../../src/search/filter.ts';
import { objectionMark } from '../../src/search/reach.ts';
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

    it('ends a page, of a history and of a search, where there is no room for its texts, and goes on behind it', async () => {
      const store = getStore();
      const long = (n: number) =>
        `{"resourceType":"Patient","id":"r${n}","language":"${'x'.repeat(1000 * n)}"}`;
      const numbers = [1, 70, 80, 1, 90, 1];
      for (const [place, n] of numbers.entries()) {
        await write(store, change({ id: `r${place}`, text: long(n), lastUpdated: 100 + place }));
      }
      const pagesOf = async (next: (after?: string) => Promise<readonly [number, string | undefined]>) => {
        const pages: number[] = [];
        let after: string | undefined;
        do {
          const [length, cursor] = await next(after);
          pages.push(length);
          after = cursor;
        } while (after !== undefined);
        return pages;
      };
      const page = { count: 5, room: 75_000 };
      const matches = await pagesOf(async (after) => {
        const asked = {
          types: ['Patient'] as const,
          filter: { kind: 'and', of: [] } as const,
          sort: [],
          ...page,
        };
        const found = await store.search(after === undefined ? asked : { ...asked, after });
        return [found.matches.length, found.next];
      });
      expect(matches).toEqual([2, 1, 1, 1, 1]);
      const versions = await pagesOf(async (after) => {
        const found = await store.history(after === undefined ? page : { ...page, after });
        return [found.versions.length, found.next];
      });
      expect(versions).toEqual([1, 1, 1, 1, 2]);
    });

    describe('restricted', () => {
      const concerns = (...anyOf: string[]): VersionFilter => ({ kind: 'concerns', anyOf });
      const reach = (...anyOf: string[]): VersionFilter => ({ kind: 'reach', anyOf });
      const not = (of: VersionFilter): VersionFilter => ({ kind: 'not', of });
      const dose = (version: number, of: string, marks: readonly string[] = []) =>
        change({ type: 'Immunization', id: 'i', version, lastUpdated: 10 * version, patients: [of], marks });

      /** i: of p, then of q, then deleted; l: of both; o: of nobody. p bears A since i was its, q bears B since the end. */
      async function fillPatients() {
        const store = getStore();
        await write(store, dose(1, 'p'), dose(2, 'q', ['dose|C']));
        await write(store, removal({ type: 'Immunization', id: 'i', version: 3, lastUpdated: 30 }));
        await write(store, change({ type: 'List', id: 'l', lastUpdated: 40, patients: ['p', 'q'] }));
        await write(store, change({ type: 'Organization', id: 'o', lastUpdated: 50 }));
        await write(store, change({ id: 'p', lastUpdated: 60, marks: ['care|A'] }));
        await write(store, change({ id: 'q', lastUpdated: 70, marks: ['care|B', 'care|AB'] }));
        await write(store, change({ id: 'p', version: 2, lastUpdated: 80, marks: ['care|A', 'care|AB'] }));
        return store;
      }

      it('narrows to who objects also past versions of several persons, whoever is first', async () => {
        const store = getStore();
        await write(store, change({ type: 'List', id: 'k', patients: ['p', 'q'] }));
        await write(store, change({ id: 'q', marks: [objectionMark] }));
        await write(store, change({ type: 'List', id: 'l', patients: ['q', 'p'] }));
        for (const id of ['k', 'l']) {
          await write(store, change({ type: 'List', id, version: 2, lastUpdated: 10 }));
        }
        const { versions } = await store.history({ only: reach(objectionMark), count: 10 });
        expect(versions.map(({ id, versionId }) => `${id}${versionId}`).sort()).toEqual(['k1', 'l1', 'q1']);
      });

      it.each<[string, Omit<HistoryQuery, 'count' | 'only'>, VersionFilter, readonly string[]]>([
        ['to whom its versions concerned', {}, concerns('p'), ['p2', 'p1', 'i1']],
        ['to another, with the tombstone', {}, concerns('q'), ['q1', 'i3', 'i2']],
        ['to several', {}, concerns('p', 'q'), ['p2', 'q1', 'p1', 'l1', 'i3', 'i2', 'i1']],
        ['to nobody', {}, concerns(), []],
        [
          'to a type',
          {},
          { kind: 'and', of: [{ kind: 'type', anyOf: ['Patient', 'Elsewhere'] }, concerns('p')] },
          ['p2', 'p1'],
        ],
        [
          'to ids',
          {},
          { kind: 'or', of: [{ kind: 'id', anyOf: ['o'] }, concerns('p')] },
          ['p2', 'p1', 'o1', 'i1'],
        ],
        ['to what concerns others', {}, not(concerns('p')), ['q1', 'o1', 'l1', 'i3', 'i2']],
        ['to marks of today', {}, reach('care|A'), ['p2', 'p1', 'i1']],
        ['to marks of today of all', {}, reach('care|AB'), ['p2', 'q1', 'p1', 'l1', 'i3', 'i2', 'i1']],
        [
          'to marks without a common one',
          {},
          reach('care|A', 'care|B'),
          ['p2', 'q1', 'p1', 'i3', 'i2', 'i1'],
        ],
        ['to a mark that was withdrawn', {}, reach('dose|C'), []],
        ['in a type', { type: 'Immunization' }, reach('care|B'), ['i3', 'i2']],
        ['in one resource', key('Immunization', 'i'), concerns('q'), ['i3', 'i2']],
        ['since', { since: at(30) }, concerns('q'), ['q1', 'i3']],
        ['at a time', { at: { first: at(25), last: at(25) } }, concerns('q'), ['i2']],
        ['to one version', { ...key('Immunization', 'i'), versionId: 1 }, concerns('p'), ['i1']],
        ['to one version of another', { ...key('Immunization', 'i'), versionId: 1 }, concerns('q'), []],
        ['to all', {}, { kind: 'and', of: [] }, ['p2', 'q1', 'p1', 'o1', 'l1', 'i3', 'i2', 'i1']],
      ])('%s', async (_, query, only, expected) => {
        const store = await fillPatients();
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.history({
            ...query,
            only,
            count: 2,
            ...(after !== undefined && { after }),
          });
          seen.push(...page.versions.map(({ id, versionId }) => `${id}${versionId}`));
          after = page.next;
        } while (after !== undefined);
        expect(seen).toEqual(expected);
        expect(await store.countHistory({ ...query, only, count: 2 })).toBe(expected.length);
      });
    });

    it.each([1, 2, 3, 4])('tells version %d alone', async (versionId) => {
      const store = await fill();
      const query = { ...key('Patient', 'a'), versionId, count: 9 };
      const { versions } = await store.history(query);
      expect(versions.map((version) => version.versionId)).toEqual(versionId < 4 ? [versionId] : []);
      expect(await store.countHistory(query)).toBe(versions.length);
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
