import { resourceTypes } from '../../fhir/resource-type.ts';
import type { HistoryQuery } from '../contract/store.ts';
import { documentKey } from './documents.ts';
import type { Position } from './history-position.ts';
import { allOfQueries, type Query } from './query.ts';
import { compileVersionFilter, type VersionPaths } from './version-filter.ts';

/** Versions that are current. */
export function currentQuery(query: HistoryQuery): Query {
  const { since, at, versionId } = query;
  return allOfQueries([
    ofWhom(query, '_id'),
    onlyThose(query, { key: '_id', at: '' }),
    versionId === undefined ? 'all' : { version: versionId },
    since === undefined ? 'all' : { lastUpdated: { $gte: since } },
    at === undefined ? 'all' : { lastUpdated: { $lte: at.last } },
  ]);
}

/** Versions in the history. */
export function replacedQuery(query: HistoryQuery): Query {
  const { since, at, versionId } = query;
  return allOfQueries([
    ofWhom(query, 'key'),
    onlyThose(query, { key: 'key', at: '' }),
    versionId === undefined ? 'all' : { version: versionId },
    since === undefined ? 'all' : { lastUpdated: { $gte: since } },
    at === undefined ? 'all' : { lastUpdated: { $lte: at.last }, until: { $gt: at.first } },
  ]);
}

/** Versions that still lie in the document of their successor. */
export function justReplacedQuery(query: HistoryQuery): Query {
  const { since, at, versionId } = query;
  return allOfQueries([
    { 'previous.lastUpdated': { $exists: true } },
    ofWhom(query, '_id'),
    onlyThose(query, { key: '_id', at: 'previous.' }),
    versionId === undefined ? 'all' : { 'previous.version': versionId },
    since === undefined ? 'all' : { 'previous.lastUpdated': { $gte: since } },
    at === undefined ? 'all' : { 'previous.lastUpdated': { $lte: at.last }, lastUpdated: { $gt: at.first } },
  ]);
}

function onlyThose({ only }: HistoryQuery, paths: VersionPaths): Query {
  return only ? compileVersionFilter(only, paths) : 'all';
}

/** Of all types by name, so that the index by type and time gives every order. */
function ofWhom({ type, id }: HistoryQuery, keyPath: string): Query {
  if (type === undefined) return { type: { $in: resourceTypes } };
  return id === undefined ? { type } : { [keyPath]: documentKey({ type, id }) };
}

/** Versions that come behind the position. */
export function afterPosition(
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
