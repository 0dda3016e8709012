import { resourceTypes } from '../../fhir/resource-type.ts';
import type { VersionFilter } from '../../search/filter.ts';
import { bearsMark } from '../../search/reach.ts';
import type { ResourceKey } from '../contract/store.ts';
import { concernsOnly, concernsOthers, type Person, personOf } from './person.ts';
import { allOfQueries, anyOfQueries, notQuery, oneOf, type Query } from './query.ts';

/** Where a document says it of the version: the key of the resource, and the path to the rest, with its dot. */
export type VersionPaths = { readonly key: '_id' | 'key'; readonly at: '' | 'previous.' };

/** What passes, and of reach all that may pass. What is not known of a version counts neither way. */
export function compileVersionFilter(filter: VersionFilter, paths: VersionPaths, isNegated = false): Query {
  const not = (query: Query) => (isNegated ? notQuery(query) : query);
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.of.map((part) => compileVersionFilter(part, paths, isNegated));
      return (filter.kind === 'and') === isNegated ? anyOfQueries(parts) : allOfQueries(parts);
    }
    case 'not':
      return compileVersionFilter(filter.of, paths, !isNegated);
    case 'id':
      return not(oneOf(paths.key, keysOf(filter.anyOf)));
    case 'type':
      return not(oneOf('type', filter.anyOf));
    case 'concerns': {
      const persons = filter.anyOf.map(personOf);
      return isNegated ? concernsOthers(persons, paths.at) : concernsOnly(persons, paths.at);
    }
    case 'reach':
      return 'all';
  }
}

function keysOf(ids: readonly string[]): readonly string[] {
  return ids.flatMap((id) => resourceTypes.map((type) => `${type}/${id}`));
}

export function asksReachOfVersions(filter: VersionFilter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.some(asksReachOfVersions);
    case 'not':
      return asksReachOfVersions(filter.of);
    case 'reach':
      return true;
    default:
      return false;
  }
}

/** A version as it is judged; `persons` is undefined when it is not known whom it concerns. */
export type Judged = ResourceKey & { readonly persons: readonly Person[] | undefined };

/** The marks that each bears. */
export type MarksOf = (person: Person) => readonly string[];

export function passesVersionFilter(
  filter: VersionFilter,
  version: Judged,
  marksOf: MarksOf,
  isNegated = false,
): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const passes = (part: VersionFilter) => passesVersionFilter(part, version, marksOf, isNegated);
      return (filter.kind === 'and') === isNegated ? filter.of.some(passes) : filter.of.every(passes);
    }
    case 'not':
      return passesVersionFilter(filter.of, version, marksOf, !isNegated);
    case 'id':
      return filter.anyOf.includes(version.id) !== isNegated;
    case 'type':
      return filter.anyOf.includes(version.type) !== isNegated;
    case 'concerns':
      return concern(version, isNegated, (persons) =>
        persons.every((person) => filter.anyOf.some((id) => personOf(id) === person)),
      );
    case 'reach':
      return concern(version, isNegated, (persons) =>
        filter.anyOf.some((mark) => bearsMark(mark, persons, (person) => marksOf(person).includes(mark))),
      );
  }
}

function concern(
  { persons }: Judged,
  isNegated: boolean,
  test: (persons: readonly Person[]) => boolean,
): boolean {
  if (!persons) return false;
  return (persons.length > 0 && test(persons)) !== isNegated;
}
