import { describe, expect, it } from 'vitest';
import type { Filter } from '../../src/search/filter.ts';
import type { Store, WriteUnit } from '../../src/store/contract/store.ts';
import { at, change, key, reference, token, write } from './fixtures.ts';

const care = (organization: string) => `care|Organization/${organization}`;
const borne = (organization: string): Filter => ({ kind: 'reach', anyOf: [care(organization)] });
const concerns = (id: string): Filter => ({ kind: 'concerns', anyOf: [id] });
const coded = (code: string): Filter => ({
  kind: 'value',
  param: 'code',
  test: { kind: 'token', anyOf: [{ code }] },
});

const patient = (id: string, organization: string, version = 1) =>
  change({ id, version, patients: [id], marks: [care(organization)] });
const dose = (id: string, of: string, code = '08') =>
  change({
    type: 'Immunization',
    id,
    patients: [of],
    index: { patient: [reference('Patient', of)], code: [token(code)] },
  });

const list = (id: string, ...of: string[]) =>
  change({
    type: 'List',
    id,
    patients: of,
    index: { subject: of.map((each) => reference('Patient', each)) },
  });
const either: Filter = { kind: 'reach', anyOf: [care('a'), care('b')] };

/** A unit of one change that must match. */
const fitting = (one: WriteUnit['changes'][number], filter: Filter): WriteUnit => ({
  changes: [one],
  guards: [],
  fits: [{ change: 0, filter }],
});

export function describeFits(getStore: () => Store) {
  describe('what must fit once it is written', () => {
    it.each<[string, WriteUnit, boolean]>([
      ['it concerns whom it should', fitting(dose('i', 'p'), concerns('p')), true],
      ['it concerns somebody else', fitting(dose('i', 'q'), concerns('p')), false],
      ['whom it concerns belongs there', fitting(dose('i', 'p'), borne('a')), true],
      ['whom it concerns belongs elsewhere', fitting(dose('i', 'q'), borne('a')), false],
      ['its own values are judged', fitting(dose('i', 'p', '03'), coded('03')), true],
      ['its own values are judged to differ', fitting(dose('i', 'p', '03'), coded('08')), false],
      ['a person that it puts there itself', fitting(patient('new', 'a'), borne('a')), true],
      ['a person that it puts elsewhere', fitting(patient('new', 'b'), borne('a')), false],
      ['a person that it takes away', fitting(patient('p', 'b', 2), borne('a')), false],
      ['each whom it concerns belongs there', fitting(list('l', 'p', 'r'), borne('a')), true],
      ['one of those whom it concerns belongs elsewhere', fitting(list('l', 'p', 'q'), borne('a')), false],
      ['those whom it concerns belong to different places', fitting(list('l', 'p', 'q'), either), false],
      ['a negation', fitting(dose('i', 'p'), { kind: 'not', of: concerns('p') }), false],
    ])('when %s', async (_, unit, isKept) => {
      const store = getStore();
      await write(store, patient('p', 'a'));
      await write(store, patient('q', 'b'));
      await write(store, patient('r', 'a'));
      const [only] = unit.changes;
      if (!only) throw new Error('the unit is empty');
      const before = await store.read(only);
      const outcome = await store.write(unit);
      expect(outcome).toEqual(isKept ? { kind: 'committed' } : { kind: 'unfit', fit: 0 });
      if (isKept) expect(await store.read(only)).toMatchObject({ versionId: only.versionId });
      else expect(await store.read(only)).toEqual(before);
    });

    it('keeps nothing of a unit of which one change does not fit', async () => {
      const store = getStore();
      if (!store.transactions) return;
      await write(store, patient('p', 'a'));
      const record = { collection: 'c', key: 'k', value: '1' };
      const unit: WriteUnit = {
        changes: [dose('i1', 'p'), dose('i2', 'q')],
        guards: [],
        records: [{ kind: 'put', record }],
        fits: [
          { change: 0, filter: concerns('p') },
          { change: 1, filter: concerns('p') },
        ],
      };
      expect(await store.write(unit)).toEqual({ kind: 'unfit', fit: 1 });
      expect(await store.read(key('Immunization', 'i1'))).toBeUndefined();
      expect(await store.read(key('Immunization', 'i2'))).toBeUndefined();
      expect(await store.readRecord('c', 'k')).toBeUndefined();
      expect((await store.marksOf([key('Patient', 'q').id])).size).toBe(0);
      expect(await store.count(['Immunization'], { kind: 'and', of: [] })).toBe(0);
      expect(await store.countHistory({ type: 'Immunization', count: 1 })).toBe(0);
      // What came of nothing leaves no trace in what is written next.
      expect(await store.write({ changes: [dose('i2', 'p')], guards: [] })).toEqual({ kind: 'committed' });
      expect(await store.count(['Immunization'], concerns('p'))).toBe(1);
    });

    it('lets a dose in whose person comes with it', async () => {
      const store = getStore();
      if (!store.transactions) return;
      const unit: WriteUnit = {
        changes: [dose('i', 'new'), patient('new', 'a')],
        guards: [],
        fits: [{ change: 0, filter: borne('a') }],
      };
      expect(await store.write(unit)).toEqual({ kind: 'committed' });
    });

    it('judges a stale unit as stale', async () => {
      const store = getStore();
      await write(store, patient('p', 'a'));
      const outcome = await store.write(fitting({ ...patient('p', 'b', 3), lastUpdated: at(9) }, borne('a')));
      expect(outcome).toMatchObject({ kind: 'stale', change: 0 });
    });
  });
}
