import type { Document, Sort } from 'mongodb';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { SortKey, SortValue } from '../../search/sort.ts';
import type { Position } from '../contract/cursor.ts';
import { afterQuery } from './after-query.ts';
import { idOf, type ResourceDocument } from './documents.ts';
import { allOfQueries, type Query } from './query.ts';
import { asServed } from './read-batches.ts';
import { type Reader, readOptions } from './reader.ts';
import { sortStages, sortValuesOf } from './sort-stages.ts';

export type Found = Position & { readonly document: ResourceDocument };

export type PageQuery = {
  readonly type: ResourceType;
  /** Only live resources of the type are looked at. */
  readonly where: Query;
  readonly homes?: readonly string[] | undefined;
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly after?: Position | undefined;
  /** Only the key is wanted. */
  readonly keysOnly?: boolean;
};

/** The first resources of one type that match, in the order of the sort. */
export async function findPage(reader: Reader, query: PageQuery): Promise<readonly Found[]> {
  if (query.where === 'none') return [];
  const { sort } = query;
  const [first] = sort;
  const [, second, ...others] = sort;
  if (!first) return findById(reader, query, false);
  if (first.by === 'id' && !second) return findById(reader, query, first.descending);
  const isByTime = first.by === 'lastUpdated' && (!second || second.by === 'id') && others.length === 0;
  if (isByTime) return findByTime(reader, query, first);
  return findSorted(reader, query);
}

/** Live resources of the type that match. */
export function matchQuery(
  reader: Reader,
  { type, where, homes }: Omit<PageQuery, 'sort' | 'limit'>,
): Document {
  const query = allOfQueries([
    { type },
    { live: 1 },
    reader.sharded && homes ? { patient: { $in: homes } } : 'all',
    where,
  ]);
  return query === 'all' || query === 'none' ? {} : query;
}

/** Keys begin with the type, so the resources of a type lie together in the order of their ids. */
function keysOfType(type: ResourceType): Document {
  return { _id: { $gte: `${type}/`, $lt: `${type}0` } };
}

async function findById(reader: Reader, query: PageQuery, descending: boolean): Promise<readonly Found[]> {
  const { type, sort, after } = query;
  const beyond = after ? afterQuery(type, sort, after) : 'all';
  const where = allOfQueries([keysOfType(type), beyond, query.where]);
  const documents = await list(reader, { ...query, where }, { _id: descending ? -1 : 1 });
  return documents.map((document) => toFound(query, document));
}

/**
 * The index on time runs by time and key. Backwards the keys run backwards too, so the time where the page ends is
 * looked up first, and what lies between is put in order.
 */
async function findByTime(reader: Reader, query: PageQuery, key: SortKey): Promise<readonly Found[]> {
  const { type, sort, after } = query;
  const start = after?.values[0];
  const bound = start === undefined ? 'all' : { lastUpdated: { [key.descending ? '$lte' : '$gte']: start } };
  const beyond = after ? afterQuery(type, sort, after) : 'all';
  const bounded = { ...query, where: allOfQueries([bound, beyond, query.where]) };
  if (bounded.where === 'none') return [];
  const time = key.descending ? -1 : 1;
  const id = sort[1]?.descending ? -1 : 1;
  const within = time === id ? bounded : await withinPage(reader, bounded, time);
  const documents = await list(reader, within, { lastUpdated: time, _id: id });
  return documents.map((document) => toFound(query, document));
}

/** The same query, ended at the time where its page ends. */
async function withinPage(reader: Reader, query: PageQuery, time: 1 | -1): Promise<PageQuery> {
  const options = { ...readOptions(reader), projection: { _id: 0, lastUpdated: 1 }, limit: query.limit };
  const sort: Sort = { lastUpdated: time, _id: time };
  const times = await reader.resources.find(matchQuery(reader, query), { ...options, sort }).toArray();
  const last = times.at(-1)?.lastUpdated;
  if (last === undefined) return { ...query, where: 'none' };
  const end = { lastUpdated: { [time === -1 ? '$gte' : '$lte']: last } };
  return { ...query, where: allOfQueries([end, query.where]) };
}

function list(reader: Reader, query: PageQuery, sort: Sort): Promise<readonly ResourceDocument[]> {
  if (query.where === 'none') return Promise.resolve([]);
  const projection = query.keysOnly ? { _id: 1, lastUpdated: 1 } : asServed;
  // One answer holds all of them: else the first of a cursor has a hundred.
  const options = {
    ...readOptions(reader),
    projection,
    sort,
    limit: query.limit,
    batchSize: query.limit + 1,
  };
  return reader.resources.find(matchQuery(reader, query), options).toArray();
}

/** By values: every match is looked at, and the first of the order are kept. */
async function findSorted(reader: Reader, query: PageQuery): Promise<readonly Found[]> {
  const { type, sort, after, limit, keysOnly } = query;
  const beyond = after ? afterQuery(type, sort, after) : 'all';
  if (beyond === 'none') return [];
  const stages = sortStages(sort);
  const documents = await reader.resources
    .aggregate<ResourceDocument & Document>(
      [
        { $match: matchQuery(reader, query) },
        ...stages.draw,
        { $project: keysOnly ? { _id: 1, ...stages.keep } : { ...stages.keep, ...asServed } },
        ...(beyond === 'all' ? [] : [{ $match: beyond }]),
        { $sort: stages.order },
        { $limit: limit },
      ],
      { ...readOptions(reader), allowDiskUse: true },
    )
    .toArray();
  return documents.map((document) => ({
    document,
    values: sortValuesOf(sort, document),
    type,
    id: idOf(document._id),
  }));
}

function toFound({ type, sort }: PageQuery, document: ResourceDocument): Found {
  const id = idOf(document._id);
  const values: readonly SortValue[] = sort.map(({ by }) => (by === 'id' ? id : document.lastUpdated));
  return { document, values, type, id };
}
