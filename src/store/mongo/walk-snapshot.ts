import type { ResourceType } from '../../fhir/resource-type.ts';
import { idOf } from './documents.ts';
import { type Reader, readOptions } from './reader.ts';

/** What is asked of a document of the current versions, without all that it is found by. */
export type WalkedDocument = {
  readonly _id: string;
  readonly lastUpdated: number;
  /** Absent in a tombstone. */
  readonly text?: string;
  readonly patients?: readonly string[];
};

export type Walk = {
  readonly type: ResourceType;
  /** The id behind which it begins. */
  readonly start: string;
  readonly count: number;
  readonly withPatients: boolean;
};

export type Walked = {
  readonly documents: readonly WalkedDocument[];
  /** The id where the next stretch begins; absent when there is none. */
  readonly last: string | undefined;
};

/**
 * The next documents of a type in the order of their ids, tombstones too, whatever is in them: so the index on the key
 * alone leads to them, and one answer holds them all. Keys begin with the type.
 */
export async function walk(reader: Reader, { type, start, count, withPatients }: Walk): Promise<Walked> {
  const found = await reader.resources
    .find(
      { _id: { $gt: `${type}/${start}`, $lt: `${type}0` } },
      {
        ...readOptions(reader),
        projection: { text: 1, lastUpdated: 1, ...(withPatients && { patients: 1 }) },
        sort: { _id: 1 },
        limit: count + 1,
        // Else the first answer of a cursor has a hundred, and the second the others.
        batchSize: count + 2,
      },
    )
    .toArray();
  const documents = found.slice(0, count) as readonly WalkedDocument[];
  const last = documents.at(-1);
  return { documents, last: found.length > count && last ? idOf(last._id) : undefined };
}
