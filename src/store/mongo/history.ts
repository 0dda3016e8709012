import { Buffer } from 'node:buffer';
import type { Document } from 'mongodb';
import { resourceTypes } from '../../fhir/resource-type.ts';
import { compareText } from '../../search/fold-text.ts';
import {
  type Cursor,
  type HistoryPage,
  type HistoryQuery,
  InvalidCursorError,
  type ResourceKey,
  type StoredVersion,
} from '../contract/store.ts';
import {
  type DocumentKey,
  documentKey,
  type HistoryDocument,
  type ResourceDocument,
  toHistory,
  toStoredVersion,
} from './documents.ts';
import { allOfQueries, type Query } from './query.ts';
import { type Reader, readOptions } from './reader.ts';

/** A version and where it stands: a history is in the order of times, that of one resource in the order of versions. */
type Entry = { readonly key: DocumentKey; readonly at: number; readonly version: StoredVersion };
type Position = { readonly at: number; readonly key: string; readonly version: number };

const texts = { keys: 0, spans: 0, tuples: 0, previous: 0 };

/**
 * Newest first. A version lies in the collection of current ones, in the document of the one that replaced it, or in
 * the history, perhaps for a moment in two of them; whoever reads them in this order misses none.
 */
export async function historyPage(reader: Reader, query: HistoryQuery): Promise<HistoryPage> {
  const after = query.after === undefined ? undefined : readPosition(query.after);
  const wanted = query.count + 1;
  const entries = new Map<string, Entry>();
  const gather = (found: readonly Entry[]) => {
    for (const entry of found) entries.set(`${entry.key}/${entry.version.versionId}`, entry);
  };
  gather(await currentVersions(reader, query, after, wanted));
  gather(await justReplaced(reader, query, after, wanted));
  gather(await replacedVersions(reader, query, after, wanted));
  const sorted = [...entries.values()].sort(query.id === undefined ? byTime : byVersion);
  const page = sorted.slice(0, query.count);
  const last = page.at(-1);
  return {
    versions: page.map(({ version }) => version),
    ...(last && sorted.length > query.count && { next: writePosition(last) }),
  };
}

function byVersion(a: Entry, b: Entry): number {
  return b.version.versionId - a.version.versionId;
}

function byTime(a: Entry, b: Entry): number {
  return b.at - a.at || compareText(b.key, a.key) || byVersion(a, b);
}

/** No entry stands in two of the parts that are counted. */
export async function countVersions(reader: Reader, query: HistoryQuery): Promise<number> {
  const current = await reader.resources.countDocuments(currentQuery(query), readOptions(reader));
  const replaced = await justReplaced(reader, query, undefined, 0);
  const ids = replaced.map(({ key, version }) => `${key}/${version.versionId}`);
  const history = toDocument(replacedQuery(query));
  const old = await reader.history.countDocuments(history, readOptions(reader));
  const twice =
    ids.length === 0
      ? 0
      : await reader.history.countDocuments({ $and: [{ _id: { $in: ids } }, history] }, readOptions(reader));
  return current + replaced.length + old - twice;
}

async function currentVersions(
  reader: Reader,
  query: HistoryQuery,
  after: Position | undefined,
  limit: number,
): Promise<readonly Entry[]> {
  const where = allOfQueries([currentQuery(query), afterPosition(query, after, '_id', 'version')]);
  if (where === 'none') return [];
  const options = {
    ...readOptions(reader),
    projection: texts,
    sort: { lastUpdated: -1, _id: -1 } as const,
    limit,
  };
  const documents = await reader.resources.find(toDocument(where), options).toArray();
  return documents.map((document) => toEntry(document._id, document));
}

/** Those that still lie in the document of their successor. `limit` 0 is all. */
async function justReplaced(
  reader: Reader,
  query: HistoryQuery,
  after: Position | undefined,
  limit: number,
): Promise<readonly Entry[]> {
  const { since, at } = query;
  const where = allOfQueries([
    { 'previous.lastUpdated': { $exists: true } },
    ofWhom(query, '_id'),
    since === undefined ? 'all' : { 'previous.lastUpdated': { $gte: since } },
    at === undefined ? 'all' : { 'previous.lastUpdated': { $lte: at.last }, lastUpdated: { $gt: at.first } },
    afterPosition(query, after, '_id', 'previous.version', 'previous.lastUpdated'),
  ]);
  if (where === 'none') return [];
  const projection = { _id: 1, type: 1, patient: 1, lastUpdated: 1, previous: 1 };
  const sort = { 'previous.lastUpdated': -1, _id: -1 } as const;
  const documents = await reader.resources
    .find(toDocument(where), { ...readOptions(reader), projection, sort, limit })
    .toArray();
  return documents.flatMap((document) => {
    const entry = toHistory(document as ResourceDocument);
    return entry ? [toEntry(entry.key, entry)] : [];
  });
}

async function replacedVersions(
  reader: Reader,
  query: HistoryQuery,
  after: Position | undefined,
  limit: number,
): Promise<readonly Entry[]> {
  const where = allOfQueries([replacedQuery(query), afterPosition(query, after, 'key', 'version')]);
  if (where === 'none') return [];
  const sort =
    query.id === undefined
      ? ({ lastUpdated: -1, key: -1, version: -1 } as const)
      : ({ version: -1 } as const);
  const options = { ...readOptions(reader), sort, limit };
  const documents = await reader.history.find(toDocument(where), options).toArray();
  return documents.map((document) => toEntry(document.key, document));
}

function toEntry(key: DocumentKey, fields: ResourceDocument | HistoryDocument): Entry {
  return { key, at: fields.lastUpdated, version: toStoredVersion(key, fields) };
}

function currentQuery(query: HistoryQuery): Document {
  const { since, at } = query;
  return toDocument(
    allOfQueries([
      ofWhom(query, '_id'),
      since === undefined ? 'all' : { lastUpdated: { $gte: since } },
      at === undefined ? 'all' : { lastUpdated: { $lte: at.last } },
    ]),
  );
}

function replacedQuery(query: HistoryQuery): Query {
  const { since, at } = query;
  return allOfQueries([
    ofWhom(query, 'key'),
    since === undefined ? 'all' : { lastUpdated: { $gte: since } },
    at === undefined ? 'all' : { lastUpdated: { $lte: at.last }, until: { $gt: at.first } },
  ]);
}

/** Of all types by name, so that the index by type and time gives every order. */
function ofWhom({ type, id }: HistoryQuery, keyPath: string): Query {
  if (type === undefined) return { type: { $in: resourceTypes } };
  return id === undefined ? { type } : { [keyPath]: documentKey({ type, id }) };
}

function afterPosition(
  { id }: HistoryQuery,
  after: Position | undefined,
  keyPath: string,
  versionPath: string,
  timePath = 'lastUpdated',
): Query {
  if (!after) return 'all';
  const { at, key, version } = after;
  if (id !== undefined) return { [versionPath]: { $lt: version } };
  return {
    [timePath]: { $lte: at },
    $or: [
      { [timePath]: { $lt: at } },
      { [keyPath]: { $lt: key } },
      { [keyPath]: key, [versionPath]: { $lt: version } },
    ],
  };
}

function toDocument(query: Query): Document {
  return query === 'all' || query === 'none' ? {} : query;
}

function writePosition({ at, key, version }: Entry): Cursor {
  return Buffer.from(JSON.stringify([at, key, version.versionId])).toString('base64url');
}

function readPosition(cursor: Cursor): Position {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(read) && read.length === 3) {
      const [at, key, version] = read as readonly unknown[];
      if (typeof at === 'number' && typeof key === 'string' && typeof version === 'number') {
        return { at, key, version };
      }
    }
  } catch (cause) {
    throw new InvalidCursorError('The cursor cannot be read.', { cause });
  }
  throw new InvalidCursorError('The cursor was not made by this store for a history.');
}

/** An old version by its number; the current one is looked at first, since versions move from there to the history. */
export async function readOldVersion(
  reader: Reader,
  resource: ResourceKey,
  versionId: number,
): Promise<StoredVersion | undefined> {
  const key = documentKey(resource);
  const current = await reader.resources.findOne(
    { _id: key },
    { ...readOptions(reader), projection: { keys: 0, spans: 0, tuples: 0 } },
  );
  if (!current) return undefined;
  if (current.version === versionId) return toStoredVersion(key, current);
  if (current.previous?.version === versionId) return toStoredVersion(key, current.previous);
  const old = await reader.history.findOne({ _id: `${key}/${versionId}` }, readOptions(reader));
  return old ? toStoredVersion(key, old) : undefined;
}
