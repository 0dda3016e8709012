import type { Collection, Document, FindOptions } from 'mongodb';
import { compareText } from '../../search/fold-text.ts';
import type { ResourceDocument } from './documents.ts';
import type { Person } from './person.ts';

/** To whom each source says that it belongs. */
export type Bonds = ReadonlyMap<Person, Person>;

const noBonds: Bonds = new Map();

/** So many people are asked for at once. */
const chunk = 1000;

/** Mostly nobody was ever joined: the index that tells it is then empty. */
export async function hasAnyBond(
  resources: Collection<ResourceDocument>,
  options: FindOptions = {},
): Promise<boolean> {
  const limited = { ...options, projection: { _id: 1 }, hint: 'belongs' };
  return (await resources.findOne({ belongs: { $gt: '' } } as Document, limited)) !== null;
}

/** All bonds that lead to these people, from them, and on from there. */
export async function bondsOf(
  resources: Collection<ResourceDocument>,
  people: Iterable<Person>,
  options: FindOptions = {},
): Promise<Bonds> {
  if (!(await hasAnyBond(resources, options))) return noBonds;
  const bonds = new Map<Person, Person>();
  const met = new Set<Person>(people);
  for (let fresh = [...met]; fresh.length > 0; ) {
    const found = await bondsAround(resources, fresh, options);
    for (const [source, person] of found) bonds.set(source, person);
    fresh = [...new Set(found.flat())].filter((one) => !met.has(one));
    for (const one of fresh) met.add(one);
  }
  return bonds;
}

type Bond = readonly [source: Person, person: Person];

async function bondsAround(
  resources: Collection<ResourceDocument>,
  people: readonly Person[],
  options: FindOptions,
): Promise<readonly Bond[]> {
  const found: Bond[] = [];
  for (let at = 0; at < people.length; at += chunk) {
    const some = people.slice(at, at + chunk);
    found.push(...(await bondsBy(resources, { _id: { $in: some } }, options)));
    found.push(...(await bondsBy(resources, { belongs: { $in: some } }, options)));
  }
  return found;
}

async function bondsBy(
  resources: Collection<ResourceDocument>,
  filter: Document,
  options: FindOptions,
): Promise<readonly Bond[]> {
  const bound = { belongs: { $exists: true }, ...filter };
  const found = await resources.find(bound, { ...options, projection: { belongs: 1 } }).toArray();
  return found.flatMap(({ _id, belongs }) => (belongs ? [[_id as Person, belongs] as const] : []));
}

/** Under whose names the same person is known, the person first; itself alone where it has no other. */
export function aliasesIn(bonds: Bonds): (one: Person) => readonly Person[] {
  const sources = new Map<Person, Person[]>();
  for (const [source, person] of [...bonds].sort(([a], [b]) => compareText(a, b))) {
    sources.set(person, [...(sources.get(person) ?? []), source]);
  }
  return (one) => {
    const person = bonds.get(one) ?? one;
    // A person that says that it belongs to another is not among its sources.
    return [...(bonds.has(person) ? [] : [person]), ...(sources.get(person) ?? [])];
  };
}

/** These people, and everybody whom a bond connects with one of them, however far: `bonds` are those of these people. */
export function withRelatives(people: readonly Person[], bonds: Bonds): readonly Person[] {
  return bonds.size === 0 ? people : [...new Set([...people, ...bonds.keys(), ...bonds.values()])];
}

/** Those of the people of whom every relative is among them. */
export function wholeAmong(people: ReadonlySet<Person>, bonds: Bonds): ReadonlySet<Person> {
  const torn = new Set<Person>();
  let before = -1;
  while (before < torn.size) {
    before = torn.size;
    for (const pair of bonds) {
      if (pair.some((one) => !people.has(one) || torn.has(one))) for (const one of pair) torn.add(one);
    }
  }
  return torn.size === 0 ? people : new Set([...people].filter((one) => !torn.has(one)));
}
