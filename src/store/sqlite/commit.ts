import type { EpochMs } from '../../values/instant.ts';
import type { AuditMonth } from '../contract/audit.ts';
import type { Reindexed, WriteOutcome, WriteUnit } from '../contract/store.ts';
import { type CommitState, catchUp, forgetUncommitted, openCommitState } from './commit-state.ts';
import type { Connection } from './connection.ts';
import { buildIndex, type LateIndex, lacksIndex, missingIndexes } from './late-indexes.ts';
import type { PackedAudit } from './pack-audit.ts';
import { notePlaced, type Placed, placeVersion } from './place-versions.ts';
import { dropAuditBefore, writeAudit } from './write-audit.ts';
import { isLocked } from './write-failure.ts';
import { reindexResource } from './write-resource.ts';
import { writeUnit } from './write-unit.ts';

/** One thing to commit. It travels to the writer thread, so it is plain data. */
export type WriteOp =
  /** `now` tells which records have expired. */
  | {
      readonly kind: 'unit';
      readonly unit: Omit<WriteUnit, 'audit'>;
      readonly audit?: PackedAudit | undefined;
      readonly now: EpochMs;
    }
  | { readonly kind: 'audit'; readonly rows: PackedAudit }
  | { readonly kind: 'drop-audit'; readonly before: AuditMonth }
  | { readonly kind: 'reindex'; readonly drawn: Reindexed }
  | { readonly kind: 'place'; readonly versions: readonly Placed[] }
  | { readonly kind: 'build-index'; readonly name: LateIndex }
  /** All versions of the resources below this rid are placed; without one, all are. */
  | { readonly kind: 'placed'; readonly below: number | undefined };

export type OpResult =
  | { readonly kind: 'unit'; readonly outcome: WriteOutcome }
  | { readonly kind: 'done'; readonly done: boolean }
  | { readonly kind: 'failed'; readonly reason: string };

export type Committer = { readonly commit: (ops: readonly WriteOp[]) => readonly OpResult[] };

/** The one place that writes. It belongs to the thread that owns the writing connection. */
export function openCommitter(db: Connection): Committer {
  const state = openCommitState(db);
  return { commit: (ops) => commitIndexed(state, ops) };
}

/** What must look into an index that was left out builds all of them first. */
function commitIndexed(state: CommitState, ops: readonly WriteOp[]): readonly OpResult[] {
  const results = commitTogether(state, ops);
  const isLacking = (result: OpResult | undefined) => result?.kind === 'failed' && lacksIndex(result.reason);
  const lacking = ops.filter((_, place) => isLacking(results[place]));
  if (lacking.length === 0) return results;
  const missing = missingIndexes(state.db).map((name) => ({ kind: 'build-index', name }) as const);
  commitTogether(state, missing);
  const again = commitTogether(state, lacking).values();
  return results.map((result) => (isLacking(result) ? (again.next().value ?? result) : result));
}

/** All in one transaction: one fsync. Should one fail, they are tried again, each in a savepoint of its own. */
function commitTogether(state: CommitState, ops: readonly WriteOp[]): readonly OpResult[] {
  try {
    return inTransaction(state, () => ops.map((op) => runOp(state, op)));
  } catch (error) {
    const reason = String(error);
    // Who has waited for a lock once need not wait again.
    if (ops.length === 1 || isLocked(reason)) return ops.map(() => ({ kind: 'failed', reason }));
  }
  try {
    return inTransaction(state, () => ops.map((op) => runInSavepoint(state, op)));
  } catch (error) {
    return ops.map(() => ({ kind: 'failed', reason: String(error) }));
  }
}

function inTransaction<Result>(state: CommitState, work: () => Result): Result {
  const { db } = state;
  try {
    db.run('BEGIN IMMEDIATE', []);
    catchUp(state);
    const result = work();
    state.rows.flush();
    db.run('COMMIT', []);
    return result;
  } catch (error) {
    rollBack(state, 'ROLLBACK');
    throw error;
  }
}

function runInSavepoint(state: CommitState, op: WriteOp): OpResult {
  const { db } = state;
  db.run('SAVEPOINT one', []);
  try {
    const result = runOp(state, op);
    state.rows.flush();
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
function rollBack(state: CommitState, sql: string): boolean {
  forgetUncommitted(state);
  try {
    state.db.run(sql, []);
    return true;
  } catch {
    return false;
  }
}

function runOp(state: CommitState, op: WriteOp): OpResult {
  switch (op.kind) {
    case 'unit':
      return { kind: 'unit', outcome: writeUnit(state, op.unit, op.now, op.audit) };
    case 'audit':
      writeAudit(state, op.rows);
      return { kind: 'done', done: true };
    case 'drop-audit':
      dropAuditBefore(state, op.before);
      return { kind: 'done', done: true };
    case 'reindex':
      return { kind: 'done', done: reindexResource(state, op.drawn) };
    case 'build-index':
      buildIndex(state.db, op.name);
      return { kind: 'done', done: true };
    case 'place':
      for (const version of op.versions) placeVersion(state, version);
      return { kind: 'done', done: true };
    case 'placed':
      notePlaced(state, op.below);
      return { kind: 'done', done: true };
  }
}
