import type { Document } from 'mongodb';
import { compareText } from '../../search/fold-text.ts';
import { fittingIn } from '../contract/page-room.ts';
import { requireWaiter } from '../contract/require-waiter.ts';
import type { HistoryPage, HistoryQuery, ResourceKey, StoredVersion } from '../contract/store.ts';
import { namingAliases } from './aliases.ts';
import {
  type DocumentKey,
  documentKey,
  type HistoryDocument,
  type ResourceDocument,
  toHistory,
  toStoredVersion,
} from './documents.ts';
import { type Position, readPosition, writePosition } from './history-position.ts';
import { marksOf } from './marks-of.ts';
import type { Person } from './person.ts';
import { allOfQueries, notQuery, oneOf, type Query } from './query.ts';
import { type Reader, readOptions } from './reader.ts';
import { resolveReach } from './resolve-reach.ts';
import { asksReachOfVersions, passesVersionFilter } from './version-filter.ts';
import { afterPosition, currentQuery, justReplacedQuery, replacedQuery } from './version-queries.ts';

/** A version and where it stands: a history is in the order of times, that of one resource in the order of versions. */
type Entry = {
  readonly key: DocumentKey;
  readonly at: number;
  readonly version: StoredVersion;
  readonly persons: readonly Person[] | undefined;
};

const texts = { keys: 0, spans: 0, tuples: 0, previous: 0, marks: 0, bears: 0, open: 0 };

/** So many versions at least are judged together when only some of them are asked for. */
const leastBatch = 100;

async function ofAliases(reader: Reader, query: HistoryQuery): Promise<HistoryQuery> {
  return query.only ? { ...query, only: await namingAliases(reader, query.only) } : query;
}

/** Newest first. */
export async function historyPage(reader: Reader, asked: HistoryQuery): Promise<HistoryPage> {
  const query = await resolveReach(reader, await ofAliases(reader, asked));
  const wanted = query.count + 1;
  const limit = query.only && asksReachOfVersions(query.only) ? Math.max(wanted, leastBatch) : wanted;
  const found: Entry[] = [];
  let after = query.after === undefined ? undefined : readPosition(query.after);
  for (;;) {
    requireWaiter(query.hasGone);
    const entries = await entriesAfter(reader, query, after, limit);
    found.push(...(await passing(reader, query, entries)));
    const last = entries.at(-1);
    if (!last || found.length >= wanted || entries.length < limit) return toPage(found, query);
    after = positionOf(last);
  }
}

function toPage(found: readonly Entry[], { count, room }: HistoryQuery): HistoryPage {
  const versions = found.slice(0, count).map(({ version }) => version);
  const fitting = fittingIn(versions, room);
  const last = found[fitting - 1];
  return {
    versions: versions.slice(0, fitting),
    ...(last && found.length > fitting && { next: writePosition(positionOf(last)) }),
  };
}

/**
 * A version lies in the collection of current ones, in the document of the one that replaced it, or in the history,
 * perhaps for a moment in two of them; whoever reads them in this order misses none.
 */
async function entriesAfter(
  reader: Reader,
  query: HistoryQuery,
  after: Position | undefined,
  limit: number,
): Promise<readonly Entry[]> {
  const entries = new Map<string, Entry>();
  const gather = (found: readonly Entry[]) => {
    for (const entry of found) entries.set(entryKey(entry), entry);
  };
  gather(await currentVersions(reader, query, after, limit));
  gather(await justReplaced(reader, query, after, limit));
  gather(await replacedVersions(reader, query, after, limit));
  return [...entries.values()].sort(query.id === undefined ? byTime : byVersion).slice(0, limit);
}

function entryKey({ key, version }: Entry): string {
  return `${key}/${version.versionId}`;
}

function byVersion(a: Entry, b: Entry): number {
  return b.version.versionId - a.version.versionId;
}

function byTime(a: Entry, b: Entry): number {
  return b.at - a.at || compareText(b.key, a.key) || byVersion(a, b);
}

/** What marks people bear is asked anew: it is not kept with their old versions. */
async function passing(
  reader: Reader,
  { only }: HistoryQuery,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  if (!only || !asksReachOfVersions(only)) return entries;
  const persons = new Set(entries.flatMap((entry) => entry.persons ?? []));
  const marks = await marksOf(reader, [...persons]);
  return entries.filter((entry) =>
    passesVersionFilter(
      only,
      { ...entry.version, persons: entry.persons },
      (person) => marks.get(person) ?? [],
    ),
  );
}

/** What moves to the history between two of these questions is counted where it was seen first. */
export async function countVersions(reader: Reader, asked: HistoryQuery): Promise<number> {
  const query = await resolveReach(reader, await ofAliases(reader, asked));
  if (query.only && asksReachOfVersions(query.only)) return countPassing(reader, query);
  const current = await count(reader, reader.resources, currentQuery(query));
  const replaced = await justReplaced(reader, query, undefined, 0);
  const others = notQuery(oneOf('_id', replaced.map(entryKey)));
  const old = await count(reader, reader.history, allOfQueries([replacedQuery(query), others]));
  return current + replaced.length + old;
}

async function count(reader: Reader, collection: Counted, query: Query): Promise<number> {
  return query === 'none' ? 0 : collection.countDocuments(asFilter(query), readOptions(reader));
}

type Counted = {
  readonly countDocuments: (filter: Document, options: ReturnType<typeof readOptions>) => Promise<number>;
};

async function countPassing(reader: Reader, query: HistoryQuery): Promise<number> {
  const limit = 1000;
  let count = 0;
  let after: Position | undefined;
  for (;;) {
    requireWaiter(query.hasGone);
    const entries = await entriesAfter(reader, query, after, limit);
    count += (await passing(reader, query, entries)).length;
    const last = entries.at(-1);
    if (!last || entries.length < limit) return count;
    after = positionOf(last);
  }
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
  const documents = await reader.resources.find(asFilter(where), options).toArray();
  return documents.map((document) => toEntry(document._id, document));
}

/** Those that still lie in the document of their successor. `limit` 0 is all. */
async function justReplaced(
  reader: Reader,
  query: HistoryQuery,
  after: Position | undefined,
  limit: number,
): Promise<readonly Entry[]> {
  const where = allOfQueries([
    justReplacedQuery(query),
    afterPosition(query, after, '_id', 'previous.version', 'previous.lastUpdated'),
  ]);
  if (where === 'none') return [];
  const projection = { _id: 1, type: 1, patient: 1, lastUpdated: 1, previous: 1 };
  const sort = { 'previous.lastUpdated': -1, _id: -1 } as const;
  // They are few: whatever else is asked is asked of these, unless a key tells where to look.
  const hint = query.id === undefined && { hint: 'previous' };
  const documents = await reader.resources
    .find(asFilter(where), { ...readOptions(reader), projection, sort, limit, ...hint })
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
  const documents = await reader.history.find(asFilter(where), options).toArray();
  return documents.map((document) => toEntry(document.key, document));
}

function asFilter(query: Query): Document {
  return query === 'all' || query === 'none' ? {} : query;
}

function positionOf({ at, key, version }: Entry): Position {
  return { at, key, version: version.versionId };
}

function toEntry(key: DocumentKey, fields: ResourceDocument | HistoryDocument): Entry {
  return { key, at: fields.lastUpdated, version: toStoredVersion(key, fields), persons: fields.patients };
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
