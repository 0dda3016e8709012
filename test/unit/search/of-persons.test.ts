import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Filter } from '../../../src/search/filter.ts';
import type { Indexed, IndexValue } from '../../../src/search/index-values.ts';
import { matches, passes, type World } from '../../../src/search/matches.ts';
import { ofAnyAlias, ofPersons, patientsNamed, withoutSources } from '../../../src/search/of-persons.ts';
import { isSource, personParam, taggedAs, withPerson } from '../../../src/search/person-link.ts';
import type { ResourceId } from '../../../src/values/resource-id.ts';
import { filter as anyFilter, resources, types } from '../../contract/arbitrary.ts';
import { aliasesIn, worldOf } from '../../contract/fixtures.ts';

/** As they are kept: a source is found by its person. */
const kept = (one: Indexed): Indexed => ({
  ...one,
  index: withPerson(one.index, one.person as ResourceId | undefined),
});

type Ground = {
  readonly stored: readonly Indexed[];
  readonly world: World;
  /** What refers to any record of a person counts for each of them. */
  readonly findsSources?: boolean;
};

function sourcesOf(stored: readonly Indexed[], id: string): readonly Indexed[] {
  return stored.filter(({ type, person }) => type === 'Patient' && person === id);
}

/** The records that count as one where it is referred to. */
function recordsOf(one: Indexed, { stored, world, findsSources }: Ground): readonly Indexed[] {
  if (one.type !== 'Patient') return [one];
  const isSourceFound = findsSources === true && one.person !== undefined;
  const person = isSourceFound ? world.find('Patient', one.person) : undefined;
  return [one, person].flatMap((each) => (each ? [each, ...sourcesOf(stored, each.id)] : []));
}

function withItsPerson(world: World, type: string, id: string): readonly Indexed[] {
  const target = world.find(type, id);
  const person = target?.person === undefined ? undefined : world.find('Patient', target.person);
  return [target, person].filter((one) => one !== undefined);
}

/** What a question to persons means, by its own words. */
function means(filter: Filter, one: Indexed, ground: Ground, isTarget = false): boolean {
  const { stored, world } = ground;
  const isSame = (a: string, b: string | undefined) =>
    a === b || (b !== undefined && aliasesIn(stored, a).includes(b));
  const values: readonly IndexValue[] = 'param' in filter ? (one.index[filter.param] ?? []) : [];
  const isPatient = (type: string | undefined) => type === undefined || type === 'Patient';
  switch (filter.kind) {
    case 'and':
      return filter.of.every((part) => means(part, one, ground, isTarget));
    case 'or':
      return filter.of.some((part) => means(part, one, ground, isTarget));
    case 'not':
      return !means(filter.of, one, ground, isTarget);
    case 'id':
      return isTarget && one.type === 'Patient'
        ? filter.anyOf.some((id) => isSame(one.id, id))
        : matches(filter, one, world);
    case 'value': {
      const { test } = filter;
      return values.some(
        (value) =>
          passes(test, value) ||
          (value.kind === 'reference' &&
            value.type === 'Patient' &&
            test.kind === 'reference' &&
            test.anyOf.some(({ type, id }) => isPatient(type) && isSame(value.id, id))),
      );
    }
    case 'chain':
      return values
        .flatMap((value) => (value.kind === 'reference' && value.type === filter.type ? [value.id] : []))
        .flatMap((id) => withItsPerson(world, filter.type, id))
        .some((target) => means(filter.of, target, { stored, world }, true));
    case 'has': {
      const own = recordsOf(one, ground);
      return [...world.all(filter.type)].some(
        (source) =>
          means(filter.of, source, { stored, world }) &&
          (source.index[filter.param] ?? []).some(
            (value) =>
              value.kind === 'reference' &&
              own.some(({ type, id }) => value.type === type && value.id === id),
          ),
      );
    }
    default:
      return matches(filter, one, world);
  }
}

it('asks of persons what is asked of any of their records, in random worlds', () => {
  fc.assert(
    fc.property(resources, anyFilter, (some, filter) => {
      const stored = some.map(kept);
      const findsSources = withoutSources(filter) === filter;
      const ground = { stored, world: worldOf(stored), findsSources };
      const named = new Set(patientsNamed(filter));
      const aliasesOf = (id: string) => (named.has(id) ? aliasesIn(stored, id) : undefined);
      for (const type of types) {
        const asked = ofPersons(filter, [type], aliasesOf);
        for (const one of stored.filter((each) => each.type === type)) {
          expect(matches(asked, one, ground.world)).toBe(means(filter, one, ground));
        }
      }
    }),
    { numRuns: 3000 },
  );
});

it('asks the same where nobody has an alias', () => {
  fc.assert(
    fc.property(resources, anyFilter, (some, filter) => {
      const stored = some.map(({ person: _, ...one }): Indexed => one);
      const world = worldOf(stored);
      for (const one of stored) {
        const asked = ofPersons(filter, [one.type], () => undefined);
        expect(matches(asked, one, world)).toBe(matches(filter, one, world));
      }
    }),
    { numRuns: 500 },
  );
});

it('asks any alias: the person, a source, and another source of the person', () => {
  fc.assert(
    fc.property(resources, anyFilter, (some, filter) => {
      const stored = some.map(kept);
      const world = worldOf(stored);
      // Who is a source of another is no person of its own sources.
      const persons = new Set(stored.flatMap(({ person }) => person ?? []));
      fc.pre(stored.every(({ id, person }) => person === undefined || !persons.has(id)));
      for (const one of stored.filter(({ type }) => type === 'Patient')) {
        const aliases =
          one.person && !world.find('Patient', one.person) ? [one.id] : aliasesIn(stored, one.id);
        const expected = aliases
          .flatMap((id) => world.find('Patient', id) ?? [])
          .some((alias) => matches(filter, alias, world));
        expect(matches(ofAnyAlias(filter), one, world)).toBe(expected);
      }
    }),
    { numRuns: 1000 },
  );
});

const refersTo = (param: string, ...ids: string[]): Filter => ({
  kind: 'value',
  param,
  test: { kind: 'reference', anyOf: ids.map((id) => ({ type: 'Patient', id })) },
});
const byId = (id: string): Filter => ({ kind: 'id', anyOf: [id] });
const named: Filter = { kind: 'value', param: 'name', test: { kind: 'string', match: 'prefix', text: 'a' } };

describe('links', () => {
  const aliasesOf = () => ['p', 's'];

  it.each<[string, Filter]>([
    ['a link', refersTo('link', 'p')],
    ['a link to what is named', { kind: 'chain', param: 'link', type: 'Patient', of: byId('p') }],
    ['what has a link', { kind: 'has', param: 'link', type: 'Patient', of: named }],
    ['an id', byId('p')],
  ])('and records are asked as they are: %s', (_, filter) => {
    expect(ofPersons(filter, ['Patient'], aliasesOf)).toEqual(filter);
  });

  it('are not asked for by other references', () => {
    expect(ofPersons(refersTo('patient', 'p'), ['Immunization'], aliasesOf)).toEqual(
      refersTo('patient', 'p', 's'),
    );
  });
});

describe('sources', () => {
  it.each<[string, Filter, boolean]>([
    ['by a name', named, false],
    ['by a reference', refersTo('general-practitioner', 'p'), false],
    ['by what an id is the end of', { kind: 'chain', param: 'x', type: 'Patient', of: byId('p') }, false],
    ['by what has an id', { kind: 'has', param: 'x', type: 'Group', of: byId('g') }, false],
    ['by id', byId('s'), true],
    ['by id beside others', { kind: 'and', of: [named, { kind: 'not', of: byId('s') }] }, true],
    ['by their tag', taggedAs('source'), true],
    ['by their link', refersTo('link', 'p'), true],
    ['by whether they have a link', { kind: 'present', param: 'link', kinds: ['reference'] }, true],
  ])('are searched %s', (_, filter, isFound) => {
    expect(withoutSources(filter)).toEqual(
      isFound ? filter : { kind: 'and', of: [filter, { kind: 'not', of: isSource }] },
    );
    expect(isSource).toMatchObject({ param: personParam });
  });
});
