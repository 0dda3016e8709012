import type { Column } from './list.tsx';

/** RFC 4180, with a mark of UTF-8 for spreadsheets. */
export function toCsv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const told = columns.filter(({ text }) => text !== undefined);
  const lines = [
    told.map(({ head }) => head),
    ...rows.map((row) => told.map(({ text }) => text?.(row) ?? '')),
  ];
  return `\uFEFF${lines.map((cells) => cells.map(toCell).join(',')).join('\r\n')}\r\n`;
}

/** What begins like a formula would be one in a spreadsheet. */
function toCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
