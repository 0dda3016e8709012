import { parseMsRange, writtenDayOf } from '../values/instant.ts';
import { remember } from '../values/remember.ts';
import { tableOf } from '../values/table-of.ts';
import { type ViewColumn, ViewError } from './view-definition.ts';

/**
 * What the cells of a column are in a table. A FHIR date may be a year alone, so that `date`, `dateTime` and `instant`
 * are texts; the tag `ansi/type` makes them days or moments, and what is less than that is null.
 */
export type ColumnKind = 'boolean' | 'integer' | 'number' | 'text' | 'day' | 'moment' | 'json';

const byAnsiType: Readonly<Record<string, ColumnKind>> = tableOf({
  BOOLEAN: 'boolean',
  INTEGER: 'integer',
  INT: 'integer',
  'DOUBLE PRECISION': 'number',
  DATE: 'day',
  TIMESTAMP: 'moment',
  'TIMESTAMP WITH TIME ZONE': 'moment',
});

const byType: Readonly<Record<string, ColumnKind>> = tableOf({
  boolean: 'boolean',
  integer: 'integer',
  positiveInt: 'integer',
  unsignedInt: 'integer',
  decimal: 'number',
});

export function kindOf({ type = '', ansiType = '', isCollection }: ViewColumn): ColumnKind {
  if (isCollection) return 'json';
  return byAnsiType[ansiType.toUpperCase()] ?? byType[type] ?? 'text';
}

/** A cell as JSON has it: days and moments are texts. Collections and what is no primitive are as they are. */
export type Cell = unknown;

/** Throws a ViewError of a value that the column cannot hold. */
export function toCell({ name }: ViewColumn, kind: ColumnKind, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'boolean':
      return fitting(name, kind, value, typeof value === 'boolean');
    case 'integer':
      return fitting(name, kind, value, Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31);
    case 'number':
      return fitting(name, kind, value, typeof value === 'number');
    case 'day':
      return typeof value === 'string' && dayOf(value) !== undefined ? value.slice(0, 10) : null;
    case 'moment':
      return typeof value === 'string' && momentOf(value) !== undefined ? value : null;
    case 'text':
    case 'json':
      return value;
  }
}

/** The same days come again and again. */
export const dayOf = remember(20_000, (text: string) => writtenDayOf(text));

/** Milliseconds, of what names a time of day. */
export function momentOf(text: string): number | undefined {
  return text.includes('T') ? parseMsRange(text)?.first : undefined;
}

function fitting(name: string, kind: ColumnKind, value: unknown, fits: boolean): Cell {
  if (fits) return value;
  throw new ViewError(`the column ${name} holds ${kind}s, and there is a ${typeof value}`);
}

/** A cell of a kind of texts; undefined of null. What is no primitive is its JSON. */
export function textOf(cell: Cell): string | undefined {
  if (cell === null) return undefined;
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** FHIR's primitive types begin with a small letter, and no other type does. */
export function isPrimitiveType(type: string): boolean {
  return /^[a-z]/.test(type);
}
