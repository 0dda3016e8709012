import type { Document } from 'mongodb';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import { bondsOf, withRelatives } from './bonds.ts';
import { homesOf, ofSeveral } from './home.ts';
import { type Asked, isOpen } from './open-documents.ts';
import { isPerson, type Person } from './person.ts';
import { type Reader, readOptions } from './reader.ts';

/** What a transaction reads is not drawn yet: it is to be settled outside, and the transaction tried again. */
export class UnsettledError extends Error {
  override readonly name = 'UnsettledError';
  readonly asked: Asked;

  constructor(asked: Asked) {
    super('What people bear is being drawn.');
    this.asked = asked;
  }
}

/** A filter that asks what people bear is answered by what is drawn: so that has to be right first. */
export async function requireSettled(
  reader: Reader,
  types: readonly ResourceType[],
  filter: Filter,
): Promise<void> {
  const marks = marksAsked(filter);
  if (marks.length === 0 || !(await isAnythingOpen(reader))) return;
  const persons = personsAsked(types, filter);
  // What concerns others besides bears what those bear too.
  const isAlone = persons && !(await isWithOthers(reader, types, persons));
  if (!isAlone) return settle(reader, { marks });
  const bonds = await bondsOf(reader.resources, persons, readOptions(reader));
  return settle(reader, { marks, persons: withRelatives(persons, bonds) });
}

/** What anybody may bear of these marks. */
export async function requireMarksSettled(reader: Reader, marks: readonly string[]): Promise<void> {
  if (await isAnythingOpen(reader)) await settle(reader, { marks });
}

/** Mostly nothing is. */
export function isAnythingOpen(reader: Reader): Promise<boolean> {
  const { session, resources, settler } = reader;
  return session ? isOpen(resources, {}, { session }) : settler.isAnythingOpen();
}

export async function settle(reader: Reader, asked: Asked): Promise<void> {
  if (!(await isOpen(reader.resources, asked, readOptions(reader)))) return;
  if (reader.session) throw new UnsettledError(asked);
  await reader.settler.settle(asked);
}

async function isWithOthers(
  reader: Reader,
  types: readonly ResourceType[],
  persons: readonly Person[],
): Promise<boolean> {
  const filter: Document = { patients: { $in: persons }, patient: ofSeveral, type: { $in: types } };
  const options = { ...readOptions(reader), projection: { _id: 1 } };
  return (await reader.resources.findOne(filter, options)) !== null;
}

function marksAsked(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(marksAsked);
    case 'not':
    case 'chain':
    case 'has':
      return marksAsked(filter.of);
    case 'reach':
      return filter.anyOf;
    default:
      return [];
  }
}

/** Those of whom alone something is asked; undefined when it may be anybody. */
function personsAsked(types: readonly ResourceType[], filter: Filter): readonly Person[] | undefined {
  if (asksElsewhere(filter)) return undefined;
  const homes = types.map((type) => homesOf(filter, type));
  if (homes.includes(undefined)) return undefined;
  return [...new Set(homes.flatMap((some) => some ?? []))].filter(isPerson);
}

/** Whether reach is asked of other resources than those that are searched. */
function asksElsewhere(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.some(asksElsewhere);
    case 'not':
      return asksElsewhere(filter.of);
    case 'chain':
    case 'has':
      return marksAsked(filter.of).length > 0;
    default:
      return false;
  }
}
