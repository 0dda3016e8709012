import fc from 'fast-check';
import { expect } from 'vitest';
import type { ResourceType } from '../../src/fhir/resource-type.ts';
import type { Filter, VersionFilter } from '../../src/search/filter.ts';
import type { Indexed } from '../../src/search/index-values.ts';
import { matches } from '../../src/search/matches.ts';
import type { Change, Store, StoredVersion } from '../../src/store/contract/store.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { mark } from './arbitrary.ts';
import { aliasesIn, change, findAll, keysOf, removal, toIndexed, worldOf, write } from './fixtures.ts';

const types = ['Group', 'Immunization', 'Patient'] as const satisfies readonly ResourceType[];
const ids = ['a', 'b', 'c', 'd'];
const id = fc.constantFrom(...ids);

type Step = {
  readonly type: ResourceType;
  readonly id: string;
  readonly does: 'writes' | 'deletes' | 'redraws';
  readonly patients: readonly string[];
  readonly marks: readonly string[];
  /** To whom it belongs, where it is a Patient. */
  readonly person: string | undefined;
};

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    type: fc.constantFrom(...types),
    id,
    does: fc.constantFrom('writes' as const, 'writes' as const, 'deletes' as const, 'redraws' as const),
    patients: fc.oneof(fc.uniqueArray(id, { maxLength: 1 }), fc.uniqueArray(id, { maxLength: 3 })),
    marks: fc.uniqueArray(mark, { maxLength: 2 }),
    person: fc.option(id, { nil: undefined }),
  }),
  { minLength: 1, maxLength: 20 },
);

export const { versionFilter } = fc.letrec<{ versionFilter: VersionFilter }>((tie) => ({
  versionFilter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('concerns' as const), anyOf: fc.uniqueArray(id, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('reach' as const), anyOf: fc.uniqueArray(mark, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('id' as const), anyOf: fc.uniqueArray(id, { maxLength: 2 }) }),
    fc.record({
      kind: fc.constant('type' as const),
      anyOf: fc.uniqueArray(fc.constantFrom(...types), { maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('versionFilter') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('versionFilter'), { maxLength: 3 }),
    }),
  ),
}));

/** What a store holds after the steps, by the words of the contract. */
export type Model = { readonly versions: readonly Told[]; readonly live: readonly Indexed[] };

/** A version, and whom it concerns. */
type Told = { readonly change: Change; readonly patients: readonly string[] };

export async function takeSteps(store: Store, taken: readonly Step[]): Promise<Model> {
  const versions: Told[] = [];
  for (const [n, step] of taken.entries()) {
    const before = versions.findIndex(
      ({ change: { type, id: name } }) => type === step.type && name === step.id,
    );
    const next = nextOf(step, versions[before], n);
    if (!next) continue;
    if (step.does === 'redraws') {
      expect(await store.reindex(next.change)).toBe(true);
      versions[before] = next;
    } else {
      expect(await write(store, next.change)).toEqual({ kind: 'committed' });
      versions.unshift(next);
    }
  }
  return { versions, live: liveOf(versions) };
}

function liveOf(versions: readonly Told[]): readonly Indexed[] {
  const current = new Map(
    [...versions].reverse().map((told) => [`${told.change.type}/${told.change.id}`, told]),
  );
  const live = [...current.values()].filter((told) => told.change.text !== undefined);
  return live.map((told) => toIndexed(told.change));
}

/** Undefined where there is nothing to delete or to redraw. */
function nextOf(step: Step, before: Told | undefined, n: number): Told | undefined {
  const { type, id: name, patients, marks } = step;
  const person = personIn(step);
  const version = (before?.change.versionId ?? 0) + 1;
  const wanted = { type, id: name, version, lastUpdated: n };
  const drawn = change({ ...wanted, patients, marks, ...person });
  if (step.does === 'writes') return { change: drawn, patients: drawn.patients };
  if (before?.change.text === undefined) return undefined;
  if (step.does === 'deletes') return { change: removal(wanted), patients: before.patients };
  const { person: _, ...undrawn } = before.change;
  const { index } = drawn;
  const redrawn = { ...undrawn, index, patients: drawn.patients, marks, ...person };
  return { change: redrawn, patients: drawn.patients };
}

function personIn({ type, id: name, person }: Step): { readonly person?: ResourceId } {
  return type === 'Patient' && person !== undefined && person !== name
    ? { person: person as ResourceId }
    : {};
}

/** Asks a store for all that the model says of marks, and of the filters as searches and on histories. */
export async function expectModel(
  store: Store,
  { versions, live }: Model,
  filters: readonly VersionFilter[],
): Promise<void> {
  const world = worldOf(live);
  const marks = await store.marksOf(ids as ResourceId[]);
  const byPatient = ids.map((one) => [one, [...world.marksOf(one)].sort()] as const);
  expect([...marks].map(([one, some]) => [one, [...some].sort()]).sort()).toEqual(
    byPatient.filter(([, some]) => some.length > 0),
  );
  const aliases = await store.aliasesOf(ids as ResourceId[]);
  const known = ids.map((one) => [one, aliasesIn(live, one)] as const);
  expect([...aliases].sort()).toEqual(known.filter(([, some]) => some.length > 1));
  if (live.some(({ person }) => person !== undefined)) expect(await store.hasAliases()).toBe(true);
  for (const only of filters) {
    const kept = versions.filter((told) =>
      matches(only, { ...toIndexed(told.change), patients: told.patients }, world),
    );
    expect(await historyOf(store, only)).toEqual(kept.map((told) => nameOf(told.change)));
    expect(await store.countHistory({ only, count: 0 })).toBe(kept.length);
    const found = await findAll(store, { types: [...types], filter: only, sort: [], count: 3 });
    expect([...found].sort()).toEqual(foundIn(only, live));
    for (const type of types) {
      const ofType = await store.search({ types: [type], filter: only, sort: [], count: 20 });
      expect(keysOf(ofType.matches)).toEqual(foundIn(only, live).filter((key) => key.startsWith(type)));
    }
  }
}

function foundIn(filter: Filter, live: readonly Indexed[]): readonly string[] {
  const found = live.filter((one) => matches(filter, one, worldOf(live)));
  return found.map((one) => `${one.type}/${one.id}`).sort();
}

const nameOf = ({ type, id: name, versionId }: StoredVersion) => `${type}/${name}/${versionId}`;

async function historyOf(store: Store, only: VersionFilter): Promise<readonly string[]> {
  const found: string[] = [];
  let page = await store.history({ only, count: 3 });
  for (;;) {
    found.push(...page.versions.map(nameOf));
    if (page.next === undefined) return found;
    page = await store.history({ only, count: 3, after: page.next });
  }
}
