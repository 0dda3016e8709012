import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ResourceType } from '../../../src/fhir/resource-type.ts';
import { everything, type Filter, not } from '../../../src/search/filter.ts';
import { objectionMark } from '../../../src/search/reach.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { change, write } from '../../contract/fixtures.ts';

let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
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
  expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', unheard)]).toEqual([false, true]);
  await write(store, patient(2, ['care|Organization/a']));
  expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', unheard)]).toEqual([true, true]);
  await write(store, patient(3, [objectionMark]));
  expect([await reads('Patient', 'p', clinic), await reads('Patient', 'p', unheard)]).toEqual([false, false]);
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
