import { type CollectionOptions, type Db, MongoClient, type MongoClientOptions } from 'mongodb';
import { type Clock, systemClock } from '../../values/clock.ts';
import { type AliasWatch, watchAliases } from '../contract/alias-watch.ts';
import type {
  RecordOutcome,
  ResourceKey,
  Store,
  StoredResource,
  WriteOutcome,
  WriteUnit,
} from '../contract/store.ts';
import { aliasesOf } from './aliases.ts';
import { openArchive } from './archive.ts';
import { openAuditBooks } from './audit.ts';
import { hasAnyBond } from './bonds.ts';
import { type Deployment, inspectDeployment } from './deployment.ts';
import {
  documentKey,
  type HistoryDocument,
  idOf,
  type ResourceDocument,
  toStoredResource,
  typeOf,
} from './documents.ts';
import { openFilteredReads } from './filtered-reads.ts';
import { openGuardTicket, type TicketDocument } from './guard-ticket.ts';
import { countVersions, historyPage, readOldVersion } from './history.ts';
import { prepareDatabase } from './indexes.ts';
import { openInserter } from './insert-batches.ts';
import { marksOf } from './marks-of.ts';
import { type OpenWrites, openOpenWrites, type WriterDocument } from './open-writes.ts';
import { personOf } from './person.ts';
import type { PersonDocument } from './persons.ts';
import { asServed, openReadBatches } from './read-batches.ts';
import { deletesPage, snapshotNow, snapshotPage } from './read-snapshot.ts';
import type { Reader } from './reader.ts';
import { readOptions } from './reader.ts';
import { listRecords, type RecordDocument, readRecord } from './records.ts';
import { referringTypes } from './referring-types.ts';
import { reindex } from './reindex.ts';
import { existingOf, referencesOf } from './resolve-chains.ts';
import { countMatches, scanPage, searchPage } from './search.ts';
import { openSettler } from './settler.ts';
import { reasonOf, toStoreError } from './store-errors.ts';
import { type GuardDocument, openTransactions } from './transactions.ts';
import { placeVersions, unplacedVersions } from './unplaced.ts';
import type { ReservationDocument } from './within-transaction.ts';
import { type Writer, writeUnit } from './write-unit.ts';

export type MongoOptions = {
  /** mongodb:// or mongodb+srv://; the database is its path, or `jenner`. */
  readonly url: string;
  /** Tells when records expire. */
  readonly clock?: Clock;
  /** Up to how many resources on the other end of a chain are listed in a query; tests lower it. */
  readonly smallSet?: number;
  /** False: as on a single node; tests forgo what the deployment has. */
  readonly transactions?: false;
};

const defaultDatabase = 'jenner';
const defaultSmallSet = 1000;

/** Bounded, so that a request fails with a reason instead of hanging; options in the URL count more. */
const clientOptions: MongoClientOptions = {
  appName: 'jenner',
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 35_000,
  maxPoolSize: 50,
  retryReads: true,
  retryWrites: true,
};

/**
 * The store for scale: MongoDB from 6.0 on, as a replica set or sharded; a single node keeps everything but several
 * changes as one. What is acknowledged is on the disk of a majority.
 */
export async function openMongoStore(options: MongoOptions): Promise<Store> {
  const { url, clock = systemClock, smallSet = defaultSmallSet } = options;
  const client = openClient(url);
  try {
    await client.connect();
    const db = client.db(databaseOf(client), { readPreference: 'primary' });
    const found = await inspectDeployment(client, db);
    const deployment = { ...found, transactions: options.transactions ?? found.transactions };
    await prepareDatabase(db);
    const writes = openOpenWrites(db.collection<WriterDocument>('writer', concernsOf(deployment)));
    const resources = db.collection<ResourceDocument>('resource', concernsOf(deployment));
    const aliases = watchAliases(() => hasAnyBond(resources));
    const writer = openWriter({ client, db, deployment, smallSet, clock, aliases });
    return storeOf({ writer, writes, aliases, client, db });
  } catch (error) {
    await client.close();
    throw new Error(`JENNER_STORE: MongoDB cannot be used: ${reasonOf(error)}`, { cause: error });
  }
}

function openClient(url: string): MongoClient {
  try {
    return new MongoClient(url, optionsBeside(url));
  } catch (cause) {
    // What the driver cannot read as a host may be a password; it would repeat it.
    const reason = reasonOf(cause).replace(
      /^Unable to parse .*$/s,
      'a host or port of the URL cannot be read',
    );
    throw new Error(`JENNER_STORE: MongoDB cannot be used: ${reason}`, { cause });
  }
}

/** What the URL does not say itself: the driver would let these count more. */
function optionsBeside(url: string): MongoClientOptions {
  const named = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  const given = new Set([...named.keys()].map((name) => name.toLowerCase()));
  const beside = Object.entries(clientOptions).filter(([name]) => !given.has(name.toLowerCase()));
  return Object.fromEntries(beside);
}

/** That of the URL; the driver's own default is not ours. */
function databaseOf(client: MongoClient): string {
  const named = client.options.dbName;
  return named === 'test' ? defaultDatabase : named;
}

type Parts = {
  readonly client: MongoClient;
  readonly db: Db;
  readonly deployment: Deployment;
  readonly smallSet: number;
  readonly clock: Clock;
  readonly aliases: AliasWatch;
};

function concernsOf({ kind }: Deployment): CollectionOptions {
  return {
    writeConcern: { w: 'majority', journal: true },
    ...(kind !== 'standalone' && { readConcern: 'majority' }),
  };
}

function openWriter({ client, db, deployment, smallSet, clock, aliases }: Parts): Writer {
  const concerns = concernsOf(deployment);
  const resources = db.collection<ResourceDocument>('resource', concerns);
  const history = db.collection<HistoryDocument>('history', concerns);
  const persons = db.collection<PersonDocument>('person', concerns);
  const records = db.collection<RecordDocument>('record', concerns);
  const guards = db.collection<GuardDocument>('guard', concerns);
  const reservations = db.collection<ReservationDocument>('reservation', concerns);
  const settler = openSettler({ resources, persons });
  const sharded = deployment.kind === 'sharded';
  const hasAliases = aliases.has;
  const reader: Reader = { resources, history, persons, settler, sharded, smallSet, hasAliases };
  const parts = { client, reader, records, clock, audit: openAuditBooks(db, concerns) };
  return {
    ...parts,
    resources,
    inserter: openInserter(resources),
    archive: openArchive(resources, history),
    transactions: deployment.transactions ? openTransactions({ ...parts, guards, reservations }) : undefined,
    ticket: openGuardTicket(db.collection<TicketDocument>('ticket', concerns), reader),
  };
}

type Ask = <Answer>(work: () => Promise<Answer>) => Promise<Answer>;

function auditOf(
  audit: Writer['audit'],
  ask: Ask,
): Pick<Store, 'appendAudit' | 'searchAudit' | 'readAudit' | 'dropAudit'> {
  return {
    appendAudit: (rows) =>
      ask(async () => {
        await audit.prepare(rows);
        await audit.append(rows);
      }),
    searchAudit: (query) => ask(() => audit.search(query)),
    readAudit: (id) => ask(() => audit.read(id)),
    dropAudit: (before) => ask(() => audit.drop(before)),
  };
}

function personsOf(
  reader: Reader,
  aliases: AliasWatch,
  ask: Ask,
): Pick<Store, 'aliasesOf' | 'hasAliases' | 'marksOf'> {
  return {
    aliasesOf: (patients) => ask(() => aliasesOf(reader, patients)),
    hasAliases: () => {
      const has = aliases.has();
      return typeof has === 'boolean' ? has : ask(() => has);
    },
    marksOf: (patients) =>
      ask(async () => {
        const marks = await marksOf(reader, patients.map(personOf));
        return new Map([...marks].map(([person, of]) => [idOf(person), of]));
      }),
  };
}

type Opened = {
  readonly writer: Writer;
  readonly writes: OpenWrites;
  readonly aliases: AliasWatch;
  readonly client: MongoClient;
  readonly db: Db;
};

async function referredBy(
  reader: Reader,
  keys: readonly ResourceKey[],
  params: readonly string[],
): Promise<readonly ResourceKey[]> {
  const referred = await referencesOf(reader, keys.map(documentKey), params);
  return (await existingOf(reader, referred)).map((key) => ({ type: typeOf(key), id: idOf(key) }));
}

function storeOf({ writer, writes, aliases, client, db }: Opened): Store {
  const { reader, records, clock, audit } = writer;
  const readCurrent = openReadBatches(reader);
  const readFiltered = openFilteredReads(reader);
  let isClosed = false;
  const ask: Ask = async (work) => {
    if (isClosed) throw new Error('The store is closed.');
    try {
      return await work();
    } catch (error) {
      throw toStoreError(error);
    }
  };
  return {
    transactions: writer.transactions !== undefined,
    read: (key) => ask(() => readCurrent(key)),
    readMany: (keys) => ask(() => readLive(reader, keys)),
    readVersion: (key, versionId) => ask(() => readOldVersion(reader, key, versionId)),
    search: (query) => ask(() => readFiltered(query) ?? searchPage(reader, query)),
    count: (types, filter, hasGone) => ask(() => countMatches(reader, types, filter, hasGone)),
    referredBy: (keys, params) => ask(() => referredBy(reader, keys, params)),
    referringTypes: (patients, params) => ask(() => referringTypes(reader, patients, params)),
    history: (query) => ask(() => historyPage(reader, query)),
    countHistory: (query) => ask(() => countVersions(reader, query)),
    write: (unit) => {
      aliases.note(unit.changes);
      return ask(() => writeStamped(writer, writes, unit));
    },
    writeRecords: (changes) =>
      ask(async () => recordOutcome(await writeUnit(writer, { changes: [], guards: [], records: changes }))),
    readRecord: (collection, key) => ask(() => readRecord(records, collection, key, clock.now())),
    listRecords: (query) => ask(() => listRecords(records, query, clock.now())),
    ...personsOf(reader, aliases, ask),
    scan: (query) => ask(() => scanPage(reader, query)),
    snapshot: () => ask(() => snapshotNow(clock, writes)),
    scanSnapshot: (query) => ask(() => snapshotPage(reader, query)),
    snapshotDeletes: (query) => ask(() => deletesPage(reader, query)),
    reindex: (drawn) => {
      aliases.note([drawn]);
      return ask(() => reindex(reader, drawn));
    },
    unplacedVersions: (count) => ask(() => unplacedVersions(reader, count)),
    placeVersions: (versions) => ask(() => placeVersions(reader, versions)),
    ...auditOf(audit, ask),
    // The engine keeps all of them at every write.
    buildIndexes: async () => {},
    check: () =>
      ask(async () => {
        await db.command({ ping: 1, maxTimeMS: 2_000 });
      }),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await writer.archive.drain();
      await reader.settler.drain();
      await writes.close();
      await client.close();
    },
  };
}

/** By the time that its versions bear it is in a snapshot or not: so nothing is written that bears one of before. */
async function writeStamped(writer: Writer, writes: OpenWrites, unit: WriteUnit): Promise<WriteOutcome> {
  const stamps = unit.changes.map(({ lastUpdated }) => lastUpdated);
  if (stamps.length === 0) return writeUnit(writer, unit);
  return writes.during(Math.min(...stamps), () => writeUnit(writer, unit));
}

/** A unit without changes and guards has no other. */
function recordOutcome(outcome: WriteOutcome): RecordOutcome {
  if (outcome.kind === 'committed' || outcome.kind === 'stale-record') return outcome;
  throw new Error(`Records alone were answered with ${outcome.kind}.`);
}

async function readLive(reader: Reader, keys: readonly ResourceKey[]): Promise<readonly StoredResource[]> {
  if (keys.length === 0) return [];
  const wanted = keys.map(documentKey);
  const documents = await reader.resources
    .find({ _id: { $in: wanted }, live: 1 }, { ...readOptions(reader), projection: asServed })
    .toArray();
  const byKey = new Map(documents.map((document) => [document._id, document]));
  return wanted.flatMap((key) => {
    const document = byKey.get(key);
    return document ? [toStoredResource(document)] : [];
  });
}
