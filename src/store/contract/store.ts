import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter, VersionFilter } from '../../search/filter.ts';
import type { IndexValues } from '../../search/index-values.ts';
import type { SortKey } from '../../search/sort.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Cursor, HasGone, ResourceKey } from './asked.ts';
import type { AuditId, AuditMonth, AuditPage, AuditQuery, AuditRow } from './audit.ts';
import type {
  Snapshot,
  SnapshotDeletesPage,
  SnapshotDeletesQuery,
  SnapshotPage,
  SnapshotQuery,
} from './snapshot.ts';
import type { StoredResource, StoredVersion, WriteMethod } from './stored-version.ts';

export { type Cursor, type HasGone, InvalidCursorError, type ResourceKey } from './asked.ts';
export type { StoredResource, StoredVersion, WriteMethod };

/** One resource to write: its next version, and the version it must follow. */
export type Change = StoredVersion & {
  /** The current version that this one replaces, tombstones counted; 0 = the id was never used. */
  readonly expectedVersion: number;
  /** The values it is found by; empty for a delete. */
  readonly index: IndexValues;
  /**
   * The Patients whom it concerns, each once: what `patientsOf` draws from its type, its id and these index values, so
   * that a store may find it by them. They are kept with the version for good. Empty for a delete: a tombstone keeps
   * those of the version that it ends.
   */
  readonly patients: readonly ResourceId[];
  /**
   * What it says about where these Patients belong, as long as it is the current version; each once. What `marksOf` draws:
   * only resources of `markingTypes` have any.
   */
  readonly marks: readonly string[];
  /**
   * The person to whom it belongs, another Patient, as long as it is the current version: only a Patient has one that is a
   * source (`personOf` in search/person-link.ts). The person need not be there. Absent in a delete.
   */
  readonly person?: ResourceId;
};

/**
 * The ids under which one person is known: that of the person and those of its sources. A Patient that says of itself that
 * it belongs to a person is an alias of that one alone, so that each Patient stands in one such list: what says that it
 * belongs to a source is an alias of others that say the same, not of that source.
 */
export type Aliases = readonly ResourceId[];

/**
 * A condition that must hold at the moment of the commit: nothing of the type matches (conditional create, delete of
 * what is referred to), or something does (a reference to what must exist). It is judged on what was there before the unit.
 */
export type Guard =
  | { readonly type: ResourceType; readonly noneMatch: Filter }
  | { readonly type: ResourceType; readonly someMatch: Filter };

/** What must be there under the key before a record is changed; an expired record is absent. */
export type RecordExpectation =
  | { readonly kind: 'absent' }
  | { readonly kind: 'value'; readonly value: string };

/** Without `expected` whatever is there is replaced or removed. */
export type RecordChange =
  | { readonly kind: 'put'; readonly record: StoreRecord; readonly expected?: RecordExpectation }
  | {
      readonly kind: 'delete';
      readonly collection: string;
      readonly key: string;
      readonly expected?: RecordExpectation;
    };

/** `changes[change]` must match once the unit is written: a caller writes within its own reach only. */
export type Fit = { readonly change: number; readonly filter: Filter };

export type WriteUnit = {
  readonly changes: readonly Change[];
  readonly guards: readonly Guard[];
  /** No key stands twice. */
  readonly records?: readonly RecordChange[];
  /** Judged on what is there with the unit, by whom it concerns and what marks these Patients bear then. */
  readonly fits?: readonly Fit[];
  /** What is told of it. It is kept with the changes, and not without them where `transactions` is true; never after them. */
  readonly audit?: readonly AuditRow[];
};

export type WriteOutcome =
  | { readonly kind: 'committed' }
  /** Somebody wrote `changes[change]` first; nothing of the unit was kept. */
  | { readonly kind: 'stale'; readonly change: number; readonly currentVersion: number }
  /** `guards[guard]` does not hold; nothing of the unit was kept. */
  | { readonly kind: 'guarded'; readonly guard: number }
  /** What is there is not what `records[record]` expects; nothing of the unit was kept. */
  | { readonly kind: 'stale-record'; readonly record: number }
  /** `fits[fit]` does not hold; nothing of the unit was kept. */
  | { readonly kind: 'unfit'; readonly fit: number }
  /** It bears no later time than a moment that was told already; nothing of the unit was kept, and it is to be stamped anew. */
  | { readonly kind: 'late'; readonly moment: EpochMs };

export type RecordOutcome = Extract<WriteOutcome, { readonly kind: 'committed' | 'stale-record' }>;

/** More is asked than the store can take now; the caller may try again soon. Nothing was written. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';
}

/** The connection broke before the answer: whether the write was kept is not known. Reading tells. */
export class WriteUnknownError extends Error {
  override readonly name = 'WriteUnknownError';
}

/** The resource is larger than the store can keep. Nothing was written. */
export class ResourceTooLargeError extends Error {
  override readonly name = 'ResourceTooLargeError';
}

/** The store cannot keep several changes as one, as it is deployed. Nothing was written. */
export class TransactionUnsupportedError extends Error {
  override readonly name = 'TransactionUnsupportedError';
}

export type SearchQuery = {
  /** One type, or several for a system search. */
  readonly types: readonly ResourceType[];
  readonly filter: Filter;
  /** Resources without a value for a key come last; ties go by type and id, so that the order is total. */
  readonly sort: readonly SortKey[];
  readonly count: number;
  readonly after?: Cursor;
  /** Characters of the texts of a page, which ends before they have more: one resource at least. Absent: any number. */
  readonly room?: number;
  readonly hasGone?: HasGone;
};

export type SearchPage = {
  readonly matches: readonly StoredResource[];
  /** Absent on the last page. */
  readonly next?: Cursor;
};

export type HistoryQuery = {
  readonly type?: ResourceType;
  /** Only with `type`. */
  readonly id?: ResourceId;
  /** Versions written at or after it. */
  readonly since?: EpochMs;
  /** Only with `id`. */
  readonly versionId?: number;
  /** Versions that were current at some moment of the span. */
  readonly at?: { readonly first: EpochMs; readonly last: EpochMs };
  /**
   * Judged by whom each version itself concerns, and by what marks those Patients bear today. A version of which it is
   * not known whom it concerns passes no `concerns` and no `reach`, negated or not.
   */
  readonly only?: VersionFilter;
  readonly count: number;
  readonly after?: Cursor;
  /** Characters of the texts of a page, which ends before they have more: one version at least. Absent: any number. */
  readonly room?: number;
  readonly hasGone?: HasGone;
};

/** Newest first. */
export type HistoryPage = { readonly versions: readonly StoredVersion[]; readonly next?: Cursor };

/** What has no FHIR resource: jobs, and later clients and grants. `value` is JSON text. */
export type StoreRecord = {
  readonly collection: string;
  readonly key: string;
  readonly value: string;
  /** After it the record is no longer read, and is removed some time later. */
  readonly expires?: EpochMs;
};

/** The records of a collection whose key starts with `prefix`, in an order of keys that stays the same. */
export type RecordQuery = {
  readonly collection: string;
  readonly prefix?: string;
  readonly count: number;
  readonly after?: Cursor;
};

export type RecordPage = { readonly records: readonly StoreRecord[]; readonly next?: Cursor };

export type ScanQuery = {
  readonly type: ResourceType;
  readonly filter?: Filter;
  readonly count: number;
  readonly after?: Cursor;
};

/** What is drawn anew of a resource that is kept as it is. */
export type Reindexed = ResourceKey & Pick<Change, 'versionId' | 'index' | 'patients' | 'marks' | 'person'>;

export interface Store {
  /** Whether a unit may have several changes. */
  readonly transactions: boolean;
  /** The current version; a tombstone when it is deleted; undefined when the id was never used. */
  read(key: ResourceKey): Promise<StoredVersion | undefined>;
  /** The current versions of those that exist and are not deleted, in the order of the keys. */
  readMany(keys: readonly ResourceKey[]): Promise<readonly StoredResource[]>;
  readVersion(key: ResourceKey, versionId: number): Promise<StoredVersion | undefined>;
  search(query: SearchQuery): Promise<SearchPage>;
  count(types: readonly ResourceType[], filter: Filter, hasGone?: HasGone): Promise<number>;
  /** The resources that the given ones refer to by the reference parameters, each once, as `_include` asks. */
  referredBy(keys: readonly ResourceKey[], params: readonly string[]): Promise<readonly ResourceKey[]>;
  /**
   * Of the types, those of which a current resource refers to one of the Patients by a parameter that is named for its type.
   * Others may be told besides: it says where to search, and not what is found.
   */
  referringTypes(
    patients: readonly ResourceId[],
    params: ReadonlyMap<ResourceType, readonly string[]>,
  ): Promise<ReadonlySet<ResourceType>>;
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** How many versions `history` would answer over all pages. */
  countHistory(query: HistoryQuery): Promise<number>;
  /**
   * All of the unit or nothing. When it resolves with `committed`, it is on disk, and every later read sees it.
   * Of two racing units that expect the same version, or the same record, exactly one is committed; a guard is judged on
   * all that was committed before. Guarded units are judged one after the other; a write without a guard that runs
   * beside one may be counted as later. Rejects with TransactionUnsupportedError when the unit has several changes or
   * records and `transactions` is false.
   */
  write(unit: WriteUnit): Promise<WriteOutcome>;
  /** A unit of records alone. */
  writeRecords(records: readonly RecordChange[]): Promise<RecordOutcome>;
  readRecord(collection: string, key: string): Promise<StoreRecord | undefined>;
  listRecords(query: RecordQuery): Promise<RecordPage>;
  /**
   * The aliases of each of these Patients, itself among them: the person first, then its sources in the order of their ids.
   * Left out where it has none but itself.
   */
  aliasesOf(patients: readonly ResourceId[]): Promise<ReadonlyMap<string, Aliases>>;
  /**
   * Whether any Patient belongs to a person; false means that `aliasesOf` has nothing to tell. What another process wrote may
   * count a second later, what was written through this store counts at once.
   */
  hasAliases(): boolean | Promise<boolean>;
  /**
   * The marks that each of the Patients bears now, which are those that any of its aliases is given; a Patient without any is
   * left out.
   */
  marksOf(patients: readonly ResourceId[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Every current resource of the type that matches, in key order, `count` at a time: reindex, export, migration. */
  scan(query: ScanQuery): Promise<SearchPage>;
  /** The present moment, to be read from for as long as its versions are kept, while others write. */
  snapshot(): Promise<Snapshot>;
  /** Every resource of the type in its version of that moment, in key order: exports. */
  scanSnapshot(query: SnapshotQuery): Promise<SnapshotPage>;
  /** What was deleted after one moment, and still was at the other; oldest or newest first. */
  snapshotDeletes(query: SnapshotDeletesQuery): Promise<SnapshotDeletesPage>;
  /** Replaces what is drawn of a resource that still has this version; false when it has moved on. */
  reindex(drawn: Reindexed): Promise<boolean>;
  /** Old versions and tombstones that an earlier release wrote, so that it is not known whom they concern. */
  unplacedVersions(count: number): Promise<readonly StoredVersion[]>;
  /** Says whom such versions concern; of what is known already nothing is changed. */
  placeVersions(
    versions: readonly (ResourceKey & {
      readonly versionId: number;
      readonly patients: readonly ResourceId[];
    })[],
  ): Promise<void>;
  /** Keeps rows that belong to no write; on disk when it resolves. A row that is there already, by its id, is left. */
  appendAudit(rows: readonly AuditRow[]): Promise<void>;
  searchAudit(query: AuditQuery): Promise<AuditPage>;
  readAudit(id: AuditId): Promise<AuditRow | undefined>;
  /** Removes all rows of the months before this one, month by month: there is no other way to remove any. */
  dropAudit(before: AuditMonth): Promise<void>;
  /**
   * Builds the indexes that were left out while an empty store was loaded; `advance` is told how many of those missing stand.
   * Until then whoever needs one waits for it.
   */
  buildIndexes(advance?: (done: number, missing: number) => void): Promise<void>;
  /** Resolves when the store can answer; rejects with the reason when it cannot. */
  check(): Promise<void>;
  close(): Promise<void>;
}
