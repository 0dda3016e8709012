import { type Cell, type ColumnKind, kindOf, textOf } from './column-kind.ts';
import type { RowWriter } from './row-writer.ts';
import type { ViewColumn } from './view-definition.ts';

const encoder = new TextEncoder();

/**
 * RFC 4180: CRLF, a quote doubled, what is null is nothing and an empty text is two quotes. A text that a spreadsheet
 * would run (it begins with `=`, `@`, a tab or CR, or with `+` or `-` and is no number or telephone number) has an
 * apostrophe before it; the other formats have it as it is.
 */
export function csvWriter(columns: readonly ViewColumn[], header: boolean): RowWriter {
  const kinds = columns.map(kindOf);
  const toLine = (row: readonly Cell[]) =>
    `${row.map((cell, place) => toField(cell, kinds[place])).join(',')}\r\n`;
  let first = header ? `${columns.map(({ name }) => name).join(',')}\r\n` : '';
  const taken = () => {
    const text = first;
    first = '';
    return text;
  };
  return {
    write: (rows) => encoder.encode(taken() + rows.map(toLine).join('')),
    finish: () => encoder.encode(taken()),
  };
}

function toField(cell: Cell, kind: ColumnKind | undefined): string {
  const text = textOf(cell);
  if (text === undefined) return '';
  if (text === '') return '""';
  const safe = (kind === 'text' || kind === 'json') && runs(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Whether a spreadsheet takes it for a formula. */
function runs(text: string): boolean {
  return /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !/^[+-][\d\s().-]*$/.test(text));
}
