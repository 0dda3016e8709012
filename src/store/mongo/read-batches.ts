import type { ResourceKey, StoredVersion } from '../contract/store.ts';
import { type DocumentKey, documentKey, type ResourceDocument, toStoredVersion } from './documents.ts';
import { knownHome } from './home.ts';
import { type Reader, readOptions } from './reader.ts';

/** The current version of a resource, a tombstone too; undefined when its id was never used. */
export type ReadCurrent = (key: ResourceKey) => Promise<StoredVersion | undefined>;

type Waiting = {
  readonly key: DocumentKey;
  readonly resolve: (version: StoredVersion | undefined) => void;
  readonly reject: (error: unknown) => void;
};

/** The first answer of a cursor holds 101 documents: so many come in one round trip. */
const batchSize = 100;

/** What a version is served from, and no more: each member that comes along is read and thrown away. */
export const asServed = { version: 1, lastUpdated: 1, method: 1, text: 1 } as const;

/** As it is found in a document. */
export type Served = Pick<ResourceDocument, '_id' | keyof typeof asServed>;

/** Reads that are asked in one turn of the event loop go together: a round trip costs many times what a document does. */
export function openReadBatches(reader: Reader): ReadCurrent {
  let waiting: Waiting[] = [];
  const next = () => {
    const all = waiting;
    waiting = [];
    for (const group of groupsOf(reader, all)) {
      for (let at = 0; at < group.length; at += batchSize) {
        void readTogether(reader, group.slice(at, at + batchSize));
      }
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key: documentKey(key), resolve, reject });
      if (waiting.length === 1) setImmediate(next);
    });
}

/** Apart from the others go those whose shard is not known: they are asked of every shard. */
function groupsOf({ sharded }: Reader, all: readonly Waiting[]): readonly (readonly Waiting[])[] {
  if (!sharded) return [all];
  const isKnown = ({ key }: Waiting) => knownHome(key) !== undefined;
  return [all.filter(isKnown), all.filter((each) => !isKnown(each))];
}

async function readTogether(reader: Reader, batch: readonly Waiting[]): Promise<void> {
  try {
    const found = await findAll(reader, [...new Set(batch.map(({ key }) => key))]);
    const byKey = new Map(found.map((document) => [document._id, document]));
    for (const { key, resolve } of batch) {
      const document = byKey.get(key);
      resolve(document && toStoredVersion(key, document));
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

async function findAll(reader: Reader, keys: readonly DocumentKey[]): Promise<readonly Served[]> {
  const homes = reader.sharded ? keys.flatMap((key) => knownHome(key) ?? []) : [];
  const filter = { _id: oneOf(keys), ...(homes.length > 0 && { patient: oneOf(homes) }) };
  return reader.resources.find(filter, { ...readOptions(reader), projection: asServed }).toArray();
}

function oneOf(values: readonly string[]): string | { readonly $in: readonly string[] } {
  const [only = '', ...others] = values;
  return others.length === 0 ? only : { $in: values };
}
