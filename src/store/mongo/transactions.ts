import { setTimeout as wait } from 'node:timers/promises';
import { type ClientSession, type Collection, type MongoClient, MongoError } from 'mongodb';
import {
  ResourceTooLargeError,
  StoreBusyError,
  type WriteOutcome,
  type WriteUnit,
} from '../contract/store.ts';
import type { AuditBooks } from './audit.ts';
import { chainTypesOf } from './chain-types.ts';
import { filterOf, findGuarded } from './find-guarded.ts';
import { openGathering } from './gather-units.ts';
import { findUnfit } from './judge-fits.ts';
import { openPlaces } from './places.ts';
import type { Reader } from './reader.ts';
import { UnsettledError } from './require-settled.ts';
import { isDuplicateKey, toStoreError } from './store-errors.ts';
import {
  commit,
  currentsOf,
  findStale,
  type ReservationDocument,
  wholly,
  writeAll,
} from './within-transaction.ts';
import { findStaleRecord, type RecordParts, writeRecordsWithin } from './write-record.ts';

export type Transactions = { readonly write: (unit: WriteUnit) => Promise<WriteOutcome> };

/** One a type; a guarded unit writes those of the types it reads or writes, and so meets every other. */
export type GuardDocument = { readonly _id: string; readonly turn: number };

export type TransactionParts = RecordParts & {
  readonly audit: AuditBooks;
  readonly client: MongoClient;
  readonly reader: Reader;
  readonly guards: Collection<GuardDocument>;
  readonly reservations: Collection<ReservationDocument>;
};

const committed: WriteOutcome = { kind: 'committed' };
const maxAttempts = 30;
/**
 * Of this process, fewer than the connections to the database: each of the others would hold a snapshot open while it
 * waits for a connection, and an engine that gives each transaction one of its own may have none left for who must commit.
 */
const mostOpen = 32;

export function openTransactions(parts: TransactionParts): Transactions {
  const prepared = new Set<string>();
  let turn: Promise<unknown> = Promise.resolve();
  const inPlace = openPlaces(mostOpen);
  const write = (unit: WriteUnit) => inPlace(() => writeInTransaction(parts, unit));
  const gathering = openGathering({
    alone: write,
    together: (units) => inPlace(() => writeTogether(parts, units)),
  });
  return {
    write: async (unit) => {
      if (isPlain(unit)) return gathering.write(unit);
      if (unit.guards.length === 0) return write(unit);
      await prepareGuards(parts.guards, guardedTypes(unit), prepared);
      // Within one process guarded units queue up, instead of aborting each other.
      const mine = turn.then(() => write(unit));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** It depends on nothing but the versions of what it changes. */
function isPlain({ guards, records = [], fits = [] }: WriteUnit): boolean {
  return guards.length + records.length + fits.length === 0;
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

/**
 * Plain units that change nothing in common, in one transaction: each has its own outcome. Undefined when others were in
 * the way, or one of them cannot be kept: nothing was.
 */
async function writeTogether(
  parts: TransactionParts,
  units: readonly WriteUnit[],
): Promise<readonly WriteOutcome[] | undefined> {
  const session = parts.client.startSession();
  try {
    return await attemptTogether(parts, units, session);
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction();
    const told = isWorthRetrying(error) ? undefined : toStoreError(error);
    if (told === undefined || told instanceof ResourceTooLargeError) return undefined;
    throw told;
  } finally {
    await session.endSession();
  }
}

async function attemptTogether(
  parts: TransactionParts,
  units: readonly WriteUnit[],
  session: ClientSession,
): Promise<readonly WriteOutcome[]> {
  session.startTransaction(wholly);
  const reader: Reader = { ...parts.reader, session };
  const changes = units.flatMap((unit) => unit.changes);
  const currents = await currentsOf(reader, changes);
  const outcomes = units.map((unit) => findStale(unit.changes, currents) ?? committed);
  const kept = units.filter((_, i) => outcomes[i] === committed);
  if (kept.length === 0) {
    await session.abortTransaction();
    return outcomes;
  }
  const keptChanges = kept.flatMap((unit) => unit.changes);
  const written = await writeAll(parts, reader, { changes: keptChanges, currents, session });
  const rows = kept.flatMap((unit) => unit.audit ?? []);
  await parts.audit.append(rows, session);
  await commit(session);
  for (const document of written) await reader.settler.later(document, currents.get(document._id));
  return outcomes;
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
  session.startTransaction(wholly);
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
  const written = await writeAll(parts, reader, { changes: unit.changes, currents, session });
  await writeRecordsWithin(parts, unit.records ?? [], session);
  await parts.audit.append(unit.audit ?? [], session);
  await commit(session);
  for (const document of written) await reader.settler.later(document, currents.get(document._id));
  return committed;
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
