import { kindOf, textOf, toCell } from './column-kind.ts';
import { openText, type RowWriter } from './row-writer.ts';
import type { ViewColumn } from './view-definition.ts';

/**
 * RFC 4180: CRLF, a quote doubled, what is null is nothing and an empty text is two quotes. A text that a spreadsheet
 * would run (it begins with `=`, `@`, a tab or CR, or with `+` or `-` and is no number or telephone number) has an
 * apostrophe before it; the other formats have it as it is.
 */
export function csvWriter(columns: readonly ViewColumn[], header: boolean): RowWriter {
  const fields = columns.map((column) => {
    const kind = kindOf(column);
    const isText = kind === 'text' || kind === 'json';
    return (value: unknown) => toField(textOf(toCell(column, kind, value)), isText);
  });
  const head = header ? `${columns.map(({ name }) => name).join(',')}\r\n` : '';
  const text = openText();
  text.add(head);
  return {
    add: (row) => text.add(`${fields.map((toText, place) => toText(row[place])).join(',')}\r\n`),
    take: text.take,
    finish: () => {
      const rest = text.take();
      text.add(head);
      return rest;
    },
  };
}

function toField(text: string | undefined, isText: boolean): string {
  if (text === undefined) return '';
  if (text === '') return '""';
  const safe = isText && runs(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Whether a spreadsheet takes it for a formula. */
function runs(text: string): boolean {
  return /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !/^[+-][\d\s().-]*$/.test(text));
}
