import type { Document } from 'mongodb';
import { compareText } from '../../search/fold-text.ts';
import type { Aliases } from '../contract/store.ts';
import { idOf } from './documents.ts';
import type { Person } from './person.ts';
import { type Reader, readOptions } from './reader.ts';

/** A live Patient that says that it belongs to a person. */
const belonging: Document = { belongs: { $exists: true }, live: 1 };

/** So many people are asked for at once. */
const chunk = 1000;

export async function hasAnyAlias(reader: Reader): Promise<boolean> {
  const options = { ...readOptions(reader), projection: { _id: 1 } };
  return (await reader.resources.findOne(belonging, options)) !== null;
}

/** The people under which each of these is known, the first of them the person itself; who is alone is left out. */
export async function aliasesOf(
  reader: Reader,
  people: readonly Person[],
): Promise<ReadonlyMap<Person, readonly Person[]>> {
  const found = new Map<Person, readonly Person[]>();
  for (let at = 0; at < people.length; at += chunk) {
    for (const [one, aliases] of await aliasesOfSome(reader, people.slice(at, at + chunk))) {
      found.set(one, aliases);
    }
  }
  return found;
}

export function toAliases(found: ReadonlyMap<Person, readonly Person[]>): ReadonlyMap<string, Aliases> {
  return new Map([...found].map(([one, aliases]) => [idOf(one), aliases.map(idOf)]));
}

async function aliasesOfSome(
  reader: Reader,
  people: readonly Person[],
): Promise<ReadonlyMap<Person, readonly Person[]>> {
  const said = await belongingOf(reader, { _id: { $in: [...people] } });
  const persons = [...new Set(people.map((one) => said.get(one) ?? one))];
  const sources = await belongingOf(reader, { belongs: { $in: persons } });
  if (sources.size === 0) return new Map();
  // A person that says that it belongs to another is not among its sources.
  const moved = await belongingOf(reader, { _id: { $in: persons } });
  const members = new Map<Person, Person[]>(
    persons.map((person) => [person, moved.has(person) ? [] : [person]]),
  );
  for (const [source, person] of [...sources].sort(([a], [b]) => compareText(a, b))) {
    members.get(person)?.push(source);
  }
  const known = people.map((one) => [one, members.get(said.get(one) ?? one) ?? []] as const);
  return new Map(known.filter(([, aliases]) => aliases.length > 1));
}

/** To whom those belong that the filter finds. */
async function belongingOf(reader: Reader, filter: Document): Promise<ReadonlyMap<Person, Person>> {
  const options = { ...readOptions(reader), projection: { belongs: 1 } };
  const found = await reader.resources.find({ ...belonging, ...filter }, options).toArray();
  return new Map(found.flatMap(({ _id, belongs }) => (belongs ? [[_id as Person, belongs]] : [])));
}
