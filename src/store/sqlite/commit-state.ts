import type { AuditMonth } from '../contract/audit.ts';
import type { AuditSlot, MonthWriter } from './audit-month.ts';
import type { Connection } from './connection.ts';
import { numberOf } from './connection.ts';
import { type GrowingNames, growNames } from './names.ts';
import { openReader, type Reader } from './reader.ts';
import { openRowBuffer, type RowBuffer } from './row-buffer.ts';

/** What the writer remembers from one commit to the next. */
export type CommitState = {
  readonly db: Connection;
  readonly rows: RowBuffer;
  readonly names: GrowingNames;
  readonly rids: Map<string, number>;
  /** How many rows were made for what is referred to and not written yet. */
  reserved: number;
  /** Which months have tables, and the ids of who did something, by JSON text. */
  readonly auditMonths: Map<AuditMonth, MonthWriter>;
  readonly auditAgents: Map<string, number>;
  auditSlot: AuditSlot | undefined;
  /** For guards. */
  reader: Reader;
  /** Changes when another connection has written. */
  dataVersion: number;
  /** The next rid and seq: both are taken from one row of numbers. */
  next: number;
  highTime: number;
};

export function openCommitState(db: Connection): CommitState {
  return {
    db,
    rows: openRowBuffer(db),
    names: growNames(db),
    rids: new Map(),
    reserved: 0,
    auditMonths: new Map(),
    auditAgents: new Map(),
    auditSlot: undefined,
    reader: openReader(db),
    dataVersion: -1,
    next: 0,
    highTime: 0,
  };
}

const readDataVersion = 'PRAGMA data_version';
const readTop = 'SELECT max(seq) AS seq, (SELECT max(rid) FROM resource) AS rid FROM version';
const readHighTime = 'SELECT high_time FROM version ORDER BY seq DESC LIMIT 1';

/** Takes up where the last commit ended; another process may have written since (`jenner import` beside a server). */
export function catchUp(state: CommitState): void {
  const { db } = state;
  const dataVersion = numberOf(db.get(readDataVersion, []) ?? {}, 'data_version');
  if (dataVersion === state.dataVersion) return;
  const top = db.get(readTop, []) ?? {};
  state.dataVersion = dataVersion;
  // Another process may have dropped some.
  state.auditMonths.clear();
  state.auditSlot = undefined;
  state.next = Math.max(Number(top['seq'] ?? 0), Number(top['rid'] ?? 0)) + 1;
  state.highTime = Number(db.get(readHighTime, [])?.['high_time'] ?? Number.MIN_SAFE_INTEGER);
}

/** Forgets what was rolled back. */
export function forgetUncommitted(state: CommitState): void {
  state.rows.forget();
  state.names.forget();
  state.rids.clear();
  state.auditMonths.clear();
  state.auditSlot = undefined;
  state.auditAgents.clear();
  state.reader = openReader(state.db);
}

const findRid = 'SELECT rid FROM resource WHERE type = ? AND id = ?';
const reserveRow =
  'INSERT INTO resource (rid, type, id, version, seq, last_updated, live) VALUES (?, ?, ?, 0, 0, 0, 0)';

const ridsRemembered = 50_000;

/** The row of a resource that is referred to; it waits with version 0 when the resource is not written yet. */
export function ridOf(state: CommitState, type: string, id: string): number {
  const key = `${type}/${id}`;
  const known = state.rids.get(key);
  if (known !== undefined) return known;
  const rid = findOrReserve(state, type, id);
  rememberRid(state, key, rid);
  return rid;
}

export function rememberRid(state: CommitState, key: string, rid: number): void {
  if (state.rids.size >= ridsRemembered) state.rids.clear();
  state.rids.set(key, rid);
}

function findOrReserve(state: CommitState, type: string, id: string): number {
  const typeId = state.names.typeId(type);
  const row = state.db.get(findRid, [typeId, id]);
  if (row) return numberOf(row, 'rid');
  const rid = state.next++;
  state.reserved += 1;
  state.db.run(reserveRow, [rid, typeId, id]);
  return rid;
}
