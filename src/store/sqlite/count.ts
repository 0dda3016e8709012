import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter, ValueTest } from '../../search/filter.ts';
import {
  type Compiler,
  compileSet,
  compileTest,
  memberSql,
  planFilter,
  resourceRow,
} from './compile-filter.ts';
import { numberOf } from './connection.ts';
import { boundedCompilerOf, countingCompilerOf, isKnownLarge, noteLarge, type Reader } from './reader.ts';
import { watchOf } from './scan.ts';
import { planOf } from './search.ts';
import { conjunction, glue, limitSql, never, type Sql, sql } from './sql.ts';

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
  const entries = entriesOf(filter, type, compiler);
  if (entries) return glue(`SELECT count(${entries.counted}) AS n FROM (`, entries.set, ')');
  const plan = planFilter(filter, type, compiler);
  if (plan.set) return countMembers(reader, plan.set, plan.rest, type, compiler);
  const test = compileTest(plan.rest, resourceRow(type), compiler);
  // SQLite would drop `live = 1` beside a constant, and with it the index.
  if (test === never) return undefined;
  const live = sql('r.type = ? AND r.live = 1 AND ', typeId);
  const where = glue(live, conjunction([...watchOf(reader), test]));
  return glue('SELECT count(*) AS n FROM resource r INDEXED BY resource_by_time WHERE ', where);
}

function countMembers(reader: Reader, set: Sql, rest: Filter, type: ResourceType, compiler: Compiler): Sql {
  const member = conjunction([...watchOf(reader), memberSql(set, rest, type, compiler)]);
  return glue('SELECT count(*) AS n FROM resource r WHERE ', member);
}

/** The count where indexes lead to no more than so many resources of each type; undefined where they do not. */
export function countWithin(
  reader: Reader,
  types: readonly ResourceType[],
  filter: Filter,
  most: number,
): number | undefined {
  let sum = 0;
  for (const type of types) {
    const count = countFew(reader, type, filter, most);
    if (count === undefined) return undefined;
    sum += count;
  }
  return sum;
}

function countFew(reader: Reader, type: ResourceType, filter: Filter, most: number): number | undefined {
  const compiler = boundedCompilerOf(reader, most);
  const entries = reader.names.typeId(type) === undefined ? undefined : entriesOf(filter, type, compiler);
  if (entries) return countFewEntries(reader, entries, most);
  const plan = planOf(reader, filter, type, compiler);
  if (!plan) return 0;
  if (!plan.set) return undefined;
  const { text, args } = countMembers(reader, plan.set, plan.rest, type, compiler);
  return numberOf(reader.db.get(text, args) ?? {}, 'n');
}

function countFewEntries(reader: Reader, { set, counted }: Entries, most: number): number | undefined {
  if (isKnownLarge(reader, set, most)) return undefined;
  const looked = `SELECT count(${counted}) AS n, count(*) AS looked FROM (${set.text} ${limitSql(most + 1)})`;
  const row = reader.db.get(looked, set.args) ?? {};
  if (numberOf(row, 'looked') <= most) return numberOf(row, 'n');
  noteLarge(reader, set, most);
  return undefined;
}

/** Entries of an index, and what of them is counted. */
type Entries = { readonly set: Sql; readonly counted: 'rid' | 'DISTINCT rid' };

/** One test on a parameter: its entries are those of live resources of the type, so that they alone are counted. */
function entriesOf(filter: Filter, type: ResourceType, compiler: Compiler): Entries | undefined {
  if (filter.kind !== 'value') return undefined;
  const set = compileSet(filter, type, compiler);
  const param = compiler.names.paramId(type, filter.param);
  if (!set || param === undefined) return undefined;
  return { set, counted: compiler.names.isSingle(param) && isOneRange(filter.test) ? 'rid' : 'DISTINCT rid' };
}

/** Whether one entry can stand only once in the set. */
function isOneRange(test: ValueTest): boolean {
  return test.kind === 'token' || test.kind === 'reference' ? test.anyOf.length === 1 : test.kind !== 'uri';
}
