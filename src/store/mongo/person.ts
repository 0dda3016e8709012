import { allOfQueries, notQuery, type Query } from './query.ts';

/** A Patient as documents name it, `Patient/id`; also where lies what concerns this Patient alone. */
export type Person = `Patient/${string}`;

/** Whom a version concerns, each once; absent where an earlier release wrote it: not known. */
export type Concerned = { readonly patients?: readonly Person[] };

export function personOf(id: string): Person {
  return `Patient/${id}`;
}

export function isPerson(home: string): home is Person {
  return home.startsWith('Patient/');
}

/** A version of which it is not known whom it concerns; `at` is the path to it, with its dot. */
export function concernsUnknown(at = ''): Query {
  return { [`${at}patients`]: null };
}

/** It concerns somebody, and nobody but these. */
export function concernsOnly(persons: readonly Person[], at = ''): Query {
  if (persons.length === 0) return 'none';
  return { [`${at}patients`]: { $in: persons, $not: { $elemMatch: { $nin: persons } } } };
}

/** The opposite, where what is not known counts as neither. */
export function concernsOthers(persons: readonly Person[], at = ''): Query {
  return allOfQueries([notQuery(concernsUnknown(at)), notQuery(concernsOnly(persons, at))]);
}
