import type { Filter } from '../../search/filter.ts';
import type { Compiler } from './compile-filter.ts';
import { type Connection, numberOf } from './connection.ts';
import { type Names, readNames } from './names.ts';
import type { Sql } from './sql.ts';

/** What a search needs: any connection, reading or writing. */
export type Reader = {
  readonly db: Connection;
  readonly names: Names;
  readonly smallSet: number;
  /** So many versions are walked along for a page of a history before those that may stand on it are gathered after all. */
  readonly walked: number;
  /** A condition that ends the read when nobody waits for it, on the key of the row that is looked at. */
  readonly watch?: (key: 'r.rid' | 'v.seq') => Sql;
  /** Sets that were found too large to gather, and for which limit: counting them again costs as much as a search. */
  readonly large: Map<string, number>;
  /** What filters became, as long as they are asked by (kept-sql.ts). */
  readonly kept: WeakMap<Filter, Map<string, KeptSql>>;
  /** No more characters of texts are read at a stretch (TooLongError); absent where nobody waits for it. */
  readonly longest?: number;
  /** Another number when another connection has committed; absent where this connection writes as well. */
  readonly commits?: () => number;
};

/** `commits`: at which it is right; a name that was not there then may be by now. */
export type KeptSql = { readonly sql: Sql; readonly commits: number | 'any' };

/** To gather so many costs about as much as to fill a page by a scan of 42 M resources. */
const usualSmallSet = 20_000;
const usuallyWalked = 50_000;
const largeRemembered = 500;

export function openReader(db: Connection, smallSet = usualSmallSet, walked = usuallyWalked): Reader {
  return { db, names: readNames(db), smallSet, walked, large: new Map(), kept: new WeakMap() };
}

/** A reader of a connection that nobody writes by. */
export function openReadingReader(db: Connection, smallSet?: number, walked?: number): Reader {
  const commits = () => numberOf(db.get('PRAGMA data_version', []) ?? {}, 'data_version');
  return { ...openReader(db, smallSet, walked), commits };
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

/**
 * A compiler for counts: all have to be looked at, so that a set is gathered unless it is a good part of all there is.
 */
export function countingCompilerOf(reader: Reader): Compiler {
  const { smallSet } = reader;
  const most = smallSet < 0 ? smallSet : Math.max(smallSet, Math.floor(resourcesIn(reader) / 5));
  return { ...compilerOf(reader, 1), smallSet: most, smallWhole: () => most };
}

/** A compiler for what may look at no more than so many resources that an index leads to. */
export function boundedCompilerOf(reader: Reader, most: number): Compiler {
  return { ...compilerOf(reader, 1), smallSet: most, smallWhole: () => most };
}

const countResources = 'SELECT max(rid) AS n FROM resource';

/**
 * A set of m among n resources costs m to gather; a scan passes n / m for each resource of the page, at about
 * three times the price.
 */
function worthGathering(reader: Reader, page: number): number {
  return Math.max(200, Math.floor(Math.sqrt(3 * page * resourcesIn(reader))));
}

function resourcesIn({ db }: Reader): number {
  return Number(db.get(countResources, [])?.['n'] ?? 0);
}

/** What is remembered may be out of date; then a search takes the other way to the same answer. */
export function isWithin(reader: Reader, set: Sql, limit: number): boolean {
  if (limit === Number.POSITIVE_INFINITY) return true;
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
