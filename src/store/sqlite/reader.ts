import type { Compiler } from './compile-filter.ts';
import type { Connection } from './connection.ts';
import { type Names, readNames } from './names.ts';
import type { Sql } from './sql.ts';

/** What a search needs: any connection, reading or writing. */
export type Reader = {
  readonly db: Connection;
  readonly names: Names;
  readonly smallSet: number;
  /** Sets that were found too large to gather, and for which limit: counting them again costs as much as a search. */
  readonly large: Map<string, number>;
};

/** To gather so many costs about as much as to fill a page by a scan of 42 M resources. */
const usualSmallSet = 20_000;
const largeRemembered = 500;

export function openReader(db: Connection, smallSet = usualSmallSet): Reader {
  return { db, names: readNames(db), smallSet, large: new Map() };
}

/** A compiler for pages of so many resources. */
export function compilerOf(reader: Reader, page: number): Compiler {
  return {
    names: reader.names,
    isWithin: (set, limit) => isWithin(reader, set, limit),
    smallSet: reader.smallSet,
    smallWhole: () => Math.min(reader.smallSet, worthGathering(reader, page)),
  };
}

const countResources = 'SELECT max(rid) AS n FROM resource';

/**
 * A set of m among n resources costs m to gather; a scan passes n / m for each resource of the page, at about
 * three times the price.
 */
function worthGathering({ db }: Reader, page: number): number {
  const resources = Number(db.get(countResources, [])?.['n'] ?? 0) + 1;
  return Math.max(200, Math.floor(Math.sqrt(3 * page * resources)));
}

/** What is remembered may be out of date; then a search takes the other way to the same answer. */
export function isWithin(reader: Reader, set: Sql, limit: number): boolean {
  if (isKnownLarge(reader, set, limit)) return false;
  const oneMore = `SELECT 1 FROM (${set.text}) LIMIT 1 OFFSET ?`;
  if (reader.db.get(oneMore, [...set.args, Math.max(limit, 0)]) === undefined && limit >= 0) return true;
  noteLarge(reader, set, limit);
  return false;
}

export function isKnownLarge({ large }: Reader, set: Sql, limit: number): boolean {
  return large.size > 0 && limit <= (large.get(keyOf(set)) ?? -1);
}

/** The set was found to have more rows than the limit. */
export function noteLarge({ large }: Reader, set: Sql, limit: number): void {
  if (large.size >= largeRemembered) large.clear();
  large.set(keyOf(set), limit);
}

function keyOf({ text, args }: Sql): string {
  return `${text} ${JSON.stringify(args)}`;
}
