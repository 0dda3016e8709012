import { setTimeout as wait } from 'node:timers/promises';
import type { AnyBulkWriteOperation, Document, FindOptions } from 'mongodb';
import { StoreBusyError } from '../contract/store.ts';
import { isSamePlace, type ResourceDocument } from './documents.ts';
import { type Drawing, drawSeveral } from './draw-several.ts';
import { ofSeveral } from './home.ts';
import type { Person } from './person.ts';
import { settlePersons } from './settle-persons.ts';

export type Settler = {
  /** Settles what the write left open behind the back of the writer; resolves when there is room for the next. */
  readonly later: (written: ResourceDocument, former?: ResourceDocument) => Promise<void>;
  /** What is open of these Patients, or of all, when it is called is settled when it resolves. */
  readonly settle: (persons?: readonly Person[]) => Promise<void>;
  /** Whether anything is open that was written before the call. */
  readonly isAnythingOpen: () => Promise<boolean>;
  /** Resolves when nothing is under way. */
  readonly drain: () => Promise<void>;
};

type Written = Pick<ResourceDocument, '_id' | 'patient' | 'marks' | 'open'> & {
  /** It took no mark from anybody, and concerns one Patient. */
  readonly isUsual: boolean;
};

/** Documents settled together; so many may wait before writers do. */
const batchSize = 500;
const mostWaiting = 2_000;
const attempts = 50;

export function openSettler(drawing: Drawing): Settler {
  const waiting: Written[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let background: Promise<unknown> | undefined;
  /** One after the other within a process, so that nobody takes turns from who is at it. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const workOff = async () => {
    // Writes of the same turn of the event loop go together.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchSize);
      // What fails stays open, and is settled by the next who needs it.
      await inTurn(() => settleWritten(drawing, batch)).catch(() => undefined);
    }
    background = undefined;
  };
  return {
    later: async (written, former) => {
      if (!written.open) return;
      waiting.push(asWritten(written, former));
      background ??= workOff();
      while (waiting.length >= mostWaiting && background) await background;
    },
    isAnythingOpen: openCheck(drawing),
    settle: (persons) => inTurn(() => settleOpen(drawing, persons)),
    drain: async () => {
      await background;
      await turn;
    },
  };
}

/** Whoever asks in one turn of the event loop is told by one look-up. */
function openCheck({ resources }: Drawing): () => Promise<boolean> {
  let next: Promise<boolean> | undefined;
  return () => {
    next ??= new Promise(setImmediate).then(() => {
      next = undefined;
      return isThere(resources, anythingOpen);
    });
    return next;
  };
}

/** As a range, which every engine reads off its index. */
export const anythingOpen: Document = { 'open.persons': { $gt: '' } };

export async function isThere(
  resources: Drawing['resources'],
  filter: Document,
  options: FindOptions = {},
): Promise<boolean> {
  return (await resources.findOne(filter, { ...options, projection: { _id: 1 } })) !== null;
}

function asWritten(written: ResourceDocument, former: ResourceDocument | undefined): Written {
  const { _id, patient, patients, marks = [], open, live } = written;
  const isKept =
    !former ||
    (!former.open &&
      isSamePlace(written, former) &&
      (former.marks ?? []).every((mark) => marks.includes(mark)));
  const isUsual = isKept && live === 1 && patients?.length === 1 && open?.persons.length === 1;
  return { _id, patient, marks, isUsual, ...(open && { open }) };
}

/** Mostly a Patient bears already what the new document says: then it alone is drawn. */
async function settleWritten(drawing: Drawing, batch: readonly Written[]): Promise<void> {
  const done = await drawUsual(
    drawing,
    batch.filter(({ isUsual }) => isUsual),
  );
  await settleDocuments(
    drawing,
    batch.filter((written) => !done.has(written)),
  );
}

async function drawUsual(
  { resources, persons }: Drawing,
  batch: readonly Written[],
): Promise<ReadonlySet<Written>> {
  const done = new Set<Written>();
  if (batch.length === 0) return done;
  const byHome = new Map<string, Written[]>();
  for (const written of batch) byHome.set(written.patient, [...(byHome.get(written.patient) ?? []), written]);
  const known = await persons.find({ _id: { $in: [...byHome.keys()] as Person[] } }).toArray();
  const ops: AnyBulkWriteOperation<ResourceDocument>[] = [];
  for (const { _id, turn, drawn, marks = [] } of known) {
    if (drawn !== turn) continue;
    const usual = (byHome.get(_id) ?? []).filter((one) => one.marks?.every((mark) => marks.includes(mark)));
    if (usual.length === 0) continue;
    ops.push(drawingUsual(usual, turn, marks));
    for (const written of usual) done.add(written);
  }
  if (ops.length > 0) await resources.bulkWrite(ops, { ordered: false });
  return done;
}

/**
 * Who takes the next turn after it was seen as the last finds these documents and draws them, since they were written
 * before; and what it drew is left alone here.
 */
function drawingUsual(
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

type OpenDocument = Pick<ResourceDocument, '_id' | 'patient' | 'open'>;

async function settleDocuments(drawing: Drawing, documents: readonly OpenDocument[]): Promise<void> {
  const persons = new Set<Person>();
  for (const { open } of documents) {
    for (const person of open?.persons ?? []) if (person !== ofSeveral) persons.add(person);
  }
  await settlePersons(drawing, [...persons].sort());
  const several = documents.filter(({ open }) => open?.persons.includes(ofSeveral));
  for (const document of several) await drawSeveral(drawing, document);
}

function findOpen(
  { resources }: Drawing,
  persons: readonly Person[] | undefined,
): Promise<readonly OpenDocument[]> {
  const filter: Document = persons ? { 'open.persons': { $in: persons } } : anythingOpen;
  return resources.find(filter, { projection: { patient: 1, open: 1 } }).toArray();
}

/** Somebody else may be at it, with a later turn; then it is waited for, or done by the next attempt. */
async function settleOpen(drawing: Drawing, persons: readonly Person[] | undefined): Promise<void> {
  let open = await findOpen(drawing, persons);
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (open.length === 0) return;
    await settleDocuments(drawing, open);
    open = await stillOpen(drawing, open);
    if (open.length > 0) await wait(Math.random() * 50);
  }
  throw new StoreBusyError(`Others drew the same marks ${attempts} times in a row.`);
}

async function stillOpen(
  { resources }: Drawing,
  documents: readonly OpenDocument[],
): Promise<readonly OpenDocument[]> {
  const filter: Document = {
    _id: { $in: documents.map(({ _id }) => _id) },
    'open.by': { $in: documents.map(({ open }) => open?.by) },
  };
  return resources.find(filter, { projection: { patient: 1, open: 1 } }).toArray();
}
