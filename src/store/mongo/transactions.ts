import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type AnyBulkWriteOperation,
  type ClientSession,
  type Collection,
  type MongoClient,
  MongoError,
} from 'mongodb';
import {
  type Change,
  StoreBusyError,
  type WriteOutcome,
  type WriteUnit,
  WriteUnknownError,
} from '../contract/store.ts';
import type { AuditBooks } from './audit.ts';
import { chainTypesOf } from './chain-types.ts';
import { requireFitting } from './document-size.ts';
import {
  type DocumentKey,
  documentKey,
  type HistoryDocument,
  previousOf,
  type ResourceDocument,
  toDocument,
  toHistory,
} from './documents.ts';
import { filterOf, findGuarded } from './find-guarded.ts';
import { findUnfit } from './judge-fits.ts';
import type { Reader } from './reader.ts';
import { UnsettledError } from './require-settled.ts';
import { isDuplicateKey, toStoreError } from './store-errors.ts';
import { findStaleRecord, type RecordParts, writeRecordsWithin } from './write-record.ts';

export type Transactions = { readonly write: (unit: WriteUnit) => Promise<WriteOutcome> };

/** One a type; a guarded unit writes those of the types it reads or writes, and so meets every other. */
export type GuardDocument = { readonly _id: string; readonly turn: number };
/** One an id that a client chose, where keys are unique on one shard only. */
export type ReservationDocument = { readonly _id: DocumentKey };

export type TransactionParts = RecordParts & {
  readonly audit: AuditBooks;
  readonly client: MongoClient;
  readonly reader: Reader;
  readonly guards: Collection<GuardDocument>;
  readonly reservations: Collection<ReservationDocument>;
};

const maxAttempts = 30;
const commitAttempts = 5;

export function openTransactions(parts: TransactionParts): Transactions {
  const prepared = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();
  const write = (unit: WriteUnit) => writeInTransaction(parts, unit);
  return {
    write: async (unit) => {
      if (unit.guards.length === 0) return write(unit);
      await prepareGuards(parts.guards, guardedTypes(unit), prepared);
      // Within one process guarded units queue up, instead of aborting each other.
      const mine = turn.then(() => write(unit));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Made beforehand: a transaction that inserts what another inserts too is aborted. */
async function prepareGuards(
  guards: Collection<GuardDocument>,
  types: readonly string[],
  prepared: Set<string>,
): Promise<void> {
  // In one order, so that two who do it do not wait for each other.
  const missing = types.filter((type) => !prepared.has(type)).sort();
  if (missing.length === 0) return;
  const upserts = missing.map((_id) => ({
    updateOne: { filter: { _id }, update: { $setOnInsert: { turn: 0 } }, upsert: true },
  }));
  try {
    await guards.bulkWrite(upserts, { ordered: false });
  } catch (error) {
    if (!isDuplicateKey(error)) throw toStoreError(error);
  }
  for (const type of missing) prepared.add(type);
}

/** Every type that the guards look into, and every type that the unit writes. */
function guardedTypes({ changes, guards }: WriteUnit): readonly string[] {
  const types = new Set<string>(changes.map(({ type }) => type));
  for (const guard of guards) {
    types.add(guard.type);
    for (const other of chainTypesOf(filterOf(guard))) types.add(other);
  }
  return [...types];
}

async function writeInTransaction(parts: TransactionParts, unit: WriteUnit): Promise<WriteOutcome> {
  const session = parts.client.startSession();
  try {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const outcome = await attemptOnce(parts, unit, session);
      if (outcome) return outcome;
      await wait(Math.random() * Math.min(200, 5 * 2 ** attempt));
    }
    throw new StoreBusyError(`The transaction was aborted by others ${maxAttempts} times in a row.`);
  } finally {
    await session.endSession();
  }
}

/** Undefined when others were in the way. */
async function attemptOnce(
  parts: TransactionParts,
  unit: WriteUnit,
  session: ClientSession,
): Promise<WriteOutcome | undefined> {
  try {
    return await attemptUnit(parts, unit, session);
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction();
    if (error instanceof UnsettledError) {
      await parts.reader.settler.settle(error.asked);
      return undefined;
    }
    if (isWorthRetrying(error)) return undefined;
    throw toStoreError(error);
  }
}

/** A key that was taken after the snapshot shows as a duplicate; the next attempt sees it as a version. */
function isWorthRetrying(error: unknown): boolean {
  return (
    error instanceof MongoError && (error.hasErrorLabel('TransientTransactionError') || isDuplicateKey(error))
  );
}

async function attemptUnit(
  parts: TransactionParts,
  unit: WriteUnit,
  session: ClientSession,
): Promise<WriteOutcome> {
  session.startTransaction({
    readConcern: { level: 'snapshot' },
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  });
  const reader: Reader = { ...parts.reader, session };
  const currents = await currentsOf(reader, unit.changes);
  const refusal =
    findStale(unit.changes, currents) ??
    (await judgeRecords(parts, unit, session)) ??
    (await judgeGuards(parts, reader, unit, session)) ??
    (await judgeFits(reader, unit));
  if (refusal) {
    await session.abortTransaction();
    return refusal;
  }
  const written = await writeAll(parts, reader, unit.changes, currents, session);
  await writeRecordsWithin(parts, unit.records ?? [], session);
  await parts.audit.append(unit.audit ?? [], session);
  await commit(session);
  for (const document of written) await reader.settler.later(document, currents.get(document._id));
  return { kind: 'committed' };
}

type Currents = ReadonlyMap<DocumentKey, ResourceDocument>;

async function currentsOf({ resources, session }: Reader, changes: readonly Change[]): Promise<Currents> {
  const keys = changes.map(documentKey);
  const options = { ...(session && { session }), projection: { keys: 0, spans: 0, tuples: 0 } };
  const found = await resources.find({ _id: { $in: keys } }, options).toArray();
  return new Map(found.map((document) => [document._id, document]));
}

function findStale(changes: readonly Change[], currents: Currents): WriteOutcome | undefined {
  const versions = new Map<DocumentKey, number>();
  for (const [i, change] of changes.entries()) {
    const key = documentKey(change);
    const currentVersion = versions.get(key) ?? currents.get(key)?.version ?? 0;
    if (currentVersion !== change.expectedVersion) return { kind: 'stale', change: i, currentVersion };
    versions.set(key, change.versionId);
  }
  return undefined;
}

async function judgeRecords(
  parts: TransactionParts,
  { records = [] }: WriteUnit,
  session: ClientSession,
): Promise<WriteOutcome | undefined> {
  const record = await findStaleRecord(parts, records, session);
  return record === undefined ? undefined : { kind: 'stale-record', record };
}

async function judgeFits(reader: Reader, unit: WriteUnit): Promise<WriteOutcome | undefined> {
  const fit = await findUnfit(reader, unit);
  return fit === undefined ? undefined : { kind: 'unfit', fit };
}

/** Writing the documents of the types first makes this unit and any other guarded one meet, whatever they look for. */
async function judgeGuards(
  { guards }: TransactionParts,
  reader: Reader,
  unit: WriteUnit,
  session: ClientSession,
): Promise<WriteOutcome | undefined> {
  if (unit.guards.length === 0) return undefined;
  await guards.updateMany({ _id: { $in: [...guardedTypes(unit)] } }, { $inc: { turn: 1 } }, { session });
  const guard = await findGuarded(reader, unit.guards);
  return guard === undefined ? undefined : { kind: 'guarded', guard };
}

async function writeAll(
  { reservations }: TransactionParts,
  reader: Reader,
  changes: readonly Change[],
  currents: Currents,
  session: ClientSession,
): Promise<readonly ResourceDocument[]> {
  const { written, replaced, writes, isNew } = documentsOf(changes, currents);
  if (writes.length === 0) return [];
  if (reader.sharded && isNew.length > 0) {
    await reservations.insertMany(
      isNew.map((_id) => ({ _id })),
      { session },
    );
  }
  if (replaced.length > 0) {
    // What stands there already is the same: a version never changes.
    const entries: AnyBulkWriteOperation<HistoryDocument>[] = replaced.map(({ _id, patient, ...rest }) => ({
      updateOne: { filter: { _id, patient }, update: { $setOnInsert: rest }, upsert: true },
    }));
    await reader.history.bulkWrite(entries, { session, ordered: true });
  }
  const { matchedCount, insertedCount } = await reader.resources.bulkWrite(writes, {
    session,
    ordered: true,
  });
  if (matchedCount + insertedCount !== writes.length) {
    throw new Error('A resource changed within the snapshot of its own transaction.');
  }
  return written;
}

type Documents = {
  readonly written: readonly ResourceDocument[];
  readonly replaced: readonly HistoryDocument[];
  readonly writes: AnyBulkWriteOperation<ResourceDocument>[];
  readonly isNew: readonly DocumentKey[];
};

/** The last change of each resource is its document; what came before goes to the history. */
function documentsOf(changes: readonly Change[], currents: Currents): Documents {
  const replaced: HistoryDocument[] = [];
  const latest = new Map<DocumentKey, ResourceDocument>(currents);
  for (const change of changes) {
    const former = latest.get(documentKey(change));
    const document = toDocument(change, randomUUID(), former);
    requireFitting(document);
    if (former) replaced.push(...entriesOf(former, document));
    latest.set(document._id, document);
  }
  const written = [...latest.values()].filter((document) => document !== currents.get(document._id));
  return {
    written,
    replaced,
    isNew: written.filter(({ _id }) => !currents.has(_id)).map(({ _id }) => _id),
    writes: written.map((document): AnyBulkWriteOperation<ResourceDocument> => {
      const current = currents.get(document._id);
      if (!current) return { insertOne: { document } };
      const { _id, version, patient } = current;
      return { replaceOne: { filter: { _id, version, patient }, replacement: document } };
    }),
  };
}

/** Of the replaced document, and of the one that it still carries. */
function entriesOf(former: ResourceDocument, next: ResourceDocument): readonly HistoryDocument[] {
  const before = toHistory(former);
  const itself = toHistory({ ...next, previous: previousOf(former) });
  return [before, itself].filter((entry) => entry !== undefined);
}

/** Commits again when the answer is lost: a transaction is committed once, however often it is asked. */
async function commit(session: ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const isUnknown = error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!isUnknown) throw error;
      if (attempt < commitAttempts) continue;
      const text = 'MongoDB was lost while it committed; whether the transaction was kept is not known.';
      throw new WriteUnknownError(text, { cause: error });
    }
  }
}
