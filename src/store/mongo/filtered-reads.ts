import type { Document } from 'mongodb';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import { type NamedOne, namedOne } from '../contract/named-one.ts';
import type { SearchPage, SearchQuery } from '../contract/store.ts';
import { namingAliases } from './aliases.ts';
import { openBatches } from './batches.ts';
import { chainsIn, compileFilter } from './compile-filter.ts';
import { type DocumentKey, type ResourceDocument, toStoredResource } from './documents.ts';
import { allOfQueries, anyOfQueries, type Query } from './query.ts';
import { asServed } from './read-batches.ts';
import { type Reader, readOptions } from './reader.ts';
import { requireSettled } from './require-settled.ts';

/** The page of the one resource of an id, when it passes; undefined where the search asks otherwise. */
export type ReadFiltered = (query: SearchQuery) => Promise<SearchPage> | undefined;

type Waiting = {
  readonly key: DocumentKey;
  readonly where: Query;
  readonly resolve: (document: ResourceDocument | undefined) => void;
  readonly reject: (error: unknown) => void;
};

/** The first answer of a cursor holds 101 documents; each has a condition of its own in the query besides. */
const batchSize = 50;

/**
 * What a read is for who may not see everything. Those that are asked in one turn of the event loop go together, as reads
 * do, each with its own condition.
 */
export function openFilteredReads(reader: Reader): ReadFiltered {
  const add = openBatches<Waiting>({
    take: takeRound,
    send: (round) => readTogether(reader, round),
    underWay: Number.POSITIVE_INFINITY,
  });
  const find = (key: DocumentKey, where: Query): Promise<ResourceDocument | undefined> =>
    new Promise((resolve, reject) => add({ key, where, resolve, reject }));
  return (query) => {
    const asked = askedIn(query);
    // Of a sharded collection the shard would not be known.
    if (!asked || reader.sharded) return undefined;
    return readPassing(reader, asked, query.filter, find);
  };
}

type Asked = NamedOne & { readonly type: ResourceType };

function askedIn(query: SearchQuery): Asked | undefined {
  const named = namedOne(query);
  const [type, ...otherTypes] = query.types;
  if (!named || type === undefined || otherTypes.length > 0) return undefined;
  return chainsIn(named.only).length > 0 ? undefined : { ...named, type };
}

async function readPassing(
  reader: Reader,
  { type, id, only }: Asked,
  whole: Filter,
  find: (key: DocumentKey, where: Query) => Promise<ResourceDocument | undefined>,
): Promise<SearchPage> {
  const filter = await namingAliases(reader, only);
  await requireSettled(reader, [type], whole);
  const where = whereOf(filter, type);
  const document = where === 'none' ? undefined : await find(`${type}/${id}`, where);
  return { matches: document ? [toStoredResource(document)] : [] };
}

/** By filter and type: what a caller may see is the same object in all that the caller asks. */
const compiled = new WeakMap<Filter, Map<ResourceType, Query>>();

function whereOf(filter: Filter, type: ResourceType): Query {
  const byType = compiled.get(filter) ?? new Map<ResourceType, Query>();
  const where = byType.get(type) ?? compileFilter(filter, type, new Map(), { lean: 'more', isNarrow: true });
  compiled.set(filter, byType.set(type, where));
  return where;
}

/** Each resource under one condition, so that whoever it passes for is known; the others wait for the next. */
function takeRound(waiting: Waiting[]): readonly Waiting[] {
  const conditions = new Map<DocumentKey, Query>();
  const round: Waiting[] = [];
  const left: Waiting[] = [];
  for (const one of waiting) {
    const fits = round.length < batchSize && (conditions.get(one.key) ?? one.where) === one.where;
    if (fits) conditions.set(one.key, one.where);
    (fits ? round : left).push(one);
  }
  waiting.splice(0, waiting.length, ...left);
  return round;
}

async function readTogether(reader: Reader, round: readonly Waiting[]): Promise<void> {
  try {
    const options = { ...readOptions(reader), projection: asServed };
    const found = await reader.resources.find(anyOf(round), options).toArray();
    const byKey = new Map(found.map((document) => [document._id, document]));
    for (const { key, resolve } of round) resolve(byKey.get(key));
  } catch (error) {
    for (const { reject } of round) reject(error);
  }
}

function anyOf(round: readonly Waiting[]): Document {
  const keys = new Map<Query, Set<DocumentKey>>();
  for (const { key, where } of round) keys.set(where, (keys.get(where) ?? new Set()).add(key));
  const branches = [...keys].map(([where, of]) =>
    allOfQueries([{ _id: { $in: [...of] } }, { live: 1 }, where]),
  );
  const query = anyOfQueries(branches);
  // Each names a key, so it is neither of the two that need no asking.
  return query === 'all' || query === 'none' ? { _id: { $in: [] } } : query;
}
