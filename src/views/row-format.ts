import { kindOf, toCell } from './column-kind.ts';
import type { Row } from './compile-view.ts';
import { csvWriter } from './csv-writer.ts';
import { parquetWriter } from './parquet-writer.ts';
import { openText, type RowWriter } from './row-writer.ts';
import type { ViewColumn } from './view-definition.ts';

export type RowFormat = 'json' | 'ndjson' | 'csv' | 'parquet';

export type TableFormat = {
  readonly mediaType: string;
  /** Of a file, without the dot. */
  readonly extension: string;
  /** What clients may call it. */
  readonly names: readonly string[];
};

export const rowFormats: Readonly<Record<RowFormat, TableFormat>> = {
  json: { mediaType: 'application/json', extension: 'json', names: ['json', 'application/json'] },
  ndjson: {
    mediaType: 'application/x-ndjson',
    extension: 'ndjson',
    names: ['ndjson', 'application/x-ndjson', 'application/ndjson'],
  },
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', extension: 'csv', names: ['csv', 'text/csv'] },
  parquet: {
    mediaType: 'application/vnd.apache.parquet',
    extension: 'parquet',
    names: ['parquet', 'application/vnd.apache.parquet', 'application/parquet'],
  },
};

/** Undefined for what is no format of rows. An unescaped plus sign or blank is not among the names. */
export function parseRowFormat(text: string): RowFormat | undefined {
  const name = text.trim().toLowerCase();
  return (Object.keys(rowFormats) as RowFormat[]).find((format) => rowFormats[format].names.includes(name));
}

export type WriterOptions = {
  readonly format: RowFormat;
  readonly columns: readonly ViewColumn[];
  /** Of CSV: the names of the columns first. */
  readonly header: boolean;
};

/** Of rows as a view has them. */
export function openRowWriter({ format, columns, header }: WriterOptions): RowWriter {
  switch (format) {
    case 'json':
      return jsonWriter(columns);
    case 'ndjson':
      return ndjsonWriter(columns);
    case 'csv':
      return csvWriter(columns, header);
    case 'parquet':
      return parquetWriter(columns);
  }
}

type ToObject = (row: Row) => string;

function objectsOf(columns: readonly ViewColumn[]): ToObject {
  const shaped = columns.map((column) => ({ column, kind: kindOf(column) }));
  return (row) =>
    JSON.stringify(
      Object.fromEntries(
        shaped.map(({ column, kind }, place) => [column.name, toCell(column, kind, row[place])]),
      ),
    );
}

function ndjsonWriter(columns: readonly ViewColumn[]): RowWriter {
  const toObject = objectsOf(columns);
  const text = openText();
  return { add: (row) => text.add(`${toObject(row)}\n`), take: text.take, finish: text.take };
}

/** One array of all. */
function jsonWriter(columns: readonly ViewColumn[]): RowWriter {
  const toObject = objectsOf(columns);
  const text = openText();
  let count = 0;
  return {
    add: (row) => text.add((count++ === 0 ? '[' : ',\n') + toObject(row)),
    take: text.take,
    finish: () => {
      text.add(count === 0 ? '[]' : ']');
      count = 0;
      return text.take();
    },
  };
}
