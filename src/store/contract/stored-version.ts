import type { EpochMs } from '../../values/instant.ts';
import type { ResourceKey } from './asked.ts';

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
