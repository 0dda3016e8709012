import type { EpochMs } from '../../values/instant.ts';
import type { Mutable } from '../../values/mutable.ts';
import type { Change, Fit, Guard, RecordChange } from '../contract/store.ts';
import type { OpResult, WriteOp } from './commit.ts';
import type { PackedAudit } from './pack-audit.ts';
import { type PackedIndex, packIndex, unpackIndex } from './pack-index.ts';

/** Commits what it is given; resolves once it is on disk. */
export type Writer = {
  readonly commit: (op: WriteOp) => Promise<OpResult>;
  /** Why nothing can be written any more; undefined as long as it can. */
  readonly failure: () => Error | undefined;
  readonly close: () => Promise<void>;
};

/** What the writer thread is told and says. Batches are answered in the order they came. */
export type ToWriter =
  | { readonly kind: 'batch'; readonly ops: readonly PackedOp[] }
  | { readonly kind: 'portion'; readonly id: number; readonly portion: Portion }
  | { readonly kind: 'forget'; readonly id: number }
  | { readonly kind: 'close' };
export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly results: readonly OpResult[] }
  | { readonly kind: 'closed' }
  | { readonly kind: 'broken'; readonly reason: string };

/** A part of the changes of one unit: the next changes, and between them more index values of the change before. */
export type Portion = readonly (PackedChange | PackedIndex)[];

export type PackedChange = Omit<Change, 'index'> & { readonly index: PackedIndex };

/** A WriteOp on its way: units, which are nearly all, carry their index values packed. */
export type PackedOp =
  | {
      readonly kind: 'packed';
      readonly changes: readonly PackedChange[];
      readonly guards: readonly Guard[];
      readonly records: readonly RecordChange[];
      readonly fits: readonly Fit[];
      readonly audit: PackedAudit | undefined;
      readonly now: EpochMs;
      /** Under this number its changes came before, in portions. */
      readonly portions?: number;
    }
  | WriteOp;

export function packOp(op: WriteOp): PackedOp {
  if (op.kind !== 'unit') return op;
  const { changes, guards, records = [], fits = [] } = op.unit;
  const { now, audit } = op;
  return { kind: 'packed', guards, records, fits, audit, now, changes: changes.map(packChange) };
}

function packChange(change: Change): PackedChange {
  return withIndex(change, packIndex(change.index));
}

/** Member by member: V8 is slow to replace a member of what was spread. */
export function withIndex<Index>(change: Omit<Change, 'index'>, index: Index) {
  const { type, id, method, versionId, expectedVersion, lastUpdated, text, patients, marks, person } = change;
  const copy: Mutable<Omit<Change, 'index'> & { readonly index: Index }> = {
    type,
    id,
    method,
    versionId,
    expectedVersion,
    lastUpdated,
    index,
    patients,
    marks,
  };
  if (text !== undefined) copy.text = text;
  if (person !== undefined) copy.person = person;
  return copy;
}

/** `changesOf` knows what came in portions. */
export function unpackOp(op: PackedOp, changesOf: (id: number) => readonly Change[]): WriteOp {
  if (op.kind !== 'packed') return op;
  const { guards, records, fits, audit, now, portions } = op;
  const changes = portions === undefined ? op.changes.map(unpackChange) : changesOf(portions);
  return { kind: 'unit', unit: { changes, guards, records, fits }, audit, now };
}

function unpackChange(change: PackedChange): Change {
  return withIndex(change, unpackIndex(change.index));
}
