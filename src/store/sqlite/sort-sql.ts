import type { SortKey, SortKind, SortValue } from '../../search/sort.ts';
import type { Names } from './names.ts';
import { conjunction, disjunction, glue, join, type Sql, sql } from './sql.ts';

type ValueSort = Exclude<SortKind, 'id' | 'lastUpdated' | 'reference'>;

/** Of each kind: its table; the index in its order; the column it sorts by, ascending and descending; the row's key. */
type SortSource = {
  readonly table: string;
  readonly ascending: { readonly index: string; readonly column: string; readonly row: string };
  readonly descending: { readonly index: string; readonly column: string; readonly row: string };
};

const sources: Record<ValueSort, SortSource> = {
  token: bothWays('token_value', 'token_by_code', 'code', 'code, system'),
  string: bothWays('string_value', 'string_by_text', 'folded', 'folded, original'),
  uri: bothWays('uri_value', 'uri_by_text', 'uri', 'uri, version'),
  date: {
    table: 'date_value',
    ascending: { index: 'date_by_first', column: 'first', row: 'first, last' },
    descending: { index: 'date_by_last', column: 'last', row: 'last, first' },
  },
  quantity: {
    table: 'quantity_value',
    ascending: { index: 'quantity_by_low', column: 'low', row: 'low, high, system, code, unit' },
    descending: { index: 'quantity_by_high', column: 'high', row: 'high, low, system, code, unit' },
  },
};

function bothWays(table: string, index: string, column: string, row: string): SortSource {
  const way = { index, column, row };
  return { table, ascending: way, descending: way };
}

/** The value a resource `r` is sorted by; NULL when it has none. */
export function sortExpression(key: SortKey, type: string, names: Names): Sql {
  if (key.by === 'id') return sql('r.id');
  if (key.by === 'lastUpdated') return sql('r.last_updated');
  const param = names.paramId(type, key.param);
  if (param === undefined) return sql('NULL');
  const least = key.descending ? 'max' : 'min';
  if (key.by === 'reference') {
    const target =
      'FROM reference_value t JOIN resource q ON q.rid = t.target JOIN type y ON y.id = q.type WHERE t.rid = r.rid';
    return sql(`(SELECT ${least}(y.name || '/' || q.id) ${target} AND t.param = ?)`, param);
  }
  const source = sources[key.by];
  const { column } = key.descending ? source.descending : source.ascending;
  return sql(
    `(SELECT ${least}(+t.${column}) FROM ${source.table} t WHERE t.rid = r.rid AND +t.param = ?)`,
    param,
  );
}

/**
 * Rows of the index in the order of a key: `s` is each resource's least row, `r` the resource. `column` is what
 * to order by.
 */
export function sortedSource(
  key: SortKey,
  type: string,
  names: Names,
):
  | { readonly from: string; readonly where: Sql; readonly column: string; readonly missing: Sql }
  | undefined {
  if (key.by === 'id' || key.by === 'lastUpdated' || key.by === 'reference') return undefined;
  const param = names.paramId(type, key.param);
  if (param === undefined) return undefined;
  const source = sources[key.by];
  const way = key.descending ? source.descending : source.ascending;
  const columns = (alias: string) => way.row.replace(/[a-z]+/g, (name) => `${alias}.${name}`);
  // The '+' keeps SQLite from the index by value, along which it would walk from the first value to this one.
  const earlier = `(${columns('+m')}) ${key.descending ? '>' : '<'} (${columns('s')})`;
  const lesser = `SELECT 1 FROM ${source.table} m WHERE m.rid = s.rid AND m.param = s.param AND ${earlier}`;
  const none = `NOT EXISTS (SELECT 1 FROM ${source.table} m WHERE m.rid = r.rid AND m.param = ?)`;
  return {
    from: `${source.table} s INDEXED BY ${way.index} CROSS JOIN resource r ON r.rid = s.rid`,
    where: sql(`s.param = ? AND NOT EXISTS (${lesser})`, param),
    column: `s.${way.column}`,
    missing: sql(none, param),
  };
}

/** What comes after the values of a cursor, k0 … being the sort values; ties are decided by `tie`. */
export function afterSql(keys: readonly SortKey[], values: readonly SortValue[], tie: Sql, at = 0): Sql {
  const key = keys[at];
  if (key === undefined) return tie;
  const value = values[at];
  const rest = afterSql(keys, values, tie, at + 1);
  if (value === undefined) return conjunction([sql(`k${at} IS NULL`), rest]);
  return disjunction([
    sql(`k${at} ${key.descending ? '<' : '>'} ?`, value),
    sql(`k${at} IS NULL`),
    conjunction([sql(`k${at} = ?`, value), rest]),
  ]);
}

/** `k0 …` as columns, after those that are given in another way. */
export function keyColumns(expressions: readonly Sql[]): Sql {
  return join(
    expressions.map((expression, i) => glue(', ', expression, ` AS k${i}`)),
    '',
  );
}

/** The sort values as columns `k0 …`, or those from a later one on; ties go by id. */
export function orderBy(keys: readonly SortKey[], from = 0): string {
  const orders = keys.map((key, i) => `k${i + from} ${key.descending ? 'DESC' : 'ASC'} NULLS LAST`);
  return [...orders, 'r.id'].join(', ');
}
