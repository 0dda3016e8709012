import type { Connection } from './connection.ts';
import type { Bindable } from './driver.ts';

/** The tables whose rows may wait, and their columns, in the order they are bound. */
export const bufferedColumns = {
  token_value: ['rid', 'param', 'system', 'code'],
  text_value: ['rid', 'param', 'phrase'],
  string_value: ['rid', 'param', 'folded', 'original'],
  reference_value: ['rid', 'param', 'target'],
  uri_value: ['rid', 'param', 'uri', 'version'],
  date_value: ['rid', 'param', 'first', 'last'],
  quantity_value: ['rid', 'param', 'low', 'high', 'system', 'code', 'unit'],
  present_value: ['rid', 'param'],
  composite_value: ['rid', 'param', 'tuple', 'part', 'kind', 'system', 'code', 'text', 'low', 'high'],
  patient_mark: ['patient', 'mark'],
} as const;

export type BufferedTable = keyof typeof bufferedColumns;

/** One statement writes up to so many rows, or a few: a call costs about as much as a row does. */
const rowsTogether = 64;
const fewRows = 12;
/** So many values wait at most. */
const mostBuffered = 20_000;

const inserts = Object.fromEntries(
  Object.entries(bufferedColumns).map(([table, names]) => [table, insertsInto(table, names)]),
) as Record<BufferedTable, readonly (string | undefined)[]>;

/** By how many rows they write. */
function insertsInto(table: string, names: readonly string[]): readonly (string | undefined)[] {
  const row = `(${names.map(() => '?').join(', ')})`;
  const head = `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES `;
  const sizes = [...Array(fewRows + 1).keys(), rowsTogether];
  const statements: string[] = [];
  for (const n of sizes) statements[n] = head + Array(n).fill(row).join(', ');
  return statements;
}

/** Rows that are written later in the same transaction, those of several resources by one statement. */
export type RowBuffer = {
  /** Behind `keys`, which begin each row, its other columns. */
  readonly add: (table: BufferedTable, keys: readonly Bindable[], others: readonly Bindable[]) => void;
  /** Writes what waits; due before anything is looked up in its tables, and before a savepoint begins or ends. */
  readonly flush: () => void;
  /** Forgets what waits, where what it belongs to was rolled back. */
  readonly forget: () => void;
};

export function openRowBuffer(db: Connection): RowBuffer {
  const waiting = new Map<BufferedTable, Bindable[]>();
  let values = 0;
  const forget = () => {
    waiting.clear();
    values = 0;
  };
  const flush = () => {
    if (values === 0) return;
    for (const [table, bound] of waiting) insertRows(db, table, bound);
    forget();
  };
  const add: RowBuffer['add'] = (table, keys, others) => {
    const bound = waiting.get(table);
    if (bound) bound.push(...keys, ...others);
    else waiting.set(table, [...keys, ...others]);
    values += keys.length + others.length;
    if (values >= mostBuffered) flush();
  };
  return { add, flush, forget };
}

/** `bound` row behind row. */
export function insertRows(db: Connection, table: BufferedTable, bound: readonly Bindable[]): void {
  const width = bufferedColumns[table].length;
  for (let at = 0; at < bound.length; ) {
    const left = (bound.length - at) / width;
    const rows = left >= rowsTogether ? rowsTogether : Math.min(left, fewRows);
    const some = rows === bound.length / width ? bound : bound.slice(at, at + rows * width);
    db.run(inserts[table][rows] ?? '', some);
    at += rows * width;
  }
}
