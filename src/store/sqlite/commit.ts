import type { IndexValues } from '../../search/index-values.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { Change, ResourceKey, StoreRecord, WriteOutcome, WriteUnit } from '../contract/store.ts';
import { type Connection, numberOf } from './connection.ts';
import { type GrowingNames, growNames } from './names.ts';
import { openReader, type Reader } from './reader.ts';
import { matchesAny } from './search.ts';
import { addIndex, type IndexWriter, removeIndex } from './write-index.ts';

/** One thing to commit. It travels to the writer thread, so it is plain data. */
export type WriteOp =
  | { readonly kind: 'unit'; readonly unit: WriteUnit }
  | {
      readonly kind: 'reindex';
      readonly key: ResourceKey;
      readonly versionId: number;
      readonly index: IndexValues;
    }
  | { readonly kind: 'record'; readonly record: StoreRecord; readonly now: EpochMs }
  | { readonly kind: 'drop-record'; readonly collection: string; readonly key: string };

export type OpResult =
  | { readonly kind: 'unit'; readonly outcome: WriteOutcome }
  | { readonly kind: 'done'; readonly done: boolean }
  | { readonly kind: 'failed'; readonly reason: string };

export type Committer = { readonly commit: (ops: readonly WriteOp[]) => readonly OpResult[] };

type State = {
  readonly db: Connection;
  readonly names: GrowingNames;
  readonly rids: Map<string, number>;
  /** For guards. */
  reader: Reader;
  /** Changes when another connection has written. */
  dataVersion: number;
  /** The next rid and seq: both are taken from one row of numbers. */
  next: number;
  highTime: number;
};

const findResource = 'SELECT rid, version, live FROM resource WHERE type = ? AND id = ?';
const addResource =
  'INSERT INTO resource (rid, type, id, version, seq, last_updated, live) VALUES (?, ?, ?, ?, ?, ?, ?)';
const moveResource = 'UPDATE resource SET version = ?, seq = ?, last_updated = ?, live = ? WHERE rid = ?';
const addVersion =
  'INSERT INTO version (seq, rid, type, version, last_updated, high_time, method, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
const putRecord = 'INSERT OR REPLACE INTO record (collection, key, value, expires) VALUES (?, ?, ?, ?)';
const dropRecord = 'DELETE FROM record WHERE collection = ? AND key = ?';
const purgeRecords = 'DELETE FROM record WHERE expires IS NOT NULL AND expires <= ?';

const ridsRemembered = 50_000;

/** The one place that writes. It belongs to the thread that owns the writing connection. */
export function openCommitter(db: Connection): Committer {
  const state: State = {
    db,
    names: growNames(db),
    rids: new Map(),
    reader: openReader(db),
    dataVersion: -1,
    next: 0,
    highTime: 0,
  };
  return { commit: (ops) => commitTogether(state, ops) };
}

const readDataVersion = 'PRAGMA data_version';
const readTop = 'SELECT max(seq) AS seq, (SELECT max(rid) FROM resource) AS rid FROM version';
const readHighTime = 'SELECT high_time FROM version ORDER BY seq DESC LIMIT 1';

/** Takes up where the last commit ended; another process may have written since (`jenner import` beside a server). */
function catchUp(state: State): void {
  const { db } = state;
  const dataVersion = numberOf(db.get(readDataVersion, []) ?? {}, 'data_version');
  if (dataVersion === state.dataVersion) return;
  const top = db.get(readTop, []) ?? {};
  state.dataVersion = dataVersion;
  state.next = Math.max(Number(top['seq'] ?? 0), Number(top['rid'] ?? 0)) + 1;
  state.highTime = Number(db.get(readHighTime, [])?.['high_time'] ?? Number.MIN_SAFE_INTEGER);
}

/** All in one transaction: one fsync. Should one fail, they are tried again, each in a savepoint of its own. */
function commitTogether(state: State, ops: readonly WriteOp[]): readonly OpResult[] {
  try {
    return inTransaction(state, () => ops.map((op) => runOp(state, op)));
  } catch (error) {
    if (ops.length === 1) return [{ kind: 'failed', reason: String(error) }];
  }
  try {
    return inTransaction(state, () => ops.map((op) => runInSavepoint(state, op)));
  } catch (error) {
    return ops.map(() => ({ kind: 'failed', reason: String(error) }));
  }
}

function inTransaction<Result>(state: State, work: () => Result): Result {
  const { db } = state;
  try {
    db.run('BEGIN IMMEDIATE', []);
    catchUp(state);
    const result = work();
    db.run('COMMIT', []);
    return result;
  } catch (error) {
    rollBack(state, 'ROLLBACK');
    throw error;
  }
}

function runInSavepoint(state: State, op: WriteOp): OpResult {
  const { db } = state;
  db.run('SAVEPOINT one', []);
  try {
    const result = runOp(state, op);
    db.run('RELEASE one', []);
    return result;
  } catch (error) {
    // The whole transaction is gone, and what came before with it.
    if (!rollBack(state, 'ROLLBACK TO one')) throw error;
    db.run('RELEASE one', []);
    return { kind: 'failed', reason: String(error) };
  }
}

/** False when SQLite has rolled back everything by itself, as it does on a full disk. */
function rollBack(state: State, sql: string): boolean {
  state.names.forget();
  state.rids.clear();
  state.reader = openReader(state.db);
  try {
    state.db.run(sql, []);
    return true;
  } catch {
    return false;
  }
}

function runOp(state: State, op: WriteOp): OpResult {
  switch (op.kind) {
    case 'unit':
      return { kind: 'unit', outcome: writeUnit(state, op.unit) };
    case 'reindex':
      return { kind: 'done', done: reindex(state, op.key, op.versionId, op.index) };
    case 'record': {
      const { collection, key, value, expires } = op.record;
      state.db.run(putRecord, [collection, JSON.stringify(key), value, expires ?? null]);
      state.db.run(purgeRecords, [op.now]);
      return { kind: 'done', done: true };
    }
    case 'drop-record':
      state.db.run(dropRecord, [op.collection, JSON.stringify(op.key)]);
      return { kind: 'done', done: true };
  }
}

/** Judges everything first and writes then, so that a refused unit has written nothing. */
function writeUnit(state: State, unit: WriteUnit): WriteOutcome {
  const seen = new Map<string, Current>();
  for (const [i, change] of unit.changes.entries()) {
    const key = `${change.type}/${change.id}`;
    const current = seen.get(key) ?? currentOf(state, change);
    if (current.version !== change.expectedVersion) {
      return { kind: 'stale', change: i, currentVersion: current.version };
    }
    seen.set(key, { ...current, version: change.versionId });
  }
  const guard = unit.guards.findIndex(({ type, noneMatch }) => matchesAny(state.reader, type, noneMatch));
  if (guard >= 0) return { kind: 'guarded', guard };
  for (const change of unit.changes) {
    const key = `${change.type}/${change.id}`;
    // An earlier change of the unit may have referred to it and so made its row.
    const row = seen.get(key)?.row ?? (unit.changes.length > 1 ? currentOf(state, change).row : undefined);
    const written = writeChange(state, change, row);
    seen.set(key, { version: change.versionId, row: written });
  }
  return { kind: 'committed' };
}

/** Where a resource stands; without a row its id was never used nor referred to. */
type Current = { readonly version: number; readonly row: CurrentRow | undefined };
type CurrentRow = { readonly rid: number; readonly live: boolean };

function currentOf(state: State, key: ResourceKey): Current {
  const row = state.db.get(findResource, [state.names.typeId(key.type), key.id]);
  if (!row) return { version: 0, row: undefined };
  return {
    version: numberOf(row, 'version'),
    row: { rid: numberOf(row, 'rid'), live: numberOf(row, 'live') === 1 },
  };
}

function writeChange(state: State, change: Change, row: CurrentRow | undefined): CurrentRow {
  const { db } = state;
  const { type, id, versionId, lastUpdated, method, text, index } = change;
  const typeId = state.names.typeId(type);
  const seq = state.next++;
  const rid = row?.rid ?? seq;
  const live = text !== undefined;
  state.highTime = Math.max(state.highTime, lastUpdated);
  if (row) db.run(moveResource, [versionId, seq, lastUpdated, live ? 1 : 0, rid]);
  else db.run(addResource, [rid, typeId, id, versionId, seq, lastUpdated, live ? 1 : 0]);
  db.run(addVersion, [seq, rid, typeId, versionId, lastUpdated, state.highTime, method, text ?? null]);
  if (row?.live) removeIndex(db, rid);
  rememberRid(state, `${type}/${id}`, rid);
  addIndex(indexWriter(state), type, rid, index);
  return { rid, live };
}

function reindex(state: State, key: ResourceKey, versionId: number, index: IndexValues): boolean {
  const { version, row } = currentOf(state, key);
  if (!row?.live || version !== versionId) return false;
  removeIndex(state.db, row.rid);
  addIndex(indexWriter(state), key.type, row.rid, index);
  return true;
}

function indexWriter(state: State): IndexWriter {
  return {
    db: state.db,
    names: state.names,
    ridOf: (type, id) => {
      const key = `${type}/${id}`;
      const known = state.rids.get(key);
      if (known !== undefined) return known;
      const rid = findOrReserve(state, type, id);
      rememberRid(state, key, rid);
      return rid;
    },
  };
}

function rememberRid(state: State, key: string, rid: number): void {
  if (state.rids.size >= ridsRemembered) state.rids.clear();
  state.rids.set(key, rid);
}

/** A resource may be referred to before it is written: its row then waits with version 0. */
function findOrReserve(state: State, type: string, id: string): number {
  const typeId = state.names.typeId(type);
  const row = state.db.get(findResource, [typeId, id]);
  if (row) return numberOf(row, 'rid');
  const rid = state.next++;
  state.db.run(addResource, [rid, typeId, id, 0, 0, 0, 0]);
  return rid;
}
