import type { ResourceId } from '../../values/resource-id.ts';
import { allOfQueries, anyOfQueries, notQuery, oneOf, type Query } from './query.ts';

/** A Patient as documents name it, `Patient/id`; also where lies what concerns this Patient alone. */
export type Person = `Patient/${string}`;

/** Whom a version concerns. */
export type Whom = {
  /** `home`: the one whom `patient` names; `listed`: those in `patients`. Absent where an earlier release wrote it: not known. */
  readonly whom?: 'nobody' | 'home' | 'listed';
  readonly patients?: readonly Person[];
};

export function personOf(id: string): Person {
  return `Patient/${id}`;
}

export function isPerson(home: string): home is Person {
  return home.startsWith('Patient/');
}

/** How a version says whom it concerns that lies at `home`. */
export function whomOf(home: string, ids: readonly ResourceId[]): Whom {
  const [only] = ids;
  if (only === undefined) return { whom: 'nobody' };
  if (ids.length === 1 && personOf(only) === home) return { whom: 'home' };
  return { whom: 'listed', patients: ids.map(personOf) };
}

/** Undefined when it is not known. */
export function personsOf({
  whom,
  patients = [],
  patient,
}: Whom & { readonly patient: string }): readonly Person[] | undefined {
  switch (whom) {
    case 'nobody':
      return [];
    case 'home':
      return isPerson(patient) ? [patient] : [];
    case 'listed':
      return patients;
    case undefined:
      return undefined;
  }
}

/** A version of which it is not known whom it concerns; `at` is the path to it, with its dot. */
export function unknownWhom(at = ''): Query {
  return { [`${at}whom`]: null };
}

/** It concerns somebody, and nobody but these. */
export function concernsOnly(persons: readonly Person[], at = ''): Query {
  const among = { $in: persons, $not: { $elemMatch: { $nin: persons } } };
  if (persons.length === 0) return 'none';
  return anyOfQueries([
    allOfQueries([oneOf(`${at}patient`, persons), { [`${at}whom`]: 'home' }]),
    { [`${at}whom`]: 'listed', [`${at}patients`]: among },
  ]);
}

/** The same where what is not known counts as neither. */
export function concernsOthers(persons: readonly Person[], at = ''): Query {
  return allOfQueries([notQuery(unknownWhom(at)), notQuery(concernsOnly(persons, at))]);
}
