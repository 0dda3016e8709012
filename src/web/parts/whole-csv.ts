import type { Found } from '../site/search-page.ts';
import type { Translate } from '../translate.ts';
import { toCsv } from './csv.ts';
import type { Column } from './list.tsx';

/** A list as a file; where it does not hold all, its last line says so. */
export function csvOf<Row>(
  t: Translate,
  columns: readonly Column<Row>[],
  { rows, isCut }: Found<Row>,
): string {
  const csv = toCsv(columns, rows);
  return isCut ? `${csv}"${t('list.cut', { count: rows.length }).replaceAll('"', '""')}"\r\n` : csv;
}
