import { Buffer } from 'node:buffer';
import type { SortValue } from '../../search/sort.ts';
import { type Cursor, InvalidCursorError } from './store.ts';

/** Where a page ended: the sort values of its last resource, its type and id. */
export type Position = { readonly values: readonly SortValue[]; readonly type: string; readonly id: string };

export function writeCursor(position: Position): Cursor {
  const { values, type, id } = position;
  // Numbers are written as text, since JSON has no infinity.
  const marked = values.map((value) =>
    value === undefined ? null : typeof value === 'number' ? `n${value}` : `s${value}`,
  );
  return Buffer.from(JSON.stringify([type, id, ...marked])).toString('base64url');
}

/** Throws InvalidCursorError for anything that `writeCursor` does not write for so many sort keys. */
export function readCursor(cursor: Cursor, keys: number): Position {
  const [type, id, ...marked] = readJsonArray(cursor);
  if (typeof type !== 'string' || typeof id !== 'string' || marked.length !== keys) throw invalid();
  return { type, id, values: marked.map(readValue) };
}

export function readNumberCursor(cursor: Cursor): number {
  const seq = Number(cursor);
  if (!/^[0-9]{1,15}$/.test(cursor)) throw invalid();
  return seq;
}

/** Where a page of records ended: the key of its last. */
export function writeKeyCursor(key: string): Cursor {
  return Buffer.from(JSON.stringify([key])).toString('base64url');
}

export function readKeyCursor(cursor: Cursor): string {
  const [key, ...others] = readJsonArray(cursor);
  if (typeof key !== 'string' || others.length > 0) throw invalid();
  return key;
}

function readJsonArray(cursor: Cursor): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw new InvalidCursorError('The cursor cannot be read.', { cause: error });
  }
  if (!Array.isArray(parsed)) throw invalid();
  return parsed;
}

function readValue(marked: unknown): SortValue {
  if (marked === null) return undefined;
  if (typeof marked !== 'string') throw invalid();
  if (marked.startsWith('s')) return marked.slice(1);
  const value = Number(marked.slice(1));
  if (!marked.startsWith('n') || Number.isNaN(value)) throw invalid();
  return value;
}

function invalid(): InvalidCursorError {
  return new InvalidCursorError('The cursor was not made by this store for this search.');
}
