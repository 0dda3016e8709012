import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Change, WriteOutcome, WriteUnit } from '../contract/store.ts';
import { TransactionUnsupportedError, WriteUnknownError } from '../contract/store.ts';
import type { Archive } from './archive.ts';
import type { AuditBooks } from './audit.ts';
import { requireFitting } from './document-size.ts';
import { type DocumentKey, documentKey, previousOf, type ResourceDocument, toDocument } from './documents.ts';
import type { GuardTicket } from './guard-ticket.ts';
import type { Inserter } from './insert-batches.ts';
import { findUnfit } from './judge-fits.ts';
import type { Reader } from './reader.ts';
import { isUnsettled, toStoreError } from './store-errors.ts';
import type { Transactions } from './transactions.ts';
import { type RecordParts, writeRecordAlone } from './write-record.ts';

export type Writer = RecordParts & {
  readonly reader: Reader;
  readonly resources: Collection<ResourceDocument>;
  readonly inserter: Inserter;
  readonly archive: Archive;
  /** Absent where the deployment has none. */
  readonly transactions: Transactions | undefined;
  readonly ticket: GuardTicket;
  readonly audit: AuditBooks;
};

export const committed: WriteOutcome = { kind: 'committed' };

/**
 * One change is one document, and needs no transaction. Several, and guards, are one transaction; without
 * transactions guarded changes take turns, and several are refused.
 */
export async function writeUnit(writer: Writer, unit: WriteUnit): Promise<WriteOutcome> {
  const { audit = [], ...told } = unit;
  if (audit.length === 0) return writeUntold(writer, told);
  await writer.audit.prepare(audit);
  if (writer.transactions) return writer.transactions.write(unit);
  // Never a write without its rows: should it fail, they tell of what was tried.
  await writer.audit.append(audit);
  return writeUntold(writer, told);
}

async function writeUntold(writer: Writer, unit: WriteUnit): Promise<WriteOutcome> {
  const { changes, guards, records = [] } = unit;
  if (guards.length === 0 && changes.length + records.length < 2) {
    const [change] = changes;
    const [record] = records;
    if (record) return writeRecordAlone(writer, record);
    if (!change) return committed;
    if (!needsReservation(writer, change)) return writeAlone(writer, unit, change);
  }
  if (writer.transactions) return writer.transactions.write(unit);
  if (changes.length > 1 || records.length > 0) {
    throw new TransactionUnsupportedError(
      'MongoDB runs as a single node here, without transactions: several resources or records cannot be written as one',
    );
  }
  return writer.ticket.write(unit, (change, id) => writeChange(writer, change, id));
}

/** On shards a key is unique on its shard only: two writers that choose one id for two patients must meet somewhere. */
function needsReservation({ reader }: Writer, change: Change): boolean {
  return reader.sharded && change.expectedVersion === 0 && change.method !== 'POST';
}

/** What must fit is judged before: whoever changes meanwhile what others tell of it may be counted as later. */
async function writeAlone(writer: Writer, unit: WriteUnit, change: Change): Promise<WriteOutcome> {
  const fit = await findUnfit(writer.reader, unit);
  if (fit === undefined) return writeChange(writer, change, randomUUID());
  const current = await writer.resources.findOne(
    { _id: documentKey(change) },
    { projection: { version: 1 } },
  );
  const currentVersion = current?.version ?? 0;
  return currentVersion === change.expectedVersion ? { kind: 'unfit', fit } : stale(currentVersion);
}

/**
 * Replaces a resource that still has the expected version. `id` names the write: done twice, it is kept once, and
 * both times the outcome is the same.
 */
async function writeChange(writer: Writer, change: Change, id: string): Promise<WriteOutcome> {
  try {
    const attempt = change.expectedVersion === 0 ? insertFirst : replaceCurrent;
    const outcome = await attempt(writer, change, id);
    return outcome.kind === 'committed' ? outcome : settled(writer, change, id);
  } catch (error) {
    if (!isUnsettled(error)) throw toStoreError(error);
    return settleLost(writer, change, id, error);
  }
}

async function insertFirst({ inserter, reader }: Writer, change: Change, id: string): Promise<WriteOutcome> {
  const document = toDocument(change, id);
  requireFitting(document);
  if (!(await inserter.insert(document))) return stale(0);
  await reader.settler.later(document);
  return committed;
}

/** The version that is replaced stays in the document of its successor until it stands in the history. */
async function replaceCurrent(writer: Writer, change: Change, id: string): Promise<WriteOutcome> {
  const { resources, reader, archive, transactions } = writer;
  const current = await resources.findOne(
    { _id: documentKey(change) },
    { projection: { keys: 0, spans: 0, tuples: 0 } },
  );
  if (current?.version !== change.expectedVersion) return stale(current?.version ?? 0);
  if (current.previous) await archive.move(current);
  const document: ResourceDocument = {
    ...toDocument(change, id, current),
    previous: previousOf(current),
  };
  if (transactions && !isFitting(document)) return transactions.write({ changes: [change], guards: [] });
  requireFitting(document);
  const { _id, version, patient } = current;
  const { matchedCount } = await resources.replaceOne({ _id, version, patient }, document);
  if (matchedCount === 0) return stale(0);
  await archive.moveLater(document);
  await reader.settler.later(document, current);
  return committed;
}

function isFitting(document: ResourceDocument): boolean {
  try {
    requireFitting(document);
    return true;
  } catch {
    return false;
  }
}

function stale(currentVersion: number): WriteOutcome {
  return { kind: 'stale', change: 0, currentVersion };
}

/** Somebody was there first, unless it was this very write, whose answer was lost or which another finished. */
async function settled(writer: Writer, change: Change, id: string): Promise<WriteOutcome> {
  const written = await writerOf(writer, documentKey(change), change.versionId);
  return written.id === id ? committed : stale(written.current);
}

type Written = { readonly id: string | undefined; readonly current: number };

/** Which write the version came of, and which version is current. */
async function writerOf({ reader, resources }: Writer, key: DocumentKey, version: number): Promise<Written> {
  const projection = { version: 1, writer: 1, 'previous.version': 1, 'previous.writer': 1 };
  const current = await resources.findOne({ _id: key }, { projection });
  if (!current) return { id: undefined, current: 0 };
  const held = [current, current.previous].find((one) => one?.version === version);
  if (held || current.version < version) return { id: held?.writer, current: current.version };
  const old = await reader.history.findOne({ _id: `${key}/${version}` }, { projection: { writer: 1 } });
  return { id: old?.writer, current: current.version };
}

/** Waits for the database to be there again, and looks whether the write was kept. */
async function settleLost(writer: Writer, change: Change, id: string, cause: unknown): Promise<WriteOutcome> {
  let written: Written;
  try {
    written = await writerOf(writer, documentKey(change), change.versionId);
  } catch {
    throw new WriteUnknownError('MongoDB was lost while it wrote; whether the write was kept is not known.', {
      cause,
    });
  }
  if (written.id === id) return committed;
  if (written.current !== change.expectedVersion) return stale(written.current);
  throw new WriteUnknownError('MongoDB was lost while it wrote; the write was not found afterwards.', {
    cause,
  });
}
