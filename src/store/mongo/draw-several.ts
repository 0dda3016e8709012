import type { Collection, Filter, UpdateFilter } from 'mongodb';
import { StoreBusyError } from '../contract/store.ts';
import type { ResourceDocument } from './documents.ts';
import { ofSeveral } from './home.ts';
import { anyMark } from './open.ts';
import { marksOfSeveral, type PersonDocument } from './persons.ts';

/** Where the marks are drawn: into the documents, from what is known of the Patients. */
export type Drawing = {
  readonly resources: Collection<ResourceDocument>;
  readonly persons: Collection<PersonDocument>;
};

const attempts = 50;
const needed = { patient: 1, patients: 1, live: 1, writer: 1, drawn: 1, open: 1 } as const;

/**
 * Draws the marks that the document bears by whom it concerns. Whoever keeps other marks of a Patient does it afterwards;
 * each drawing takes the place of the one that was there when it read the Patients, so the last one has read them all.
 */
export async function drawSeveral(
  { resources, persons }: Drawing,
  { _id, patient }: Pick<ResourceDocument, '_id' | 'patient'>,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const document = await resources.findOne({ _id, patient }, { projection: needed });
    if (!document?.live || document.patient !== ofSeveral) return;
    const bears = await marksOfSeveral(persons, document.patients ?? []);
    const { matchedCount } = await resources.updateOne(asRead(document), drawn(document, bears));
    if (matchedCount === 1) return;
  }
  throw new StoreBusyError(`${_id} was drawn by others ${attempts} times in a row.`);
}

type Read = Pick<ResourceDocument, '_id' | 'patient' | 'writer' | 'drawn' | 'open'>;

function asRead({ _id, patient, writer, drawn, open }: Read): Filter<ResourceDocument> {
  return {
    _id,
    patient,
    writer,
    drawn: drawn ?? null,
    'open.by': open?.by ?? null,
  } as Filter<ResourceDocument>;
}

function drawn({ drawn: last = 0, open }: Read, bears: readonly string[]): UpdateFilter<ResourceDocument> {
  const isLast = open?.persons.every((person) => person === ofSeveral) ?? false;
  return {
    $set: { drawn: last + 1, ...(bears.length > 0 && { bears }) },
    $unset: { ...(bears.length === 0 && { bears: '' }), ...(isLast && { open: '' }) },
    ...(open && !isLast && { $pull: { 'open.persons': ofSeveral, 'open.marks': anyMark } }),
  } as UpdateFilter<ResourceDocument>;
}
