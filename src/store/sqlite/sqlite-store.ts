import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { everything } from '../../search/filter.ts';
import type { Clock } from '../../values/clock.ts';
import { systemClock } from '../../values/clock.ts';
import { type AliasWatch, watchAliases } from '../contract/alias-watch.ts';
import { type HasGone, type Store, StoreBusyError } from '../contract/store.ts';
import { type OpResult, openCommitter, type WriteOp } from './commit.ts';
import type { Connection } from './connection.ts';
import { rememberOpenFile } from './file-owner.ts';
import { lacksIndex, missingIndexes } from './late-indexes.ts';
import { openForReading, openForWriting } from './open-connections.ts';
import { openNamed } from './open-named.ts';
import { packAudit } from './pack-audit.ts';
import { readCurrentVersion, readLive, readOldVersion, referringTypes, targetsOf } from './read.ts';
import { type ReadOp, type ReadResult, readAtOnce, runReadOp } from './read-op.ts';
import { hasAnyAlias, readAliases, readMarks, readUnplaced } from './read-patients.ts';
import { readOneRecord, recordPage } from './read-records.ts';
import { readSnapshot } from './read-snapshot.ts';
import { openReader, openReadingReader, type Reader } from './reader.ts';
import { readAuditRow } from './search-audit.ts';
import { shareSnapshot } from './share-snapshot.ts';
import { openThreadedReader, type ThreadedReader } from './threaded-reader.ts';
import { openThreadedWriter } from './threaded-writer.ts';
import { fileGone, passingFailure, writeFailure } from './write-failure.ts';
import type { Writer } from './writer.ts';
import type { WriterEnd } from './writer-end.ts';

export type SqliteOptions = {
  /** A file, made when it is missing, or ':memory:'. */
  readonly path: string;
  /** Tells when records expire. */
  readonly clock?: Clock;
  /** Up to how many resources a search gathers before it sorts them; tests lower it. */
  readonly smallSet?: number;
  /** Along how many versions a restricted history walks before it gathers what may stand on a page; tests lower it. */
  readonly walked?: number;
  /** Where the writer of the file is; a thread of this process when absent. */
  readonly startWriter?: (() => WriterEnd) | undefined;
  /** Much is written by this process, and nobody waits for one write: commits and checkpoints are larger. */
  readonly loads?: boolean | undefined;
  /** MiB of the file that each connection keeps at most in its own memory; 32 when absent. */
  readonly cache?: number | undefined;
};

/**
 * The embedded store. A file has a writer thread. What looks at few rows is read in the calling thread on a connection of
 * its own, anything else in reader threads. ':memory:' has one connection for all.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, clock = systemClock, smallSet, walked, cache } = options;
  if (path === ':memory:') {
    const db = openForWriting(path);
    const reader = openReader(db, smallSet, walked);
    const inline: ThreadedReader = {
      read: async (op) => runReadOp(reader, op) as never,
      close: async () => {},
    };
    return storeOf(reader, inline, inlineWriter(db), clock);
  }
  mkdirSync(dirname(path), { recursive: true });
  const writer = await openNamed(path, () => openThreadedWriter(path, options));
  const db = shareSnapshot(openForReading(path, cache));
  const isSameFile = rememberOpenFile(path);
  const threads = apartFromSnapshots(
    openThreadedReader({ path, smallSet, walked, cache }),
    openThreadedReader({ path, smallSet, walked, givesWay: true }),
  );
  const reader = openReadingReader(db, smallSet, walked);
  const store = storeOf(reader, threads, renewingWriter(writer, db.renew), clock);
  const check = async () => {
    // The log of a store that was closed has gone with it.
    await store.check();
    if (!isSameFile()) throw new StoreBusyError(fileGone);
  };
  return { ...store, check };
}

/** What is acknowledged is seen by the next read. */
function renewingWriter(writer: Writer, renew: () => void): Writer {
  return {
    ...writer,
    commit: async (op) => {
      const result = await writer.commit(op);
      renew();
      return result;
    },
  };
}

function inlineWriter(db: Connection): Writer {
  const { commit } = openCommitter(db);
  return {
    commit: async (op) => commit([op])[0] ?? { kind: 'failed', reason: 'The store gave no answer.' },
    failure: () => undefined,
    close: async () => {},
  };
}

/** What passes by itself is told apart from what is broken. */
function reading<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (thrown) {
    throw passingFailure(String(thrown)) ?? thrown;
  }
}

type Commit = (op: WriteOp) => Promise<OpResult>;

function unitWriter(commit: Commit, clock: Clock, aliases: AliasWatch): Store['write'] {
  return async ({ audit, ...unit }) => {
    aliases.note(unit.changes);
    const told = audit && audit.length > 0 ? { audit: packAudit(audit) } : {};
    const result = await commit({ kind: 'unit', unit, ...told, now: clock.now() });
    return result.kind === 'unit' ? result.outcome : { kind: 'committed' };
  };
}

type AuditMethods = Pick<Store, 'appendAudit' | 'searchAudit' | 'readAudit' | 'dropAudit'>;

function auditOf(reader: Reader, threads: ThreadedReader, commit: Commit): AuditMethods {
  return {
    appendAudit: async (rows) => {
      if (rows.length > 0) await commit({ kind: 'audit', rows: packAudit(rows) });
    },
    searchAudit: async (query) => {
      const op = { kind: 'audit', query } as const;
      return reading(() => readAtOnce(reader, op)) ?? threads.read(op, query.hasGone);
    },
    readAudit: async (id) => reading(() => readAuditRow(reader, id)),
    dropAudit: async (before) => {
      await commit({ kind: 'drop-audit', before });
    },
  };
}

function personsOf(reader: Reader, aliases: AliasWatch): Pick<Store, 'aliasesOf' | 'hasAliases' | 'marksOf'> {
  return {
    aliasesOf: async (patients) => reading(() => readAliases(reader, patients)),
    hasAliases: aliases.has,
    marksOf: async (patients) => reading(() => readMarks(reader, patients)),
  };
}

function reindexOf(
  reader: Reader,
  commit: Commit,
  aliases: AliasWatch,
): Pick<Store, 'reindex' | 'unplacedVersions' | 'placeVersions'> {
  return {
    reindex: async (drawn) => {
      aliases.note([drawn]);
      const result = await commit({ kind: 'reindex', drawn });
      return result.kind === 'done' && result.done;
    },
    unplacedVersions: async (count) => {
      const unplaced = await readUnplaced(reader, count);
      if (!unplaced) return [];
      await commit({ kind: 'placed', below: unplaced.below });
      return unplaced.versions;
    },
    placeVersions: async (versions) => {
      await commit({ kind: 'place', versions });
    },
  };
}

/** So many characters of texts are read in some ten milliseconds. */
const longestAtOnce = 8 * 1024 * 1024;

type Read = <Op extends ReadOp>(op: Op, hasGone?: HasGone) => Promise<ReadResult<Op>>;

/** An import may have left indexes out, here or beside: who needs one has it built. */
function readsOf(quick: Reader, threads: ThreadedReader, buildIndexes: Store['buildIndexes']): Read {
  const read: Read = async (op, hasGone) => {
    try {
      return reading(() => readAtOnce(quick, op)) ?? (await threads.read(op, hasGone));
    } catch (thrown) {
      if (!lacksIndex(String(thrown))) throw thrown;
    }
    await buildIndexes();
    return reading(() => readAtOnce(quick, op)) ?? threads.read(op, hasGone);
  };
  return read;
}

function indexBuilder(db: Connection, commit: (op: WriteOp) => Promise<unknown>): Store['buildIndexes'] {
  return async (advance) => {
    const missing = reading(() => missingIndexes(db));
    for (const [done, name] of missing.entries()) {
      advance?.(done, missing.length);
      await commit({ kind: 'build-index', name });
    }
  };
}

/** The methods are async so that what they throw becomes a rejection. */
function storeOf(reader: Reader, threads: ThreadedReader, writer: Writer, clock: Clock): Store {
  const { db } = reader;
  const commit = async (op: WriteOp): Promise<Exclude<OpResult, { kind: 'failed' }>> => {
    const result = await writer.commit(op);
    if (result.kind === 'failed') throw writeFailure(result.reason);
    return result;
  };
  const buildIndexes = indexBuilder(db, commit);
  const read = readsOf({ ...reader, longest: longestAtOnce }, threads, buildIndexes);
  const aliases = watchAliases(() => reading(() => hasAnyAlias(reader)));
  const write = unitWriter(commit, clock, aliases);
  return {
    ...auditOf(reader, threads, commit),
    transactions: true,
    read: async (key) => reading(() => readCurrentVersion(reader, key)),
    readMany: async (keys) => reading(() => readLive(reader, keys)),
    readVersion: async (key, versionId) => reading(() => readOldVersion(reader, key, versionId)),
    search: (query) => read({ kind: 'search', query }, query.hasGone),
    count: (types, filter, hasGone) => read({ kind: 'count', types, filter }, hasGone),
    referredBy: async (keys, params) => reading(() => targetsOf(reader, keys, params)),
    referringTypes: async (patients, params) => reading(() => referringTypes(reader, patients, params)),
    history: (query) => read({ kind: 'history', query }, query.hasGone),
    countHistory: (query) => read({ kind: 'count-history', query }, query.hasGone),
    write,
    writeRecords: async (records) => {
      const outcome = await write({ changes: [], guards: [], records });
      if (outcome.kind === 'committed' || outcome.kind === 'stale-record') return outcome;
      throw new Error(`A unit of records alone was ${outcome.kind}.`);
    },
    readRecord: async (collection, key) => reading(() => readOneRecord(reader, collection, key, clock.now())),
    listRecords: async (query) => reading(() => recordPage(reader, query, clock.now())),
    ...personsOf(reader, aliases),
    scan: ({ type, filter = everything, ...page }) =>
      read({ kind: 'search', query: { ...page, types: [type], filter, sort: [] } }),
    ...snapshotsOf(reader, read, clock),
    ...reindexOf(reader, commit, aliases),
    buildIndexes,
    check: async () => {
      const failure = writer.failure();
      if (failure) throw failure;
      db.get('SELECT 1', []);
    },
    close: async () => {
      // The writer clears the write-ahead log away when nobody reads from it any more.
      db.close();
      await threads.close();
      await writer.close();
    },
  };
}

/** An export reads for minutes: who searches meanwhile must not wait behind it. Threads are started when they are needed. */
function apartFromSnapshots(searches: ThreadedReader, snapshots: ThreadedReader): ThreadedReader {
  return {
    read: (op, hasGone) =>
      (op.kind === 'snapshot' || op.kind === 'snapshot-deletes' ? snapshots : searches).read(op, hasGone),
    close: async () => {
      await Promise.all([searches.close(), snapshots.close()]);
    },
  };
}

function snapshotsOf(
  reader: Reader,
  read: Read,
  clock: Clock,
): Pick<Store, 'snapshot' | 'scanSnapshot' | 'snapshotDeletes'> {
  return {
    snapshot: async () => reading(() => readSnapshot(reader, clock.now())),
    scanSnapshot: (query) => read({ kind: 'snapshot', query }),
    snapshotDeletes: (query) => read({ kind: 'snapshot-deletes', query }),
  };
}
