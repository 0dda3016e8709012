import type { ClientSession, Collection } from 'mongodb';
import type { HistoryDocument, ResourceDocument } from './documents.ts';
import type { PersonDocument } from './persons.ts';
import type { Settler } from './settler.ts';

/** What is needed to read: the collections, and the transaction to read in, if any. */
export type Reader = {
  readonly resources: Collection<ResourceDocument>;
  readonly history: Collection<HistoryDocument>;
  readonly persons: Collection<PersonDocument>;
  readonly settler: Settler;
  /** As the store tells it (contract); absent: it is looked up. */
  readonly hasAliases?: () => boolean | Promise<boolean>;
  readonly session?: ClientSession;
  /** A router is asked: the shard key in a query spares the other shards. */
  readonly sharded: boolean;
  /** Up to so many resources on the other end of a chain are listed in the query. */
  readonly smallSet: number;
};

/** Longer than any answer a client waits for: the database then gives up as well. */
const maxTimeMS = 30_000;

export function readOptions({ session }: Reader) {
  return session ? { session } : { maxTimeMS };
}
