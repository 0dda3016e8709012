import {
  type AnyBulkWriteOperation,
  type ClientSession,
  type Collection,
  MongoError,
  type TransactionOptions,
} from 'mongodb';
import { type Change, type WriteOutcome, WriteUnknownError } from '../contract/store.ts';
import { type DocumentKey, documentKey, type HistoryDocument, type ResourceDocument } from './documents.ts';
import type { Reader } from './reader.ts';
import { type Currents, documentsOf } from './unit-documents.ts';

/** One an id that a client chose, where keys are unique on one shard only. */
export type ReservationDocument = { readonly _id: DocumentKey };

export const wholly: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
};

const commitAttempts = 5;

/** What stands there of what is to be changed, within the snapshot of the transaction. */
export async function currentsOf(
  { resources, session }: Reader,
  changes: readonly Change[],
): Promise<Currents> {
  const keys = changes.map(documentKey);
  const options = { ...(session && { session }), projection: { keys: 0, spans: 0, tuples: 0 } };
  const found = await resources.find({ _id: { $in: keys } }, options).toArray();
  return new Map(found.map((document) => [document._id, document]));
}

/** The first change of a resource that has another version than was expected. */
export function findStale(changes: readonly Change[], currents: Currents): WriteOutcome | undefined {
  const versions = new Map<DocumentKey, number>();
  for (const [i, change] of changes.entries()) {
    const key = documentKey(change);
    const currentVersion = versions.get(key) ?? currents.get(key)?.version ?? 0;
    if (currentVersion !== change.expectedVersion) return { kind: 'stale', change: i, currentVersion };
    versions.set(key, change.versionId);
  }
  return undefined;
}

export type Writing = {
  readonly changes: readonly Change[];
  readonly currents: Currents;
  readonly session: ClientSession;
};

/** Writes the changes and what they replace; answers with what stands there then. */
export async function writeAll(
  { reservations }: { readonly reservations: Collection<ReservationDocument> },
  reader: Reader,
  { changes, currents, session }: Writing,
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

/** Commits again when the answer is lost: a transaction is committed once, however often it is asked. */
export async function commit(session: ClientSession): Promise<void> {
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
