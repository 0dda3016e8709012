import type { RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { type ColumnKind, kindOf } from './column-kind.ts';
import { openColumn, physicalTypes } from './parquet-column.ts';
import type { RowWriter } from './row-writer.ts';
import type { ViewColumn } from './view-definition.ts';

/** Rows of a row group: all of them are in memory until it is written. */
const rowsInGroup = 20_000;
/** `PAR1`, at both ends of a file. */
const mark = 0x31524150;

/**
 * Apache Parquet, Snappy. Every column may be null; a collection is a text of JSON. Heads and the metadata are written
 * by the library; the values by our own code, since the library's is for everything that Parquet has, and takes twice
 * the time for what a table has.
 */
export function parquetWriter(columns: readonly ViewColumn[]): RowWriter {
  const bytes = new ByteWriter(256 * 1024);
  const gathered = columns.map((column) => openColumn(column, rowsInGroup));
  let groups: RowGroup[] = [];
  let rows = 0;
  const flush = () => {
    if (rows === 0) return;
    const chunks = gathered.map((column) => column.write(bytes));
    const sizes = chunks.map((chunk) => chunk.meta_data?.total_uncompressed_size ?? 0n);
    groups.push({
      columns: chunks,
      total_byte_size: sizes.reduce((sum, size) => sum + size, 0n),
      num_rows: BigInt(rows),
    });
    rows = 0;
  };
  bytes.appendUint32(mark);
  return {
    add: (row) => {
      for (let place = 0; place < gathered.length; place++) gathered[place]?.put(row[place]);
      if (++rows === rowsInGroup) flush();
    },
    take: () => taken(bytes),
    finish: () => {
      flush();
      writeFoot(bytes, columns, groups);
      const rest = taken(bytes);
      groups = [];
      bytes.offset = 0;
      bytes.appendUint32(mark);
      return rest;
    },
  };
}

function writeFoot(bytes: ByteWriter, columns: readonly ViewColumn[], groups: RowGroup[]): void {
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map((column) => toElement(column.name, kindOf(column))),
  ] as SchemaElement[];
  const rows = groups.reduce((sum, { num_rows: count }) => sum + count, 0n);
  const metadata = { version: 2, created_by: 'jenner', schema, num_rows: rows, row_groups: groups };
  writeMetadata(bytes, { ...metadata, metadata_length: 0 });
  bytes.appendUint32(mark);
}

/** What was written since; the library counts the whole by itself. */
function taken(bytes: ByteWriter): Uint8Array {
  const copy = bytes.getBytes().slice();
  bytes.index = 0;
  return copy;
}

function toElement(name: string, kind: ColumnKind): object {
  const optional = { name, repetition_type: 'OPTIONAL', type: physicalTypes[kind] };
  switch (kind) {
    case 'boolean':
    case 'integer':
    case 'number':
      return optional;
    case 'day':
      return { ...optional, converted_type: 'DATE' };
    case 'moment':
      return {
        ...optional,
        converted_type: 'TIMESTAMP_MILLIS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
      };
    case 'text':
    case 'json':
      return { ...optional, converted_type: 'UTF8' };
  }
}
