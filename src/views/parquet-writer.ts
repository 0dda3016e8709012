import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type Cell, type ColumnKind, dayOf, kindOf, momentOf, textOf } from './column-kind.ts';
import type { RowWriter } from './row-writer.ts';
import type { ViewColumn } from './view-definition.ts';

/** Rows of a row group: all of them are in memory until it is written. */
const rowsInGroup = 20_000;

/** Apache Parquet, Snappy. Every column may be null; a collection is a text of JSON. */
export function parquetWriter(columns: readonly ViewColumn[]): RowWriter {
  const kinds = columns.map(kindOf);
  const bytes = new ByteWriter(256 * 1024);
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name }, place) => toElement(name, kinds[place] ?? 'text')),
  ] as SchemaElement[];
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'jenner' });
  let group: unknown[][] = columns.map(() => []);
  const flush = () => {
    const columnData = columns.map(({ name }, place) => ({
      name,
      data: group[place] ?? [],
      offsetIndex: false,
    }));
    // It writes into memory, where there is nothing to wait for.
    if ((columnData[0]?.data.length ?? 0) > 0) void writer.write({ columnData, rowGroupSize: rowsInGroup });
    group = columns.map(() => []);
  };
  return {
    write: (rows) => {
      for (const row of rows) {
        for (const [place, column] of group.entries()) column.push(toValue(row[place], kinds[place]));
        if (group[0]?.length === rowsInGroup) flush();
      }
      return taken(bytes);
    },
    finish: () => {
      flush();
      void writer.finish();
      return taken(bytes);
    },
  };
}

/** What was written since; the library counts the whole by itself. */
function taken(bytes: ByteWriter): Uint8Array {
  const copy = bytes.getBytes().slice();
  bytes.index = 0;
  return copy;
}

function toElement(name: string, kind: ColumnKind): object {
  const optional = { name, repetition_type: 'OPTIONAL' };
  switch (kind) {
    case 'boolean':
      return { ...optional, type: 'BOOLEAN' };
    case 'integer':
      return { ...optional, type: 'INT32' };
    case 'number':
      return { ...optional, type: 'DOUBLE' };
    case 'day':
      return { ...optional, type: 'INT32', converted_type: 'DATE' };
    case 'moment':
      return {
        ...optional,
        type: 'INT64',
        converted_type: 'TIMESTAMP_MILLIS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
      };
    case 'text':
    case 'json':
      return { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  }
}

function toValue(cell: Cell, kind: ColumnKind = 'text'): unknown {
  if (cell === null || cell === undefined) return undefined;
  switch (kind) {
    case 'boolean':
    case 'integer':
    case 'number':
      return cell;
    case 'day':
      return dayOf(String(cell));
    case 'moment':
      return BigInt(momentOf(String(cell)) ?? 0);
    case 'text':
    case 'json':
      return textOf(cell);
  }
}
