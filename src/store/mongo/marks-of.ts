import { bondsOf, withRelatives } from './bonds.ts';
import type { Person } from './person.ts';
import { type Reader, readOptions } from './reader.ts';
import { isAnythingOpen, settle } from './require-settled.ts';

/** So many people are asked for at once. */
const chunk = 1000;

/** The marks that each of these people bears, once what is open of them is settled; who bears none is left out. */
export async function marksOf(
  reader: Reader,
  persons: readonly Person[],
): Promise<ReadonlyMap<Person, readonly string[]>> {
  const marks = new Map<Person, readonly string[]>();
  for (let at = 0; at < persons.length; at += chunk) {
    const of = persons.slice(at, at + chunk);
    await requireClosed(reader, of);
    const found = await reader.persons.find({ _id: { $in: of } }, readOptions(reader)).toArray();
    for (const person of found) if (person.marks?.length) marks.set(person._id, person.marks);
  }
  return marks;
}

async function requireClosed(reader: Reader, of: readonly Person[]): Promise<void> {
  if (!(await isAnythingOpen(reader))) return;
  const bonds = await bondsOf(reader.resources, of, readOptions(reader));
  await settle(reader, { persons: withRelatives(of, bonds) });
}
