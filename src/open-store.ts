import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreFile } from './cli/backup/backup-command.ts';
import type { StoreLocation } from './config.ts';
import type { Store } from './store/contract/store.ts';
import { copySqliteStore, inspectSqliteStore } from './store/sqlite/snapshot.ts';
import { openSqliteStore, type SqliteOptions } from './store/sqlite/sqlite-store.ts';
import { openWriterHub, type WriterHub } from './store/sqlite/writer-hub.ts';
import { OperatorError } from './values/operator-error.ts';

/** For commands that only look at what there is: a name that was mistyped must not become an empty store. */
export async function openExisting(location: StoreLocation): Promise<Store> {
  if (location.kind === 'sqlite' && !existsSync(location.path)) {
    throw new OperatorError(`${location.path}: there is no such store`);
  }
  return openStore(location);
}

export async function openStore(
  location: StoreLocation,
  options: Pick<SqliteOptions, 'startWriter' | 'loads' | 'cache'> = {},
): Promise<Store> {
  switch (location.kind) {
    case 'sqlite-memory':
      return openSqliteStore({ path: ':memory:' });
    case 'sqlite':
      mkdirSync(dirname(location.path), { recursive: true });
      return openSqliteStore({ path: location.path, ...options });
    case 'mongodb': {
      // The driver is loaded only where it is used: it takes longer than the rest of the start.
      const { openMongoStore } = await import('./store/mongo/mongo-store.ts');
      return openMongoStore({ url: location.url });
    }
  }
}

/**
 * The one writer of a store that several processes share, where the store itself has none for all; `cache`: MiB of a file
 * that it keeps at most. Throws for a store that cannot be shared.
 */
export function shareWriter(location: StoreLocation, cache: number): WriterHub | undefined {
  switch (location.kind) {
    case 'sqlite-memory':
      throw new OperatorError(
        'JENNER_WORKERS: a store in memory is of one process; name a file or a MongoDB in JENNER_STORE',
      );
    case 'sqlite':
      return openWriterHub(location.path, cache);
    case 'mongodb':
      return undefined;
  }
}

/** What the processes that share a writer say to each other (store/sqlite/writer-end.ts). */
export {
  type FromHub,
  type Line,
  type ToHub,
  type WriterEnd,
  writerBeyond,
} from './store/sqlite/writer-end.ts';
export type { WriterHub } from './store/sqlite/writer-hub.ts';

/** A store that a backup can hold; throws for one that has its own tools. */
export function storeFileOf(location: StoreLocation): StoreFile {
  switch (location.kind) {
    case 'sqlite-memory':
      throw new OperatorError(
        'JENNER_STORE=sqlite::memory: nothing outlasts the process; no backup is possible',
      );
    case 'mongodb':
      throw new OperatorError(
        'JENNER_STORE is a MongoDB: a backup of one moment is made by its own tools, mongodump --oplog or a snapshot ' +
          'of the volume (docs/operations.md, Backup)',
      );
    case 'sqlite':
      return {
        path: location.path,
        copy: (to, progress) => copySqliteStore(location.path, to, progress),
        inspect: inspectSqliteStore,
      };
  }
}

/** What a file that is said to be a store of ours holds. */
export const inspectStoreFile = inspectSqliteStore;
