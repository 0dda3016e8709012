import { describe, expect, it } from 'vitest';
import type { Filter, VersionFilter } from '../../src/search/filter.ts';
import { objectionMark } from '../../src/search/reach.ts';
import type { Store } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { at, change, findAll, key, removal, write } from './fixtures.ts';

const types = ['Consent', 'Immunization', 'List', 'Patient'] as const;
const reach = (...anyOf: string[]): Filter => ({ kind: 'reach', anyOf });
const not = (of: Filter): Filter => ({ kind: 'not', of });

/** Sources s and t belong to the person p, who has a dose and a mark of each of them. */
export function describeAliases(getStore: () => Store) {
  const source = (id: string, person: string, version = 1, ...marks: string[]) =>
    change({ id, version, person, marks });
  const alone = (id: string, version = 1, ...marks: string[]) => change({ id, version, marks });
  const dose = (id: string, of: string, ...marks: string[]) =>
    change({ type: 'Immunization', id, patients: [of], marks });

  async function aliasesOf(...ids: string[]): Promise<Readonly<Record<string, readonly string[]>>> {
    return Object.fromEntries(await getStore().aliasesOf(ids as ResourceId[]));
  }

  async function find(filter: Filter): Promise<readonly string[]> {
    const store = getStore();
    const found = await findAll(store, { types, filter, sort: [], count: 2 });
    expect(await store.count(types, filter)).toBe(found.length);
    return found;
  }

  async function pasts(filter: VersionFilter): Promise<readonly string[]> {
    const { versions } = await getStore().history({ only: filter, count: 50 });
    return versions.map(({ type, id, versionId }) => `${type}/${id}/${versionId}`).sort();
  }

  async function join(): Promise<void> {
    await write(getStore(), alone('p', 1, 'care|P'), alone('q', 1, 'care|Q'));
    await write(getStore(), source('t', 'p', 1, 'care|T'), source('s', 'p', 1, 'care|S'));
    await write(getStore(), dose('of-p', 'p'), dose('of-s', 's', 'dose|D'), dose('of-q', 'q'));
    await write(getStore(), change({ type: 'List', id: 'l', patients: ['s', 'q'] }));
  }
  const ofPerson = ['Immunization/of-p', 'Immunization/of-s', 'Patient/p', 'Patient/s', 'Patient/t'];

  describe('under which ids a person is known', () => {
    it('is asked by each of them, the person first, and left out of who is alone', async () => {
      await join();
      const all = ['p', 's', 't'];
      expect(await aliasesOf('t', 'p', 's', 'q', 'nobody', 't')).toEqual({ p: all, s: all, t: all });
      expect(await aliasesOf()).toEqual({});
    });

    it('is nothing to ask for where nobody was ever joined', async () => {
      const store = getStore();
      await write(store, alone('p'), alone('q'));
      expect(await store.hasAliases()).toBe(false);
      expect(await aliasesOf('p', 'q')).toEqual({});
      await write(store, source('s', 'p'));
      expect(await store.hasAliases()).toBe(true);
    });

    it('is known before the person is written, and after it is deleted', async () => {
      await write(getStore(), source('s', 'p'));
      expect(await aliasesOf('s', 'p')).toEqual({ s: ['p', 's'], p: ['p', 's'] });
      await write(getStore(), alone('p'));
      await write(getStore(), removal({ id: 'p', version: 2 }));
      expect(await aliasesOf('s', 'p')).toEqual({ s: ['p', 's'], p: ['p', 's'] });
    });

    it('moves with a source, and ends when it belongs to nobody or is deleted', async () => {
      await join();
      await write(getStore(), source('s', 'q', 2));
      expect(await aliasesOf('s', 't')).toEqual({ s: ['q', 's'], t: ['p', 't'] });
      await write(getStore(), alone('s', 3));
      expect(await aliasesOf('s', 'q', 't')).toEqual({ t: ['p', 't'] });
      await write(getStore(), removal({ id: 't', version: 2 }));
      expect(await aliasesOf('p', 't')).toEqual({});
    });

    it('is drawn anew by a reindex', async () => {
      await join();
      const drawn = { index: {}, patients: [key('Patient', 's').id], marks: ['care|S'] };
      expect(await getStore().reindex({ ...key('Patient', 's'), versionId: 1, ...drawn })).toBe(true);
      expect(await aliasesOf('s', 't')).toEqual({ t: ['p', 't'] });
      expect(await find(reach('care|S'))).toEqual(['Immunization/of-s', 'Patient/s']);
      const again = { ...drawn, person: key('Patient', 'p').id };
      await getStore().reindex({ ...key('Patient', 's'), versionId: 1, ...again });
      expect(await find(reach('care|S'))).toEqual(ofPerson);
    });

    it('is not what is said of a person who says it of another', async () => {
      await join();
      await write(getStore(), source('p', 'q', 2));
      expect(await aliasesOf('p', 'q', 's')).toEqual({ p: ['q', 'p'], q: ['q', 'p'], s: ['s', 't'] });
      await write(getStore(), alone('p', 3));
      expect(await aliasesOf('p', 'q')).toEqual({ p: ['p', 's', 't'] });
    });

    it('is as it was after a unit that did not fit', async () => {
      await join();
      const moved = source('s', 'q', 2, 'care|S');
      const fits = [{ change: 0, filter: reach('care|T') }];
      expect(await getStore().write({ changes: [moved], guards: [], fits })).toEqual({
        kind: 'unfit',
        fit: 0,
      });
      expect(await aliasesOf('s', 'q')).toEqual({ s: ['p', 's', 't'] });
    });
  });

  describe('whom something concerns', () => {
    const concerns = (...anyOf: string[]) => ({ kind: 'concerns', anyOf }) as const;

    it.each([['p'], ['s'], ['t']])('is asked by the alias %s as by any other', async (alias) => {
      await join();
      expect(await find(concerns(alias))).toEqual(ofPerson);
      expect(await pasts(concerns(alias))).toEqual(ofPerson.map((one) => `${one}/1`));
      expect(await find(concerns(alias, 'q'))).toEqual([
        'Immunization/of-p',
        'Immunization/of-q',
        'Immunization/of-s',
        'List/l',
        'Patient/p',
        'Patient/q',
        'Patient/s',
        'Patient/t',
      ]);
      expect(await find(not(concerns(alias)))).toEqual(['Immunization/of-q', 'List/l', 'Patient/q']);
    });

    it('is asked by who the source belongs to now', async () => {
      await join();
      await write(getStore(), source('s', 'q', 2));
      expect(await find(concerns('p'))).toEqual(['Immunization/of-p', 'Patient/p', 'Patient/t']);
      expect(await pasts(concerns('q'))).toContain('Patient/s/1');
      const fits = (of: string) => ({
        changes: [change({ type: 'Immunization', id: `new-${of}`, patients: ['s'] })],
        guards: [],
        fits: [{ change: 0, filter: concerns(of) }],
      });
      expect(await getStore().write(fits('p'))).toEqual({ kind: 'unfit', fit: 0 });
      expect(await getStore().write(fits('q'))).toEqual({ kind: 'committed' });
    });

    it('is judged with the unit that joins them', async () => {
      await write(getStore(), alone('p'));
      const fits = [{ change: 0, filter: concerns('p') }];
      expect(await getStore().write({ changes: [alone('s')], guards: [], fits })).toEqual({
        kind: 'unfit',
        fit: 0,
      });
      expect(await getStore().write({ changes: [source('s', 'p')], guards: [], fits })).toEqual({
        kind: 'committed',
      });
    });
  });

  describe('what one alias bears', () => {
    it.each([
      ['the person', 'care|P', ofPerson],
      ['a source', 'care|S', ofPerson],
      ['another source', 'care|T', ofPerson],
      ['who was vaccinated under one of them', 'dose|D', ofPerson],
      ['somebody else', 'care|Q', ['Immunization/of-q', 'Patient/q']],
    ])('%s, all bear', async (_, mark, expected) => {
      await join();
      expect(await find(reach(mark))).toEqual(expected);
      expect(await pasts({ kind: 'reach', anyOf: [mark] })).toEqual(expected.map((one) => `${one}/1`));
    });

    it('is what each of them bears', async () => {
      await join();
      const marks = await getStore().marksOf(['p', 's', 'q'] as ResourceId[]);
      const all = ['care|P', 'care|S', 'care|T', 'dose|D'];
      expect([...(marks.get('p') ?? [])].sort()).toEqual(all);
      expect([...(marks.get('s') ?? [])].sort()).toEqual(all);
      expect(marks.get('q')).toEqual(['care|Q']);
    });

    it('counts where all must bear it, and where one must', async () => {
      await join();
      await write(getStore(), change({ id: 'q', version: 2, marks: ['care|T'] }));
      expect(await find(reach('care|T'))).toContain('List/l');
      await write(
        getStore(),
        change({ type: 'Consent', id: 'c', patients: ['t'], marks: [objectionMark] }),
        dose('of-t', 't'),
      );
      const objecting = [
        'Consent/c',
        'Immunization/of-p',
        'Immunization/of-s',
        'Immunization/of-t',
        'List/l',
      ];
      expect(await find(reach(objectionMark))).toEqual([...objecting, 'Patient/p', 'Patient/s', 'Patient/t']);
      expect(await find(not(reach(objectionMark)))).toEqual(['Immunization/of-q', 'Patient/q']);
    });

    it('goes with the source that is moved, and stays with what was written of it', async () => {
      await join();
      await write(getStore(), source('s', 'q', 2, 'care|S'));
      expect(await find(reach('care|S'))).toEqual([
        'Immunization/of-q',
        'Immunization/of-s',
        'List/l',
        'Patient/q',
        'Patient/s',
      ]);
      expect(await find(reach('care|P'))).toEqual(['Immunization/of-p', 'Patient/p', 'Patient/t']);
      expect(await find(reach('dose|D'))).toContain('Patient/q');
      expect(await find(reach('dose|D'))).not.toContain('Patient/p');
    });

    it('is judged with the unit that joins them', async () => {
      const store = getStore();
      await write(store, alone('p', 1, 'care|P'));
      const joining = source('s', 'p', 1, 'care|S');
      const fitting = (mark: string) => ({
        changes: [joining],
        guards: [],
        fits: [{ change: 0, filter: reach(mark) }],
      });
      expect(await store.write(fitting('care|Q'))).toEqual({ kind: 'unfit', fit: 0 });
      expect(await store.write(fitting('care|P'))).toEqual({ kind: 'committed' });
    });

    it('is no longer judged with the unit that parts them', async () => {
      const store = getStore();
      await join();
      const parting = { ...alone('s', 2, 'care|S'), lastUpdated: at(9) };
      const fits = [{ change: 0, filter: reach('care|P') }];
      expect(await store.write({ changes: [parting], guards: [], fits })).toEqual({ kind: 'unfit', fit: 0 });
    });
  });
}
