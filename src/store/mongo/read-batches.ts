import type { ResourceKey, StoredVersion } from '../contract/store.ts';
import { openBatches } from './batches.ts';
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
  const add = openBatches<Waiting>({
    take: (waiting) => takeBatch(reader, waiting),
    send: (batch) => readTogether(reader, batch),
    underWay: Number.POSITIVE_INFINITY,
  });
  return (key) => new Promise((resolve, reject) => add({ key: documentKey(key), resolve, reject }));
}

/** Apart from the others go those whose shard is not known: they are asked of every shard. */
function takeBatch({ sharded }: Reader, waiting: Waiting[]): readonly Waiting[] {
  if (!sharded) return waiting.splice(0, batchSize);
  const isKnown = ({ key }: Waiting) => knownHome(key) !== undefined;
  const known = waiting.filter(isKnown);
  const batch = (known.length > 0 ? known : waiting).slice(0, batchSize);
  const taken = new Set(batch);
  waiting.splice(0, waiting.length, ...waiting.filter((each) => !taken.has(each)));
  return batch;
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
