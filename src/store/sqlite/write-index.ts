import type { IndexValue, IndexValues, SimpleValue } from '../../search/index-values.ts';
import { compositeRow } from './composite-row.ts';
import type { Connection } from './connection.ts';
import type { Bindable } from './driver.ts';
import type { GrowingNames } from './names.ts';

/** The tables of index values and their columns, in the order they are bound. */
const columns = {
  token_value: ['rid', 'param', 'system', 'code'],
  text_value: ['rid', 'param', 'phrase'],
  string_value: ['rid', 'param', 'folded', 'original'],
  reference_value: ['rid', 'param', 'target'],
  uri_value: ['rid', 'param', 'uri', 'version'],
  date_value: ['rid', 'param', 'first', 'last'],
  quantity_value: ['rid', 'param', 'low', 'high', 'system', 'code', 'unit'],
  present_value: ['rid', 'param'],
  composite_value: ['rid', 'param', 'tuple', 'part', 'kind', 'system', 'code', 'text', 'low', 'high'],
} as const;

type Table = keyof typeof columns;

const tables = Object.keys(columns) as Table[];
type Statements = { readonly find: string; readonly removeAll: string; readonly removeOne: string };

const statements = Object.fromEntries(tables.map((table) => [table, statementsOf(table)])) as Record<
  Table,
  Statements
>;

function statementsOf(table: Table): Statements {
  const names: readonly string[] = columns[table];
  const of = `FROM ${table} WHERE rid = ?`;
  const others = names.slice(1);
  return {
    find: `SELECT ${others.join(', ') || 'rid'} ${of}`,
    removeAll: `DELETE ${of}`,
    removeOne: `DELETE ${of}${others.map((name) => ` AND ${name} = ?`).join('')}`,
  };
}

/** One statement writes up to so many rows: a call costs about as much as a row does. */
const rowsTogether = 12;
const inserts = Object.fromEntries(tables.map((table) => [table, insertsInto(table)])) as Record<
  Table,
  readonly string[]
>;

function insertsInto(table: Table): readonly string[] {
  const names = columns[table];
  const row = `(${names.map(() => '?').join(', ')})`;
  const head = `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES `;
  return Array.from({ length: rowsTogether + 1 }, (_, n) => head + Array(n).fill(row).join(', '));
}

export type IndexWriter = {
  readonly db: Connection;
  readonly names: GrowingNames;
  /** The row of a resource that is referred to; it is made when the resource does not exist yet. */
  readonly ridOf: (type: string, id: string) => number;
};

/** What is to be bound for each table, row behind row. */
type Rows = Map<Table, Bindable[]>;

export function addIndex(writer: IndexWriter, type: string, rid: number, index: IndexValues): void {
  for (const [table, bound] of rowsOf(writer, type, rid, index)) insertRows(writer.db, table, bound);
}

/** What stays as it is is left alone: most updates change little, and each row lies on two pages. */
export function replaceIndex(writer: IndexWriter, type: string, rid: number, index: IndexValues): void {
  const rows = rowsOf(writer, type, rid, index);
  for (const table of tables) replaceRows(writer.db, table, rid, rows.get(table) ?? []);
}

function replaceRows(db: Connection, table: Table, rid: number, bound: readonly Bindable[]): void {
  const width = columns[table].length;
  const added = new Map<string, readonly Bindable[]>();
  for (let at = 0; at < bound.length; at += width) {
    const row = bound.slice(at, at + width);
    added.set(nameOf(row.slice(1)), row);
  }
  const { find, removeAll, removeOne } = statements[table];
  const there = db.tuples(find, [rid]);
  const gone = there.filter((row) => !added.delete(nameOf(row)));
  // A statement for each costs more than to write anew the few that stay.
  if (gone.length * 2 > there.length) {
    db.run(removeAll, [rid]);
    insertRows(db, table, bound);
    return;
  }
  for (const row of gone) db.run(removeOne, [rid, ...row]);
  insertRows(db, table, [...added.values()].flat());
}

/** No two rows have one name: no text of an index value holds U+0000. */
function nameOf(row: readonly Bindable[]): string {
  return row.join('\u0000');
}

function rowsOf(writer: IndexWriter, type: string, rid: number, index: IndexValues): Rows {
  const rows: Rows = new Map();
  for (const code in index) {
    const values = index[code] ?? [];
    const param = writer.names.paramId(type, code);
    if (values.length > 1) writer.names.noteSeveral(param);
    for (const [position, value] of values.entries()) addValue(rows, writer, [rid, param], value, position);
  }
  return rows;
}

function addValue(
  rows: Rows,
  writer: IndexWriter,
  place: readonly [rid: number, param: number],
  value: IndexValue,
  position: number,
): void {
  if (value.kind === 'composite') {
    addTuple(rows, writer, [...place, position], value.parts);
    return;
  }
  const [table, ...bound] = rowOf(writer, value);
  bind(rows, table, place, bound);
}

function insertRows(db: Connection, table: Table, bound: readonly Bindable[]): void {
  const width = columns[table].length;
  for (let at = 0; at < bound.length; at += rowsTogether * width) {
    const some = bound.length <= rowsTogether * width ? bound : bound.slice(at, at + rowsTogether * width);
    db.run(inserts[table][some.length / width] ?? '', some);
  }
}

function bind(rows: Rows, table: Table, place: readonly number[], values: readonly Bindable[]): void {
  const bound = rows.get(table);
  if (bound) bound.push(...place, ...values);
  else rows.set(table, [...place, ...values]);
}

/** The table of a value, and what stands in it behind rid and param. */
function rowOf({ names, ridOf }: IndexWriter, value: SimpleValue): readonly [Table, ...Bindable[]] {
  switch (value.kind) {
    case 'token':
      return ['token_value', names.systemId(value.system), value.code];
    case 'text':
      return ['text_value', names.phraseId(value.folded)];
    case 'string':
      return ['string_value', value.folded, value.original];
    case 'reference':
      return ['reference_value', ridOf(value.type, value.id)];
    case 'uri':
      return ['uri_value', value.uri, value.version];
    case 'date':
      return ['date_value', value.first, value.last];
    case 'quantity': {
      const { low, high, system, code, unit } = value;
      return ['quantity_value', low, high, names.systemId(system), code, unit];
    }
    case 'present':
      return ['present_value'];
  }
}

function addTuple(
  rows: Rows,
  { names }: IndexWriter,
  place: readonly number[],
  parts: readonly SimpleValue[],
): void {
  parts.forEach((part, i) => {
    const { system, code, text, low, high } = compositeRow(part, names);
    bind(rows, 'composite_value', place, [i, part.kind, system, code, text, low, high]);
  });
}
