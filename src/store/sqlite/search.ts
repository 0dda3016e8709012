import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter, ValueTest } from '../../search/filter.ts';
import { compareText } from '../../search/fold-text.ts';
import { compareValues, type SortKey, type SortValue } from '../../search/sort.ts';
import { type Position, readCursor, writeCursor } from '../contract/cursor.ts';
import type { SearchPage, SearchQuery, StoredResource } from '../contract/store.ts';
import {
  type Compiler,
  compileSet,
  compileTest,
  memberSql,
  type Plan,
  planFilter,
  resourceRow,
} from './compile-filter.ts';
import { numberOf, textOf } from './connection.ts';
import { fewMatches } from './few-matches.ts';
import { compilerOf, countingCompilerOf, type Reader } from './reader.ts';
import { afterSql, keyColumns, orderBy, sortExpression, sortedSource } from './sort-sql.ts';
import { conjunction, glue, limitSql, never, type Sql, sql } from './sql.ts';
import { toStored } from './to-stored.ts';

type Found = {
  readonly type: ResourceType;
  readonly id: string;
  readonly seq: number;
  readonly values: SortValue[];
};

const readVersionRow = 'SELECT version, last_updated, method, text FROM version WHERE seq = ?';
const readVersionRows =
  'SELECT v.seq, v.version, v.last_updated, v.method, v.text FROM json_each(?) j CROSS JOIN version v ON v.seq = j.value';

export function searchPage(reader: Reader, query: SearchQuery): SearchPage {
  return fewIn(reader, query) ?? plannedPage(reader, query);
}

/** The page by the plan of the filter: a small set that is gathered, or a walk along all of the type. */
export function plannedPage(reader: Reader, query: SearchQuery): SearchPage {
  const { types, sort, count } = query;
  const after = query.after === undefined ? undefined : readCursor(query.after, sort.length);
  const found =
    types.length === 1 ? findIn(reader, query, types[0], after) : findAcross(reader, query, after);
  const page = found.slice(0, count);
  const last = page.at(-1);
  return {
    matches: readAllFound(reader, page),
    ...(last && found.length > count && { next: writeCursor(last) }),
  };
}

/** Whether indexes lead to no more than so many resources of each type, however many match. */
export function leadsToFew(
  reader: Reader,
  types: readonly ResourceType[],
  filter: Filter,
  most: number,
): boolean {
  const compiler = { ...compilerOf(reader, 1), smallSet: most, smallWhole: () => most };
  return types.every((type) => {
    if (reader.names.typeId(type) === undefined) return true;
    const { set, rest } = planFilter(filter, type, compiler);
    return set !== undefined || compileTest(rest, resourceRow(type), compiler) === never;
  });
}

/** The first page where one index leads to few resources; undefined where that is not so. */
export function fewIn(reader: Reader, query: SearchQuery): SearchPage | undefined {
  const [only, ...others] = query.types;
  const few = only !== undefined && others.length === 0 ? fewMatches(reader, query, only) : undefined;
  return few && firstPage(few, query.count);
}

function firstPage(all: readonly StoredResource[], count: number): SearchPage {
  if (all.length <= count) return { matches: all };
  const matches = all.slice(0, count);
  const last = matches.at(-1);
  return { matches, ...(last && { next: writeCursor({ values: [], type: last.type, id: last.id }) }) };
}

/** Each type gives its first resources in order, so the first of all are among them. */
function findAcross(reader: Reader, query: SearchQuery, after: Position | undefined): readonly Found[] {
  const { sort, count } = query;
  const found: Found[] = [];
  for (const type of [...query.types].sort(compareText)) {
    found.push(...findIn(reader, query, type, after));
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
function findIn(
  reader: Reader,
  query: SearchQuery,
  type: ResourceType | undefined,
  after: Position | undefined,
): readonly Found[] {
  if (type === undefined || reader.names.typeId(type) === undefined) return [];
  const compiler = compilerOf(reader, query.count + 1);
  const plan = planFilter(query.filter, type, compiler);
  if (!plan.set && compileTest(plan.rest, resourceRow(type), compiler) === never) return [];
  const scan: Scan = { reader, compiler, type, plan, sort: query.sort, limit: query.count + 1, after };
  if (plan.set) return runGathered(scan, plan.set);
  const first = query.sort[0];
  const sorted = first && sortedSource(first, type, reader.names);
  return sorted ? runByValue(scan, sorted) : runByResource(scan);
}

type Scan = {
  readonly reader: Reader;
  readonly compiler: Compiler;
  readonly type: ResourceType;
  readonly plan: Plan;
  readonly sort: readonly SortKey[];
  readonly limit: number;
  readonly after: Position | undefined;
};

/** A small set: gather it, test it, sort it. */
function runGathered(scan: Scan, set: Sql): readonly Found[] {
  const { type, plan, sort, compiler, reader } = scan;
  const keys = sort.map((key) => sortExpression(key, type, reader.names));
  const where = conjunction([
    ...watchOf(scan.reader),
    memberSql(set, plan.rest, type, compiler),
    ...afterOf(scan),
  ]);
  return select(
    scan,
    glue('SELECT r.id, r.seq', keyColumns(keys), ' FROM resource r WHERE ', where),
    orderBy(sort),
  );
}

/** The resources of the type in the order of their ids, or of their times; any other order is sorted. */
function runByResource(scan: Scan): readonly Found[] {
  const { type, sort, reader } = scan;
  const [first] = sort;
  const keys = sort.map((key) => sortExpression(key, type, reader.names));
  const byTime = first?.by === 'lastUpdated';
  const index = byTime ? 'resource_by_time' : 'resource_by_id';
  const from = glue('SELECT r.id, r.seq', keyColumns(keys), ` FROM resource r INDEXED BY ${index} WHERE `);
  const live = sql(byTime ? 'r.type = ? AND r.live = 1' : 'r.type = ? AND +r.live = 1', typeIdOf(scan));
  const where = conjunction([live, ...watchOf(reader), testOf(scan), ...startOf(scan), ...afterOf(scan)]);
  const inOrder = first !== undefined && (byTime || first.by === 'id');
  return select(
    scan,
    glue(from, where),
    inOrder ? plainOrder(sort, byTime ? 'r.last_updated' : 'r.id') : orderBy(sort),
  );
}

/** A bound on the index that is walked, so that a later page starts where the one before ended. */
function startOf(scan: Scan): readonly Sql[] {
  const { sort, after, type } = scan;
  const [first] = sort;
  if (!after) return [];
  if (!first) return after.type === type ? [sql('r.id > ?', after.id)] : [];
  const value = after.values[0];
  if (value === undefined) return [];
  const beyond = first.descending ? '<=' : '>=';
  if (first.by === 'lastUpdated') return [sql(`r.last_updated ${beyond} ?`, value)];
  return first.by === 'id' ? [sql(`r.id ${beyond} ?`, value)] : [];
}

/** Walks the index of the first key; those without a value come after. */
function runByValue(scan: Scan, source: NonNullable<ReturnType<typeof sortedSource>>): readonly Found[] {
  const { type, sort, reader, limit, after } = scan;
  const rest = sort.slice(1).map((key) => sortExpression(key, type, reader.names));
  const [first] = sort;
  const inMissing = after !== undefined && after.values[0] === undefined;
  const head = (k0: string) => glue('SELECT r.id, r.seq', keyColumns([sql(k0), ...rest]), ' FROM ');
  const test = [...watchOf(reader), sql('+r.live = 1'), testOf(scan), ...afterOf(scan)];
  const start = after?.values[0];
  const from =
    start === undefined ? [] : [sql(`${source.column} ${first?.descending ? '<=' : '>='} ?`, start)];
  const valued = inMissing
    ? []
    : select(
        scan,
        glue(head(source.column), `${source.from} WHERE `, conjunction([source.where, ...from, ...test])),
        plainOrder(sort, source.column),
      );
  if (valued.length >= limit) return valued;
  const ofType = sql('r.type = ?', typeIdOf(scan));
  const missing = select(
    { ...scan, limit: limit - valued.length },
    glue(
      head('NULL'),
      'resource r INDEXED BY resource_by_id WHERE ',
      conjunction([ofType, source.missing, ...test]),
    ),
    orderBy(sort.slice(1), 1),
  );
  return [...valued, ...missing];
}

/** The first key by the column of the index, so that SQLite sees that it is sorted already. */
function plainOrder(sort: readonly SortKey[], column: string): string {
  const direction = sort[0]?.descending ? 'DESC' : 'ASC';
  return `${column} ${direction}, ${orderBy(sort.slice(1), 1)}`;
}

function testOf(scan: Scan): Sql {
  return compileTest(scan.plan.rest, resourceRow(scan.type), scan.compiler);
}

function watchOf({ watch }: Reader): readonly Sql[] {
  return watch ? [watch('r.rid')] : [];
}

function typeIdOf(scan: Scan): number {
  return scan.reader.names.typeId(scan.type) ?? -1;
}

function afterOf(scan: Scan): readonly Sql[] {
  const { after, sort, type } = scan;
  if (!after) return [];
  const order = compareText(type, after.type);
  const tie = order === 0 ? sql('r.id > ?', after.id) : sql(order > 0 ? '1' : '0');
  return [afterSql(sort, after.values, tie)];
}

function select(scan: Scan, query: Sql, order: string): readonly Found[] {
  const rows = scan.reader.db.all(`${query.text} ORDER BY ${order} ${limitSql(scan.limit)}`, query.args);
  return rows.map((row) => ({
    type: scan.type,
    id: textOf(row, 'id'),
    seq: numberOf(row, 'seq'),
    values: scan.sort.map((_, i) => row[`k${i}`] ?? undefined),
  }));
}

/** The versions were current when their resources were found; versions stay, so they can still be read. */
function readAllFound(reader: Reader, found: readonly Found[]): readonly StoredResource[] {
  const [only, ...others] = found;
  if (!only) return [];
  if (others.length === 0)
    return [toStored(only.type, { ...reader.db.get(readVersionRow, [only.seq]), id: only.id })];
  const rows = reader.db.all(readVersionRows, [JSON.stringify(found.map(({ seq }) => seq))]);
  const bySeq = new Map(rows.map((row) => [numberOf(row, 'seq'), row]));
  return found.map(({ type, id, seq }) => toStored(type, { ...bySeq.get(seq), id }));
}

export function countMatches(reader: Reader, types: readonly ResourceType[], filter: Filter): number {
  return types.reduce((sum, type) => sum + countIn(reader, type, filter), 0);
}

function countIn(reader: Reader, type: ResourceType, filter: Filter): number {
  const typeId = reader.names.typeId(type);
  if (typeId === undefined) return 0;
  const query = countSql(reader, filter, type, typeId);
  return query ? numberOf(reader.db.get(query.text, query.args) ?? {}, 'n') : 0;
}

function countSql(reader: Reader, filter: Filter, type: ResourceType, typeId: number): Sql | undefined {
  const compiler = countingCompilerOf(reader);
  const watch = watchOf(reader);
  const entries = countEntries(filter, type, compiler);
  if (entries) return entries;
  const { set, rest } = planFilter(filter, type, compiler);
  if (set) {
    const member = conjunction([...watch, memberSql(set, rest, type, compiler)]);
    return glue('SELECT count(*) AS n FROM resource r WHERE ', member);
  }
  const test = compileTest(rest, resourceRow(type), compiler);
  // SQLite would drop `live = 1` beside a constant, and with it the index.
  if (test === never) return undefined;
  const live = sql('r.type = ? AND r.live = 1 AND ', typeId);
  const where = glue(live, conjunction([...watch, test]));
  return glue('SELECT count(*) AS n FROM resource r INDEXED BY resource_by_time WHERE ', where);
}

/** One test on a parameter: its entries are those of live resources of the type, so that they alone are counted. */
function countEntries(filter: Filter, type: ResourceType, compiler: Compiler): Sql | undefined {
  if (filter.kind !== 'value') return undefined;
  const set = compileSet(filter, type, compiler);
  const param = compiler.names.paramId(type, filter.param);
  if (!set || param === undefined) return undefined;
  const rid = compiler.names.isSingle(param) && isOneRange(filter.test) ? 'rid' : 'DISTINCT rid';
  return glue(`SELECT count(${rid}) AS n FROM (`, set, ')');
}

/** Whether one entry can stand only once in the set. */
function isOneRange(test: ValueTest): boolean {
  return test.kind === 'token' || test.kind === 'reference' ? test.anyOf.length === 1 : test.kind !== 'uri';
}

/** Whether anything of the type matches: what a guard asks. */
export function matchesAny(reader: Reader, type: ResourceType, filter: Filter): boolean {
  return findIn(reader, { types: [type], filter, sort: [], count: 0 }, type, undefined).length > 0;
}
