import type { Collection, Document, FindOptions } from 'mongodb';
import type { ResourceDocument } from './documents.ts';
import { ofSeveral } from './home.ts';
import { allMarks, anyMark } from './open.ts';
import { isPerson, type Person } from './person.ts';

/** What is to be right: the marks that are asked, of the people who are asked; all where it is not said. */
export type Asked = {
  readonly persons?: readonly Person[] | undefined;
  readonly marks?: readonly string[] | undefined;
};

export type OpenDocument = Pick<ResourceDocument, '_id' | 'patient' | 'open'>;

/** Mostly nothing is open, so whatever is asked is asked of this index. */
const hint = 'open';

export function findOpen<Wanted extends keyof ResourceDocument>(
  resources: Collection<ResourceDocument>,
  asked: Asked,
  keep: Readonly<Record<Wanted, 1>>,
): Promise<readonly Pick<ResourceDocument, Wanted | '_id'>[]> {
  return resources.find(whereOpen(asked), { projection: keep, hint }).toArray();
}

export async function isOpen(
  resources: Collection<ResourceDocument>,
  asked: Asked,
  options: FindOptions = {},
): Promise<boolean> {
  const limited = { ...options, projection: { _id: 1 }, hint };
  return (await resources.findOne(whereOpen(asked), limited)) !== null;
}

function whereOpen({ persons, marks }: Asked): Document {
  return {
    'open.persons': persons ? { $in: persons } : { $gt: '' },
    ...(marks && { 'open.marks': { $in: [anyMark, allMarks, ...marks] } }),
  };
}

/** What is to be done of an open document for what is asked. */
export type ToSettle = {
  readonly persons: readonly Person[];
  /** The document bears what several bear, and is to be drawn. */
  readonly several: boolean;
};

/**
 * Of a document that gives or takes a mark that is asked, all people who are asked; of another the one whose it is, or
 * the document alone. A roster of thousands holds up nobody who asks for something else.
 */
export function toSettle({ patient, open }: OpenDocument, asked: Asked): ToSettle {
  const marks = open?.marks ?? [];
  const isTold = asked.marks ? [allMarks, ...asked.marks].some((mark) => marks.includes(mark)) : true;
  const isUndrawn = marks.includes(anyMark);
  const named = isTold ? (open?.persons ?? []) : isUndrawn ? [patient] : [];
  const persons = named.filter(isPerson);
  return {
    persons: asked.persons ? persons.filter((person) => asked.persons?.includes(person)) : persons,
    several: !asked.persons && isUndrawn && patient === ofSeveral,
  };
}
