import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import { compareText } from '../../search/fold-text.ts';
import { compareValues, type SortKey } from '../../search/sort.ts';
import { type Position, readCursor, writeCursor } from '../contract/cursor.ts';
import type { SearchPage, SearchQuery, StoredResource } from '../contract/store.ts';
import { type Compiler, compileTest, type Plan, planFilter, resourceRow } from './compile-filter.ts';
import { fewMatches } from './few-matches.ts';
import { oneMatch } from './one-match.ts';
import { readVersions } from './read-versions.ts';
import { boundedCompilerOf, compilerOf, type Reader } from './reader.ts';
import { type Found, runByResource, runByValue, runGathered, type Scan } from './scan.ts';
import { sortedSource } from './sort-sql.ts';
import { never, sql } from './sql.ts';
import { toStored } from './to-stored.ts';

const readVersionRow = 'SELECT version, last_updated, method, text FROM version WHERE seq = ?';

export function searchPage(reader: Reader, query: SearchQuery): SearchPage {
  return fewIn(reader, query) ?? plannedPage(reader, query);
}

/** The page by the plan of the filter: a small set that is gathered, or a walk along all of the type. */
function plannedPage(reader: Reader, query: SearchQuery): SearchPage {
  const compiler = compilerOf(reader, query.count + 1);
  return pageOf({ reader, query, compiler, planOf: (type) => planOf(reader, query.filter, type, compiler) });
}

/**
 * The page where indexes lead to no more than so many resources of each type, however many match; undefined where they
 * do not.
 */
export function pageWithin(reader: Reader, query: SearchQuery, most: number): SearchPage | undefined {
  const compiler = boundedCompilerOf(reader, most);
  const plans = new Map<ResourceType, Plan | undefined>();
  for (const type of query.types) {
    const plan = planOf(reader, query.filter, type, compiler);
    if (plan && !plan.set) return undefined;
    plans.set(type, plan);
  }
  return pageOf({ reader, query, compiler, planOf: (type) => plans.get(type) });
}

/**
 * The page where a walk in the order of the ids fills it from the next so many resources: what most of them match.
 * Undefined where it does not, and of a search that has another order.
 */
export function pageOfNext(reader: Reader, query: SearchQuery, most: number): SearchPage | undefined {
  const [type, ...others] = query.types;
  if (type === undefined || others.length > 0 || query.sort.length > 0) return undefined;
  const after = query.after === undefined ? undefined : readCursor(query.after, 0);
  const typeId = reader.names.typeId(type) ?? -1;
  const start = after?.type === type ? after.id : '';
  const last = reader.db.get(idFurtherOn, [typeId, start, most - 1])?.['id'];
  if (typeof last !== 'string') return undefined;
  const compiler = compilerOf(reader, query.count + 1);
  const plan: Plan = { set: undefined, rest: query.filter };
  const found = runByResource(scanOf({ reader, query, compiler }, type, plan, after), [
    sql('r.id <= ?', last),
  ]);
  return found.length > query.count ? toPage(reader, query, found) : undefined;
}

const idFurtherOn =
  'SELECT id FROM resource INDEXED BY resource_by_id WHERE type = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?';

/** How a page is looked for; no plan where nothing of the type can match. */
type Search = {
  readonly reader: Reader;
  readonly query: SearchQuery;
  readonly compiler: Compiler;
  readonly planOf: (type: ResourceType) => Plan | undefined;
};

function pageOf(search: Search): SearchPage {
  const { reader, query } = search;
  const { types, sort } = query;
  const [only, ...others] = types;
  const after = query.after === undefined ? undefined : readCursor(query.after, sort.length);
  const isOne = only !== undefined && others.length === 0;
  return toPage(reader, query, isOne ? findIn(search, only, after) : findAcross(search, after));
}

/** Of one more than a page, which shows that there is a next one. */
function toPage(reader: Reader, { count, room }: SearchQuery, found: readonly Found[]): SearchPage {
  const matches = readAllFound(reader, found.slice(0, count), room);
  const page = found.slice(0, matches.length);
  const last = page.at(-1);
  return {
    matches,
    ...(last && found.length > page.length && { next: writeCursor(last) }),
  };
}

/** The plan for one type; undefined where nothing of it can match. */
export function planOf(
  { names }: Reader,
  filter: Filter,
  type: ResourceType,
  compiler: Compiler,
): Plan | undefined {
  if (names.typeId(type) === undefined) return undefined;
  const plan = planFilter(filter, type, compiler);
  return plan.set || compileTest(plan.rest, resourceRow(type), compiler) !== never ? plan : undefined;
}

/** The first page where one index leads to few resources; undefined where that is not so. */
export function fewIn(reader: Reader, query: SearchQuery): SearchPage | undefined {
  const [only, ...others] = query.types;
  if (only === undefined || others.length > 0) return undefined;
  const few = oneMatch(reader, query, only) ?? fewMatches(reader, query, only);
  return few && firstPage(few, query.count);
}

function firstPage(all: readonly StoredResource[], count: number): SearchPage {
  if (all.length <= count) return { matches: all };
  const matches = all.slice(0, count);
  const last = matches.at(-1);
  return { matches, ...(last && { next: writeCursor({ values: [], type: last.type, id: last.id }) }) };
}

/** Each type gives its first resources in order, so the first of all are among them. */
function findAcross(search: Search, after: Position | undefined): readonly Found[] {
  const { types, sort, count } = search.query;
  const found: Found[] = [];
  for (const type of [...types].sort(compareText)) {
    found.push(...findIn(search, type, after));
    if (sort.length === 0 && found.length > count) break;
  }
  return found.sort((a, b) => compareFound(sort, a, b)).slice(0, count + 1);
}

function compareFound(sort: readonly SortKey[], a: Found, b: Found): number {
  for (const [i, key] of sort.entries()) {
    const order = compareValues(key, a.values[i], b.values[i]);
    if (order !== 0) return order;
  }
  return compareText(a.type, b.type) || compareText(a.id, b.id);
}

/** One more than a page of one type, so that it shows whether there is a next page. */
function findIn(search: Search, type: ResourceType, after: Position | undefined): readonly Found[] {
  const plan = search.planOf(type);
  if (!plan) return [];
  const scan = scanOf(search, type, plan, after);
  if (plan.set) return runGathered(scan, plan.set);
  const first = scan.sort[0];
  const sorted = first && sortedSource(first, type, search.reader.names);
  return sorted ? runByValue(scan, sorted) : runByResource(scan);
}

function scanOf(
  { reader, query, compiler }: Pick<Search, 'reader' | 'query' | 'compiler'>,
  type: ResourceType,
  plan: Plan,
  after: Position | undefined,
): Scan {
  return { reader, compiler, type, plan, sort: query.sort, limit: query.count + 1, after };
}

/** The versions were current when their resources were found; versions stay, so they can still be read. */
function readAllFound(
  reader: Reader,
  found: readonly Found[],
  room: number | undefined,
): readonly StoredResource[] {
  const [only, ...others] = found;
  if (!only) return [];
  if (others.length === 0)
    return [toStored(only.type, only.id, reader.db.get(readVersionRow, [only.seq]) ?? {})];
  const rows = readVersions(
    reader,
    found.map(({ seq }) => seq),
    room,
  );
  return found.slice(0, rows.length).map(({ type, id }, place) => toStored(type, id, rows[place] ?? {}));
}

/** Whether anything of the type matches: what a guard asks. */
export function matchesAny(reader: Reader, type: ResourceType, filter: Filter): boolean {
  const query: SearchQuery = { types: [type], filter, sort: [], count: 0 };
  const compiler = compilerOf(reader, 1);
  const search = { reader, query, compiler, planOf: () => planOf(reader, filter, type, compiler) };
  return findIn(search, type, undefined).length > 0;
}
