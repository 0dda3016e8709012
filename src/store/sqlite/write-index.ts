import type { IndexValue, IndexValues, SimpleValue } from '../../search/index-values.ts';
import { compositeRow } from './composite-row.ts';
import type { Connection } from './connection.ts';
import type { Bindable } from './driver.ts';
import type { GrowingNames } from './names.ts';
import { type BufferedTable, bufferedColumns, insertRows, type RowBuffer } from './row-buffer.ts';

type Table = Exclude<BufferedTable, 'patient_mark'>;

const tables = Object.keys(bufferedColumns).filter((name) => name !== 'patient_mark') as Table[];
type Statements = { readonly find: string; readonly removeAll: string; readonly removeOne: string };

const statements = Object.fromEntries(tables.map((table) => [table, statementsOf(table)])) as Record<
  Table,
  Statements
>;

function statementsOf(table: Table): Statements {
  const names: readonly string[] = bufferedColumns[table];
  const of = `FROM ${table} WHERE rid = ?`;
  const others = names.slice(1);
  return {
    find: `SELECT ${others.join(', ') || 'rid'} ${of}`,
    removeAll: `DELETE ${of}`,
    removeOne: `DELETE ${of}${others.map((name) => ` AND ${name} = ?`).join('')}`,
  };
}

export type IndexWriter = {
  readonly db: Connection;
  readonly rows: RowBuffer;
  readonly names: GrowingNames;
  /** The row of a resource that is referred to; it is made when the resource does not exist yet. */
  readonly ridOf: (type: string, id: string) => number;
};

/** What is to be bound for each table, row behind row. */
type Rows = Map<BufferedTable, Bindable[]>;

/** The rows wait in the buffer. */
export function addIndex(writer: IndexWriter, type: string, rid: number, index: IndexValues): void {
  eachRow(writer, type, rid, index, writer.rows.add);
}

/** What stays as it is is left alone: most updates change little, and each row lies on two pages. */
export function replaceIndex(writer: IndexWriter, type: string, rid: number, index: IndexValues): void {
  const rows: Rows = new Map();
  eachRow(writer, type, rid, index, (table, keys, others) => {
    const bound = rows.get(table);
    if (bound) bound.push(...keys, ...others);
    else rows.set(table, [...keys, ...others]);
  });
  writer.rows.flush();
  for (const table of tables) replaceRows(writer.db, table, rid, rows.get(table) ?? []);
}

function replaceRows(db: Connection, table: Table, rid: number, bound: readonly Bindable[]): void {
  const width = bufferedColumns[table].length;
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

type Take = RowBuffer['add'];

function eachRow(writer: IndexWriter, type: string, rid: number, index: IndexValues, take: Take): void {
  for (const code in index) {
    const values = index[code] ?? [];
    const param = writer.names.paramId(type, code);
    if (values.length > 1) writer.names.noteSeveral(param);
    for (const [position, value] of values.entries()) takeRows(writer, [rid, param], value, position, take);
  }
}

function takeRows(
  writer: IndexWriter,
  place: readonly [rid: number, param: number],
  value: IndexValue,
  position: number,
  take: Take,
): void {
  if (value.kind === 'composite') takeTuple(writer, [...place, position], value.parts, take);
  else {
    const [table, ...others] = rowOf(writer, value);
    take(table, place, others);
  }
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

function takeTuple(
  { names }: IndexWriter,
  place: readonly number[],
  parts: readonly SimpleValue[],
  take: Take,
): void {
  parts.forEach((part, i) => {
    const { system, code, text, low, high } = compositeRow(part, names);
    take('composite_value', place, [i, part.kind, system, code, text, low, high]);
  });
}
