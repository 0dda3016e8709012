import { describe, expect, it } from 'vitest';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import type { Filter } from '../../src/search/filter.ts';
import { objectionMark } from '../../src/search/reach.ts';
import type { Store } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { change, findAll, keysOf, removal, write } from './fixtures.ts';

const types: ResourceType[] = ['Consent', 'Group', 'Immunization', 'List', 'Organization', 'Patient'];
const concerns = (...anyOf: string[]): Filter => ({ kind: 'concerns', anyOf });
const reach = (...anyOf: string[]): Filter => ({ kind: 'reach', anyOf });
const not = (of: Filter): Filter => ({ kind: 'not', of });
const refersTo = (param: string, id: string): Filter => ({
  kind: 'value',
  param,
  test: { kind: 'reference', anyOf: [{ type: 'Patient', id }] },
});
const and = (...of: Filter[]): Filter => ({ kind: 'and', of });

export function describePatients(getStore: () => Store) {
  const patient = (id: string, ...marks: string[]) => change({ id, marks });
  const dose = (id: string, of: string, marks: readonly string[] = [], version = 1) =>
    change({ type: 'Immunization', id, version, patients: [of], marks });
  const group = (members: readonly string[], marks: readonly string[] = [], version = 1) =>
    change({ type: 'Group', id: 'g', version, patients: members, marks });

  async function find(filter: Filter): Promise<readonly string[]> {
    const store = getStore();
    const found = await findAll(store, { types, filter, sort: [], count: 2 });
    expect(await store.count(types, filter)).toBe(found.length);
    // A search of one type may take another way.
    const byType = types.map((type) => store.search({ types: [type], filter, sort: [], count: 10 }));
    expect((await Promise.all(byType)).flatMap(({ matches }) => keysOf(matches))).toEqual(found);
    expect(await readOneByOne(filter)).toEqual(found);
    return found;
  }

  /** Which of all are there for who reads each by its id, in one turn with somebody who may see the others alone. */
  async function readOneByOne(filter: Filter): Promise<readonly string[]> {
    const store = getStore();
    const all = await findAll(store, { types, filter: and(), sort: [], count: 100 });
    const other = not(filter);
    const read = async (key: string, only: Filter) => {
      const [type, id] = key.split('/') as [ResourceType, string];
      const named = and({ kind: 'id', anyOf: [id] }, only);
      return keysOf((await store.search({ types: [type], filter: named, sort: [], count: 1 })).matches);
    };
    const pairs = await Promise.all(all.map((key) => Promise.all([read(key, filter), read(key, other)])));
    const [passing, others] = [0, 1].map((at) => pairs.flatMap((pair) => pair[at] ?? []));
    expect(passing?.filter((key) => others?.includes(key))).toEqual([]);
    return passing ?? [];
  }

  async function marksOf(...ids: string[]): Promise<Readonly<Record<string, readonly string[]>>> {
    const marks = await getStore().marksOf(ids as ResourceId[]);
    return Object.fromEntries([...marks].map(([id, some]) => [id, [...some].sort()]));
  }

  describe('whom resources concern', () => {
    async function fill() {
      await write(getStore(), patient('p', 'care|A', 'town|x'), patient('q', 'care|B'), patient('r'));
      await write(getStore(), change({ type: 'Consent', id: 'c', patients: ['q'], marks: [objectionMark] }));
      await write(getStore(), dose('i1', 'p', ['dose|C']), dose('i2', 'q', ['dose|A']), dose('i3', 'r'));
      await write(
        getStore(),
        change({ type: 'List', id: 'l', patients: ['p', 'q'] }),
        group(['p', 'q', 'r'], ['roster|G']),
        change({ type: 'Organization', id: 'o', marks: [] }),
      );
    }

    it.each<[string, Filter, readonly string[]]>([
      ['one', concerns('p'), ['Immunization/i1', 'Patient/p']],
      [
        'two',
        concerns('p', 'q'),
        ['Consent/c', 'Immunization/i1', 'Immunization/i2', 'List/l', 'Patient/p', 'Patient/q'],
      ],
      ['nobody', concerns(), []],
      ['who never was', concerns('nobody'), []],
      [
        'an objection, of several of one of them',
        reach(objectionMark),
        ['Consent/c', 'Group/g', 'Immunization/i2', 'List/l', 'Patient/q'],
      ],
      [
        'no objection of anybody',
        and(not(reach(objectionMark)), concerns('p', 'q', 'r')),
        ['Immunization/i1', 'Immunization/i3', 'Patient/p', 'Patient/r'],
      ],
      [
        'an objection of one, or a mark that all bear',
        reach(objectionMark, 'care|A'),
        ['Consent/c', 'Group/g', 'Immunization/i1', 'Immunization/i2', 'List/l', 'Patient/p', 'Patient/q'],
      ],
      ['not these', not(concerns('p', 'q')), ['Group/g', 'Immunization/i3', 'Organization/o', 'Patient/r']],
      ['a mark that one bears', reach('care|A'), ['Immunization/i1', 'Patient/p']],
      [
        'a mark that all bear',
        reach('roster|G'),
        [
          'Consent/c',
          'Group/g',
          'Immunization/i1',
          'Immunization/i2',
          'Immunization/i3',
          'List/l',
          'Patient/p',
          'Patient/q',
          'Patient/r',
        ],
      ],
      [
        'several marks, of which several Patients bear no common one',
        reach('care|A', 'care|B'),
        ['Consent/c', 'Immunization/i1', 'Immunization/i2', 'Patient/p', 'Patient/q'],
      ],
      ['a mark by another kind', reach('dose|A'), ['Consent/c', 'Immunization/i2', 'Patient/q']],
      ['no mark', reach(), []],
      ['a mark that nobody bears', reach('care|Z'), []],
      ['not a mark', and(not(reach('roster|G'))), ['Organization/o']],
      [
        'a reference to whom bears a mark',
        and(refersTo('patient', 'p'), reach('care|A')),
        ['Immunization/i1'],
      ],
      ['a reference to whom does not', and(refersTo('patient', 'p'), reach('care|B')), []],
      [
        'a reference to one of several who bear no common mark',
        and(refersTo('subject', 'p'), reach('care|A')),
        [],
      ],
      ['a reference to one of several who do', and(refersTo('subject', 'p'), reach('roster|G')), ['List/l']],
      ['both', and(reach('roster|G'), concerns('r')), ['Immunization/i3', 'Patient/r']],
      ['one of a type', and({ kind: 'type', anyOf: ['Patient'] }, concerns('p')), ['Patient/p']],
      [
        'on the other end of a chain',
        { kind: 'chain', param: 'patient', type: 'Patient', of: reach('care|A') },
        ['Immunization/i1'],
      ],
      [
        'on the other end of a reference to this',
        { kind: 'has', param: 'patient', type: 'Immunization', of: and(concerns('r')) },
        ['Patient/r'],
      ],
    ])('finds by %s', async (_, filter, expected) => {
      await fill();
      expect(await find(filter)).toEqual(expected);
    });

    it('is asked on a scan', async () => {
      await fill();
      const store = getStore();
      const query = { type: 'Immunization', filter: reach('care|A', 'care|B'), count: 1 } as const;
      const first = await store.scan(query);
      expect(first.matches.map(({ id }) => id)).toEqual(['i1']);
      const second = await store.scan({ ...query, after: first.next ?? '' });
      expect(second.matches.map(({ id }) => id)).toEqual(['i2']);
      expect(second.next).toBeUndefined();
    });

    it('is asked by guards', async () => {
      await fill();
      const filter = and({ kind: 'id', anyOf: ['p'] }, reach('care|B'));
      const unit = {
        changes: [change({ id: 'new' })],
        guards: [{ type: 'Patient' as const, someMatch: filter }],
      };
      expect(await getStore().write(unit)).toEqual({ kind: 'guarded', guard: 0 });
      await write(getStore(), change({ version: 2, id: 'p', marks: ['care|B'] }));
      expect(await getStore().write(unit)).toEqual({ kind: 'committed' });
    });

    it('is known for good of what was written with it', async () => {
      const store = getStore();
      await write(store, dose('i1', 'p'), dose('i1', 'q', [], 2));
      expect(await store.unplacedVersions(9)).toEqual([]);
      const nobody = { type: 'Immunization', id: 'i1' as ResourceId, patients: [] } as const;
      await store.placeVersions([1, 2].map((versionId) => ({ ...nobody, versionId })));
      const only = { kind: 'concerns', anyOf: ['p'] } as const;
      expect((await store.history({ only, count: 9 })).versions).toMatchObject([{ versionId: 1 }]);
      expect(await find(concerns('q'))).toEqual(['Immunization/i1']);
    });

    it('moves with the resource', async () => {
      await fill();
      await write(getStore(), dose('i1', 'r', [], 2));
      expect(await find(concerns('p'))).toEqual(['Patient/p']);
      expect(await find(concerns('r'))).toEqual(['Immunization/i1', 'Immunization/i3', 'Patient/r']);
      await write(getStore(), removal({ type: 'Immunization', id: 'i1', version: 3 }));
      expect(await find(concerns('r'))).toEqual(['Immunization/i3', 'Patient/r']);
    });
  });

  describe('marks', () => {
    it('are those that live resources give, and none of them twice', async () => {
      await write(getStore(), patient('p', 'care|A', 'town|x'), dose('i1', 'p', ['dose|A']));
      await write(getStore(), dose('i2', 'p', ['dose|A', 'dose|B']), group(['p', 'q'], ['roster|A']));
      expect(await marksOf('p', 'q', 'r', 'p')).toEqual({
        p: ['care|A', 'dose|A', 'dose|B', 'roster|A', 'town|x'],
        q: ['roster|A'],
      });
      expect(await marksOf()).toEqual({});
    });

    it('go with the last resource that gives them', async () => {
      await write(
        getStore(),
        dose('i1', 'p', ['dose|A']),
        dose('i2', 'p', ['dose|A']),
        dose('i3', 'q', ['dose|A']),
      );
      await write(getStore(), dose('i1', 'p', ['dose|B'], 2));
      expect(await marksOf('p')).toEqual({ p: ['dose|A', 'dose|B'] });
      await write(getStore(), removal({ type: 'Immunization', id: 'i2', version: 2 }));
      expect(await marksOf('p', 'q')).toEqual({ p: ['dose|B'], q: ['dose|A'] });
      expect(await find(reach('dose|A'))).toEqual(['Immunization/i3']);
      await write(getStore(), dose('i2', 'p', ['dose|A'], 3));
      expect(await marksOf('p')).toEqual({ p: ['dose|A', 'dose|B'] });
      expect(await find(reach('dose|A'))).toEqual(['Immunization/i1', 'Immunization/i2', 'Immunization/i3']);
    });

    it('move with the resource to another Patient, and change there', async () => {
      await write(getStore(), dose('i1', 'p', ['dose|A']), patient('p', 'care|A'));
      await write(getStore(), dose('i1', 'q', ['dose|A'], 2));
      expect(await marksOf('p', 'q')).toEqual({ p: ['care|A'], q: ['dose|A'] });
      await write(getStore(), dose('i1', 'q', [], 3));
      expect(await marksOf('p', 'q')).toEqual({ p: ['care|A'] });
    });

    it('stay with a Patient that is deleted as far as others give them', async () => {
      await write(getStore(), patient('p', 'care|A', 'dose|A'), dose('i1', 'p', ['dose|A']));
      await write(getStore(), removal({ id: 'p', version: 2 }));
      expect(await marksOf('p')).toEqual({ p: ['dose|A'] });
      expect(await find(reach('dose|A'))).toEqual(['Immunization/i1']);
      expect(await find(reach('care|A'))).toEqual([]);
    });

    it('are those of the whole unit when it changes several resources', async () => {
      const store = getStore();
      if (!store.transactions) return;
      await write(store, dose('i1', 'p', ['dose|A']), dose('i2', 'p'));
      const changes = [dose('i1', 'p', [], 2), dose('i2', 'p', ['dose|A'], 2), dose('i3', 'p', ['dose|B'])];
      await store.write({ changes, guards: [] });
      expect(await marksOf('p')).toEqual({ p: ['dose|A', 'dose|B'] });
      await store.write({ changes: [dose('i3', 'p', ['dose|C'], 2), dose('i3', 'p', [], 3)], guards: [] });
      expect(await marksOf('p')).toEqual({ p: ['dose|A'] });
    });

    it('are not given by a unit that is refused', async () => {
      await write(getStore(), dose('i1', 'p', ['dose|A']));
      await write(getStore(), dose('i1', 'p', ['dose|B']));
      expect(await marksOf('p')).toEqual({ p: ['dose|A'] });
    });

    it('are right when many write at once about one Patient', async () => {
      const store = getStore();
      const ids = Array.from({ length: 15 }, (_, n) => `i${n}`);
      await Promise.all(ids.map((id) => write(store, dose(id, 'p', ['dose|A']))));
      await Promise.all([
        ...ids.slice(1).map((id) => write(store, dose(id, 'p', ['dose|B'], 2))),
        write(store, removal({ type: 'Immunization', id: 'i0', version: 2 })),
      ]);
      expect(await marksOf('p')).toEqual({ p: ['dose|B'] });
      await Promise.all(
        ids.slice(1).map((id) => write(store, removal({ type: 'Immunization', id, version: 3 }))),
      );
      expect(await marksOf('p')).toEqual({});
    });

    it('are drawn anew by reindex, with whom the resource concerns', async () => {
      const store = getStore();
      await write(store, dose('i1', 'p', ['dose|A']), dose('i2', 'q', ['dose|A']));
      expect(await store.reindex(dose('i1', 'r', ['dose|B']))).toBe(true);
      expect(await marksOf('p', 'q', 'r')).toEqual({ q: ['dose|A'], r: ['dose|B'] });
      expect(await find(concerns('p'))).toEqual([]);
      expect(await find(concerns('r'))).toEqual(['Immunization/i1']);
      const only = concerns('r') as Extract<Filter, { kind: 'concerns' }>;
      expect((await store.history({ only, count: 9 })).versions).toHaveLength(1);
    });

    it('are given to the 2,000 members of a Group, and taken from them', async () => {
      const store = getStore();
      const members = Array.from({ length: 2000 }, (_, n) => `m${n}`);
      await write(store, patient('m0'), patient('m1'), patient('other'), group(members, ['roster|G']));
      expect(Object.keys(await marksOf(...members))).toHaveLength(2000);
      expect(await find(reach('roster|G'))).toEqual(['Group/g', 'Patient/m0', 'Patient/m1']);
      expect(await find(concerns(...members))).toEqual(['Group/g', 'Patient/m0', 'Patient/m1']);
      expect(await find(concerns(...members.slice(1)))).toEqual(['Patient/m1']);
      await write(store, group(members.slice(1), ['roster|G'], 2));
      expect(await find(reach('roster|G'))).toEqual(['Group/g', 'Patient/m1']);
      await write(store, removal({ type: 'Group', id: 'g', version: 3 }));
      expect(await marksOf(...members)).toEqual({});
      expect(await find(reach('roster|G'))).toEqual([]);
    });
  });
}
