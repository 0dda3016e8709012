import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import { everything, type Filter, not } from '../../../src/search/filter.ts';
import { objectionMark } from '../../../src/search/reach.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { change, write } from '../../contract/fixtures.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();

/** One connection for all, and a reading one beside the writer's. */
describe.each(['memory', 'file'])('in %s', (place) => {
  let store: Store;
  beforeEach(async () => {
    store = await openSqliteStore({ path: place === 'file' ? folder.at('a.sqlite') : ':memory:' });
  });
  afterEach(() => store.close());

  /** As a read of somebody who may not see everything asks: the filter is the same object each time. */
  async function reads(type: ResourceType, id: string, only: Filter): Promise<boolean> {
    const filter: Filter = { kind: 'and', of: [{ kind: 'id', anyOf: [id] }, only] };
    return (await store.search({ types: [type], filter, sort: [], count: 1 })).matches.length === 1;
  }
  const clinic: Filter = { kind: 'reach', anyOf: ['care|Organization/a'] };
  const unheard: Filter = not({ kind: 'reach', anyOf: [objectionMark] });
  const tagged: Filter = {
    kind: 'value',
    param: '_tag',
    test: { kind: 'token', anyOf: [{ system: 'urn:t', code: 'x' }] },
  };
  const patient = (version: number, marks: readonly string[]) =>
    change({ type: 'Patient', id: 'p', version, patients: ['p'], marks });

  it('reads one resource by a filter, as what the filter names comes to be known', async () => {
    await write(store, patient(1, []));
    expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', unheard)]).toEqual([
      false,
      true,
    ]);
    await write(store, patient(2, ['care|Organization/a']));
    expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', unheard)]).toEqual([true, true]);
    await write(store, patient(3, [objectionMark]));
    expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', unheard)]).toEqual([
      false,
      false,
    ]);
    await write(store, patient(4, ['care|Organization/a']));
    expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', unheard)]).toEqual([true, true]);
  });

  it('reads by the same filter of several types, and by values', async () => {
    const index = { _tag: [{ kind: 'token', system: 'urn:t', code: 'x' }] } as const;
    expect(await reads('Immunization', 'i', tagged)).toBe(false);
    await write(store, patient(1, ['care|Organization/a']));
    const dose = change({ type: 'Immunization', id: 'i', version: 1, patients: ['p'] });
    await write(store, { ...dose, index: { ...dose.index, ...index } });
    for (const only of [clinic, unheard, tagged]) expect(await reads('Immunization', 'i', only)).toBe(true);
    expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', tagged)]).toEqual([true, false]);
    expect(await reads('Patient', 'i', everything)).toBe(false);
  });

  /** As a search for the doses of one person asks. */
  async function dosesOf(person: string, only: Filter): Promise<readonly string[]> {
    const anyOf = [{ type: 'Patient', id: person }];
    const asked: Filter = { kind: 'value', param: 'patient', test: { kind: 'reference', anyOf } };
    const filter: Filter = { kind: 'and', of: [asked, only] };
    const { matches } = await store.search({ types: ['Immunization'], filter, sort: [], count: 10 });
    return matches.map(({ id }) => id);
  }

  it('searches the doses of one person after another by the same filter, as it comes to be known', async () => {
    const shared: Filter = { kind: 'and', of: [clinic, unheard] };
    for (const id of ['p', 'q']) {
      await write(store, change({ id, patients: [id] }));
      await write(store, change({ type: 'Immunization', id: `${id}1`, patients: [id] }));
    }
    const found = async () => [await dosesOf('p', shared), await dosesOf('q', shared)];
    expect(await found()).toEqual([[], []]);
    await write(store, patient(2, ['care|Organization/a']));
    expect(await found()).toEqual([['p1'], []]);
    await write(store, change({ id: 'q', version: 2, marks: ['care|Organization/a'] }));
    expect(await found()).toEqual([['p1'], ['q1']]);
    await write(store, patient(3, ['care|Organization/a', objectionMark]));
    expect(await found()).toEqual([[], ['q1']]);
  });

  it.each([2, 12])('reads by one of %i marks, most of which nobody bears yet', async (count) => {
    const marks = Array.from({ length: count }, (_, at) => `care|Organization/${at}`);
    const any: Filter = { kind: 'reach', anyOf: marks };
    const none = not(any);
    const both = async () => [await reads('Patient', 'p', any), await reads('Patient', 'p', none)];
    await write(store, patient(1, []));
    expect(await both()).toEqual([false, true]);
    await write(store, patient(2, marks.slice(-1)));
    expect(await both()).toEqual([true, false]);
    await write(store, patient(3, marks.slice(0, 1)));
    expect(await both()).toEqual([true, false]);
    await write(store, patient(4, ['care|Organization/else']));
    expect(await both()).toEqual([false, true]);
  });

  it('searches by ever new forms of one caller', async () => {
    await write(store, patient(1, ['care|Organization/a']));
    const born = (day: number): Filter => ({
      kind: 'or',
      of: Array.from({ length: day }, () => ({ kind: 'lastUpdated', bounds: [] })),
    });
    for (let forms = 1; forms < 250; forms++) {
      const filter: Filter = {
        kind: 'and',
        of: [{ kind: 'and', of: [{ kind: 'id', anyOf: ['p'] }, born(forms)] }, clinic],
      };
      expect((await store.search({ types: ['Patient'], filter, sort: [], count: 1 })).matches).toHaveLength(
        1,
      );
    }
  });
});
