import type { ColumnChunk } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { type ColumnKind, dayOf, kindOf, momentOf, textOf, toCell } from './column-kind.ts';
import { none, writeChunk } from './parquet-chunk.ts';
import type { ParquetValue, PhysicalType } from './parquet-values.ts';
import type { ViewColumn } from './view-definition.ts';

export type ParquetColumn = {
  /** Throws a ViewError of a value that the column cannot hold. */
  readonly put: (value: unknown) => void;
  /** Writes what was put, and forgets it. */
  readonly write: (writer: ByteWriter) => ColumnChunk;
};

export const physicalTypes: Readonly<Record<ColumnKind, PhysicalType>> = {
  boolean: 'BOOLEAN',
  integer: 'INT32',
  number: 'DOUBLE',
  day: 'INT32',
  moment: 'INT64',
  text: 'BYTE_ARRAY',
  json: 'BYTE_ARRAY',
};

/**
 * Keeps each value once, and of the rows its place among them: texts by the hundred thousand, which live until their
 * group is written, are what the collector of garbage would carry from place to place.
 */
export function openColumn(column: ViewColumn, mostRows: number): ParquetColumn {
  const kind = kindOf(column);
  const { name } = column;
  const codes = new Int32Array(mostRows);
  let known = new Map<unknown, number>();
  let values: ParquetValue[] = [];
  let rows = 0;
  const learn = (given: unknown): number => {
    const value = toValue(column, kind, given);
    // A day is counted from texts, which are what comes again.
    const key = kind === 'day' || kind === 'moment' ? given : value;
    const before = known.get(key);
    if (before !== undefined) return before;
    const code = value === undefined ? none : values.push(value) - 1;
    known.set(key, code);
    return code;
  };
  return {
    put: (value) => {
      codes[rows++] = known.get(value) ?? learn(value);
    },
    write: (writer) => {
      const chunk = writeChunk(writer, {
        name,
        type: physicalTypes[kind],
        values,
        codes: codes.subarray(0, rows),
      });
      known = new Map();
      values = [];
      rows = 0;
      return chunk;
    },
  };
}

/** Undefined of null. */
function toValue(column: ViewColumn, kind: ColumnKind, given: unknown): ParquetValue | undefined {
  switch (kind) {
    case 'day':
      return typeof given === 'string' ? dayOf(given) : undefined;
    case 'moment':
      return typeof given === 'string' ? momentOf(given) : undefined;
    case 'boolean':
    case 'integer':
    case 'number':
      return (toCell(column, kind, given) ?? undefined) as ParquetValue | undefined;
    case 'text':
    case 'json':
      return textOf(toCell(column, kind, given));
  }
}
