import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import type { IndexValues } from '../../search/index-values.ts';
import type { SortKey } from '../../search/sort.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';

export type ResourceKey = { readonly type: ResourceType; readonly id: ResourceId };

/** How a version came to be; history answers it as `entry.request.method`. */
export type WriteMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One version of a resource. */
export type StoredVersion = ResourceKey & {
  /** 1, 2, 3 …; a delete takes a number too. */
  readonly versionId: number;
  readonly lastUpdated: EpochMs;
  readonly method: WriteMethod;
  /** The JSON text as it is served, `id` and `meta` included; absent = this version is the delete (a tombstone). */
  readonly text?: string;
};

/** A version that has a text. */
export type StoredResource = StoredVersion & { readonly text: string };

/** One resource to write: its next version, and the version it must follow. */
export type Change = StoredVersion & {
  /** The current version that this one replaces, tombstones counted; 0 = the id was never used. */
  readonly expectedVersion: number;
  /** The values it is found by; empty for a delete. */
  readonly index: IndexValues;
};

/** A condition that must hold at the moment of the commit: nothing of the type matches (conditional create). */
export type Guard = { readonly type: ResourceType; readonly noneMatch: Filter };

export type WriteUnit = { readonly changes: readonly Change[]; readonly guards: readonly Guard[] };

export type WriteOutcome =
  | { readonly kind: 'committed' }
  /** Somebody wrote `changes[change]` first; nothing of the unit was kept. */
  | { readonly kind: 'stale'; readonly change: number; readonly currentVersion: number }
  /** Something matches `guards[guard]`; nothing of the unit was kept. */
  | { readonly kind: 'guarded'; readonly guard: number };

/** Opaque to all but the store that made it; safe in a URL; stays valid while others write. */
export type Cursor = string;

/** `after` is not a cursor that this store made for such a query. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}

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
  /** Versions that were current at some moment of the span. */
  readonly at?: { readonly first: EpochMs; readonly last: EpochMs };
  readonly count: number;
  readonly after?: Cursor;
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

export interface Store {
  /** Whether a unit may have several changes. */
  readonly transactions: boolean;
  /** The current version; a tombstone when it is deleted; undefined when the id was never used. */
  read(key: ResourceKey): Promise<StoredVersion | undefined>;
  /** The current versions of those that exist and are not deleted, in the order of the keys. */
  readMany(keys: readonly ResourceKey[]): Promise<readonly StoredResource[]>;
  readVersion(key: ResourceKey, versionId: number): Promise<StoredVersion | undefined>;
  search(query: SearchQuery): Promise<SearchPage>;
  count(types: readonly ResourceType[], filter: Filter): Promise<number>;
  /** The resources that the given ones refer to by the reference parameters, each once, as `_include` asks. */
  referredBy(keys: readonly ResourceKey[], params: readonly string[]): Promise<readonly ResourceKey[]>;
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** How many versions `history` would answer over all pages. */
  countHistory(query: HistoryQuery): Promise<number>;
  /**
   * All of the unit or nothing. When it resolves with `committed`, it is on disk, and every later read sees it.
   * Of two racing units that expect the same version exactly one is committed; a guard is judged on all that
   * was committed before. Guarded units are judged one after the other; a write without a guard that runs beside
   * one may be counted as later. Rejects with TransactionUnsupportedError when the unit has several changes and
   * `transactions` is false.
   */
  write(unit: WriteUnit): Promise<WriteOutcome>;
  readRecord(collection: string, key: string): Promise<StoreRecord | undefined>;
  writeRecord(record: StoreRecord): Promise<void>;
  deleteRecord(collection: string, key: string): Promise<void>;
  listRecords(collection: string): Promise<readonly StoreRecord[]>;
  /** Every current resource of the type in key order, `count` at a time: reindex, export, migration. */
  scan(type: ResourceType, count: number, after?: Cursor): Promise<SearchPage>;
  /** Replaces the index values of a resource that still has this version; false when it has moved on. */
  reindex(key: ResourceKey, versionId: number, index: IndexValues): Promise<boolean>;
  /** Resolves when the store can answer; rejects with the reason when it cannot. */
  check(): Promise<void>;
  close(): Promise<void>;
}
