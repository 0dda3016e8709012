import { type Found, rowsOfFile, rowsOfPage } from '../site/search-page.ts';
import type { ListQuery } from './list-query.ts';

type Orders<Row> = Readonly<Record<string, (row: Row) => string | number>>;

type Means<Row> = {
  readonly query: ListQuery;
  readonly keyOf: (row: Row) => string;
  /** What a column is ordered by. */
  readonly orders: Orders<Row>;
  /** Without one that is asked for: which, and the other way round with a `-`. */
  readonly usual: string;
};

/** A page of rows that are all at hand; its cursor is the key of its last row. */
export function pageOfRows<Row>(
  rows: readonly Row[],
  { query, keyOf, orders, usual }: Means<Row>,
): Found<Row> {
  const { sort = usual, after, isCsv } = query;
  const isDown = sort.startsWith('-');
  const orderOf = orders[sort.replace(/^-/, '')] ?? keyOf;
  const sorted = [...rows].sort((one, other) => compare(orderOf(one), orderOf(other)));
  if (isDown) sorted.reverse();
  if (isCsv) return { rows: sorted.slice(0, rowsOfFile), isCut: sorted.length > rowsOfFile };
  const from = after === undefined ? 0 : sorted.findIndex((row) => keyOf(row) === after) + 1;
  const shown = sorted.slice(from, from + rowsOfPage);
  const last = shown.at(-1);
  const isMore = from + rowsOfPage < sorted.length;
  return { rows: shown, isCut: false, ...(isMore && last !== undefined && { next: keyOf(last) }) };
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other));
}
