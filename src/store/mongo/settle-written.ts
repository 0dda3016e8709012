import type { AnyBulkWriteOperation, Document } from 'mongodb';
import { isSamePlace, type ResourceDocument } from './documents.ts';
import type { Drawing } from './draw-several.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Person } from './person.ts';

/** A document that was just written, and what it left open. */
export type Written = OpenDocument &
  Pick<ResourceDocument, 'marks'> & {
    /** It took no mark from anybody, and concerns one Patient. */
    readonly isUsual: boolean;
  };

export function asWritten(written: ResourceDocument, former: ResourceDocument | undefined): Written {
  const { _id, patient, patients, marks = [], open, live } = written;
  const isKept =
    !former ||
    (!former.open &&
      isSamePlace(written, former) &&
      (former.marks ?? []).every((mark) => marks.includes(mark)));
  const isUsual = isKept && live === 1 && patients?.length === 1 && open?.persons.length === 1;
  return { _id, patient, marks, isUsual, ...(open && { open }) };
}

/** Mostly a Patient bears already what the new document says: then it alone is drawn. Answers what is left to do. */
export async function drawUsual(
  { resources, persons }: Drawing,
  batch: readonly Written[],
): Promise<readonly Written[]> {
  const byHome = new Map<string, Written[]>();
  for (const written of batch.filter(({ isUsual }) => isUsual)) {
    byHome.set(written.patient, [...(byHome.get(written.patient) ?? []), written]);
  }
  if (byHome.size === 0) return batch;
  const known = await persons.find({ _id: { $in: [...byHome.keys()] as Person[] } }).toArray();
  const done = new Set<Written>();
  const ops: AnyBulkWriteOperation<ResourceDocument>[] = [];
  for (const { _id, turn, drawn, marks = [] } of known) {
    if (drawn !== turn) continue;
    const usual = (byHome.get(_id) ?? []).filter((one) => one.marks?.every((mark) => marks.includes(mark)));
    if (usual.length === 0) continue;
    ops.push(drawing(usual, turn, marks));
    for (const written of usual) done.add(written);
  }
  if (ops.length > 0) await resources.bulkWrite(ops, { ordered: false });
  return batch.filter((written) => !done.has(written));
}

/**
 * Who takes the next turn after it was seen as the last finds these documents and draws them, since they were written
 * before; and what it drew is left alone here.
 */
function drawing(
  usual: readonly Written[],
  turn: number,
  bears: readonly string[],
): AnyBulkWriteOperation<ResourceDocument> {
  const filter: Document = {
    _id: { $in: usual.map(({ _id }) => _id) },
    patient: usual[0]?.patient,
    'open.by': { $in: usual.map(({ open }) => open?.by) },
    drawn: { $not: { $gt: turn } },
  };
  const update: Document = {
    $set: { drawn: turn, ...(bears.length > 0 && { bears }) },
    $unset: { open: '', ...(bears.length === 0 && { bears: '' }) },
  };
  return { updateMany: { filter, update } };
}
