import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter, VersionFilter } from '../../search/filter.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Cursor } from './asked.ts';
import type { StoredResource, StoredVersion } from './stored-version.ts';

/** A place in the order of the commits. Opaque to all but the store that made it; it stays true for good. */
export type CommitPosition = string;

/**
 * The store as it was at one moment: every write that was acknowledged before it was asked for is in it, and none that
 * was begun after it was answered.
 */
export type Snapshot = {
  readonly position: CommitPosition;
  /** The instant that is shown for it: nothing in it was written later by its lastUpdated. */
  readonly time: EpochMs;
};

/** After a moment: by the order of the commits, or by what versions say of their time. */
export type SnapshotSince = { readonly position: CommitPosition } | { readonly time: EpochMs };

export type SnapshotQuery = {
  readonly type: ResourceType;
  readonly at: CommitPosition;
  /** Only versions that were committed after it. */
  readonly since?: SnapshotSince;
  readonly filter: Filter;
  /** About how many resources a page has. */
  readonly count: number;
  readonly after?: Cursor;
  /** Whether it is asked whom the lines are about. */
  readonly withPatients?: boolean;
};

export type SnapshotPage = {
  /** The texts of what matches and has not changed since the moment, as UTF-8, a line end behind each. */
  readonly lines: Uint8Array;
  /** How many lines. */
  readonly count: number;
  /**
   * Of the same stretch of ids, what has changed since: the version of that moment, where there was one that was no
   * delete. It has no index values any more, so the filter was not asked of it.
   */
  readonly replaced: readonly StoredResource[];
  /** The Patients whom the lines are about, each once; absent where it was not asked, or is not known of all of them. */
  readonly patients?: readonly ResourceId[];
  readonly next?: Cursor;
};

export type SnapshotDeletesQuery = {
  readonly type: ResourceType;
  readonly at: CommitPosition;
  readonly since: SnapshotSince;
  readonly only?: VersionFilter;
  readonly count: number;
  readonly after?: Cursor;
};

/** Tombstones; a page may have fewer than were asked for, or none, and still not be the last. */
export type SnapshotDeletesPage = { readonly versions: readonly StoredVersion[]; readonly next?: Cursor };

/** Ends every line. */
export function toLines(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.length === 0 ? '' : `${texts.join('\n')}\n`);
}
