import type { ResourceType } from '../../fhir/resource-type.ts';
import { everything, type Filter } from '../../search/filter.ts';
import { compareText } from '../../search/fold-text.ts';
import { compareValues, type SortKey } from '../../search/sort.ts';
import { type Position, readCursor, writeCursor } from '../contract/cursor.ts';
import { fittingIn } from '../contract/page-room.ts';
import { requireWaiter } from '../contract/require-waiter.ts';
import type { HasGone, ScanQuery, SearchPage, SearchQuery } from '../contract/store.ts';
import { namingAliases } from './aliases.ts';
import { compileFilter } from './compile-filter.ts';
import { type DocumentKey, toStoredResource } from './documents.ts';
import { type Found, findPage, matchQuery } from './find-page.ts';
import { homesOf } from './home.ts';
import type { Query } from './query.ts';
import { type Reader, readOptions } from './reader.ts';
import { requireSettled } from './require-settled.ts';
import { resolveChains } from './resolve-chains.ts';

export async function searchPage(reader: Reader, query: SearchQuery): Promise<SearchPage> {
  const { types, sort, count } = query;
  const filter = await namingAliases(reader, query.filter);
  await requireSettled(reader, types, filter);
  const after = query.after === undefined ? undefined : readCursor(query.after, sort.length);
  const found: Found[] = [];
  // Each type gives its first resources in order, so the first of all are among them.
  for (const type of [...types].sort(compareText)) {
    requireWaiter(query.hasGone);
    found.push(...(await findMatching(reader, { type, filter, sort, limit: count + 1, after })));
    if (sort.length === 0 && found.length > count) break;
  }
  if (types.length > 1) found.sort((a, b) => compareFound(sort, a, b));
  const matches = found.slice(0, count).map(({ document }) => toStoredResource(document));
  const fitting = fittingIn(matches, query.room);
  const last = found[fitting - 1];
  return {
    matches: matches.slice(0, fitting),
    ...(last && found.length > fitting && { next: writeCursor(last) }),
  };
}

function compareFound(sort: readonly SortKey[], a: Found, b: Found): number {
  for (const [i, key] of sort.entries()) {
    const order = compareValues(key, a.values[i], b.values[i]);
    if (order !== 0) return order;
  }
  return compareText(a.type, b.type) || compareText(a.id, b.id);
}

export type MatchQuery = {
  readonly type: ResourceType;
  readonly filter: Filter;
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly after?: Position | undefined;
  readonly keysOnly?: boolean;
};

async function findKeys(
  reader: Reader,
  type: ResourceType,
  filter: Filter,
  limit: number,
): Promise<readonly DocumentKey[]> {
  return keysOf(await findMatching(reader, { type, filter, sort: [], limit, keysOnly: true }));
}

/** So many candidates at least are tested together when a chain ends in too many resources to list. */
const leastBatch = 100;

/** The first resources of a type that match, in the order of the sort. */
export async function findMatching(reader: Reader, query: MatchQuery): Promise<readonly Found[]> {
  const { type, filter, limit } = query;
  const { chains, whole } = await resolveChains({ reader, findKeys }, type, filter);
  const where = compileFilter(filter, type, chains);
  const homes = homesOf(filter, type);
  if (whole) return findPage(reader, { ...query, where, homes });
  const found: Found[] = [];
  const batch = Math.max(limit, leastBatch);
  let { after } = query;
  for (;;) {
    const candidates = await findPage(reader, { ...query, where, homes, limit: batch, after });
    const matching = await matchingAmong(reader, type, filter, keysOf(candidates));
    found.push(...candidates.filter(({ document }) => matching.has(document._id)));
    after = candidates.at(-1);
    if (found.length >= limit || candidates.length < batch || !after) return found.slice(0, limit);
  }
}

function keysOf(found: readonly Found[]): readonly DocumentKey[] {
  return found.map(({ document }) => document._id);
}

/** Tests resources one by one that were found by a part of the filter. */
async function matchingAmong(
  reader: Reader,
  type: ResourceType,
  filter: Filter,
  among: readonly DocumentKey[],
): Promise<ReadonlySet<DocumentKey>> {
  if (among.length === 0) return new Set();
  const { chains } = await resolveChains({ reader, findKeys }, type, filter, among);
  const where = compileFilter(filter, type, chains);
  if (where === 'none') return new Set();
  const query = { $and: [{ _id: { $in: among } }, matchQuery(reader, { type, where })] };
  const documents = await reader.resources
    .find(query, { ...readOptions(reader), projection: { _id: 1 } })
    .toArray();
  return new Set(documents.map(({ _id }) => _id));
}

export async function countMatches(
  reader: Reader,
  types: readonly ResourceType[],
  asked: Filter,
  hasGone?: HasGone,
): Promise<number> {
  const filter = await namingAliases(reader, asked);
  await requireSettled(reader, types, filter);
  let count = 0;
  for (const type of types) {
    requireWaiter(hasGone);
    count += await countIn(reader, type, filter);
  }
  return count;
}

async function countIn(reader: Reader, type: ResourceType, filter: Filter): Promise<number> {
  const { chains, whole } = await resolveChains({ reader, findKeys }, type, filter);
  const where: Query = compileFilter(filter, type, chains);
  if (where === 'none') return 0;
  const homes = homesOf(filter, type);
  if (whole) {
    return reader.resources.countDocuments(matchQuery(reader, { type, where, homes }), readOptions(reader));
  }
  const batch = 1000;
  let count = 0;
  let after: Position | undefined;
  for (;;) {
    const candidates = await findPage(reader, {
      type,
      where,
      homes,
      sort: [],
      limit: batch,
      after,
      keysOnly: true,
    });
    count += (await matchingAmong(reader, type, filter, keysOf(candidates))).size;
    after = candidates.at(-1);
    if (candidates.length < batch) return count;
  }
}

/** Whether anything of the type matches: what a guard asks. */
export async function matchesAny(reader: Reader, type: ResourceType, filter: Filter): Promise<boolean> {
  const found = await findMatching(reader, { type, filter, sort: [], limit: 1, keysOnly: true });
  return found.length > 0;
}

/** In key order. */
export function scanPage(
  reader: Reader,
  { type, filter = everything, count, after }: ScanQuery,
): Promise<SearchPage> {
  const query = { types: [type], filter, sort: [], count };
  return searchPage(reader, after === undefined ? query : { ...query, after });
}
