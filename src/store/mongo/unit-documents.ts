import { randomUUID } from 'node:crypto';
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Change } from '../contract/store.ts';
import { requireFitting } from './document-size.ts';
import {
  type DocumentKey,
  documentKey,
  type HistoryDocument,
  previousOf,
  type ResourceDocument,
  toDocument,
  toHistory,
} from './documents.ts';

/** What stands there before the unit is written. */
export type Currents = ReadonlyMap<DocumentKey, ResourceDocument>;

export type Documents = {
  readonly written: readonly ResourceDocument[];
  readonly replaced: readonly HistoryDocument[];
  readonly writes: AnyBulkWriteOperation<ResourceDocument>[];
  readonly isNew: readonly DocumentKey[];
};

/** The last change of each resource is its document; what came before goes to the history. */
export function documentsOf(changes: readonly Change[], currents: Currents): Documents {
  const replaced: HistoryDocument[] = [];
  const latest = new Map<DocumentKey, ResourceDocument>(currents);
  for (const change of changes) {
    const former = latest.get(documentKey(change));
    const document = toDocument(change, randomUUID(), former);
    requireFitting(document);
    if (former) replaced.push(...entriesOf(former, document));
    latest.set(document._id, document);
  }
  const written = [...latest.values()].filter((document) => document !== currents.get(document._id));
  return {
    written,
    replaced,
    isNew: written.filter(({ _id }) => !currents.has(_id)).map(({ _id }) => _id),
    writes: written.map((document): AnyBulkWriteOperation<ResourceDocument> => {
      const current = currents.get(document._id);
      if (!current) return { insertOne: { document } };
      const { _id, version, patient } = current;
      return { replaceOne: { filter: { _id, version, patient }, replacement: document } };
    }),
  };
}

/** Of the replaced document, and of the one that it still carries. */
function entriesOf(former: ResourceDocument, next: ResourceDocument): readonly HistoryDocument[] {
  const before = toHistory(former);
  const itself = toHistory({ ...next, previous: previousOf(former) });
  return [before, itself].filter((entry) => entry !== undefined);
}
