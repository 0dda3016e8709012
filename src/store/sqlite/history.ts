import type { EpochMs } from '../../values/instant.ts';
import { readNumberCursor } from '../contract/cursor.ts';
import type { HistoryPage, HistoryQuery } from '../contract/store.ts';
import { assumeType } from './assume-type.ts';
import { numberOf, type Row, textOf } from './connection.ts';
import { fewVersions } from './few-versions.ts';
import { readVersions } from './read-versions.ts';
import { compilerOf, isWithin, type Reader } from './reader.ts';
import { conjunction, glue, limitSql, type Sql, sql } from './sql.ts';
import { toStoredVersion } from './to-stored.ts';
import { versionSet, versionTest } from './version-filter.ts';

const columns = 'v.seq, r.id, (SELECT name FROM type WHERE id = r.type) AS type';

/** Newest first. Versions are kept in the order of their commits, so a page goes on below the last number it showed. */
export function historyPage(reader: Reader, query: HistoryQuery): HistoryPage {
  return fewVersions(reader, query) ?? selectedPage(reader, query);
}

function selectedPage(reader: Reader, query: HistoryQuery): HistoryPage {
  const rows = rowsOf(reader, query);
  const seqs = rows.slice(0, query.count).map((row) => numberOf(row, 'seq'));
  const versions = readVersions(reader, seqs, query.room);
  const page = rows.slice(0, versions.length);
  const last = page.at(-1);
  return {
    versions: page.map((row, place) => toStoredVersion({ ...row, ...versions[place] })),
    ...(last && rows.length > page.length && { next: textOf(last, 'seq') }),
  };
}

/** One more than a page. */
function rowsOf(reader: Reader, query: HistoryQuery): readonly Row[] {
  const from = versionsOf(reader, query, compilerOf(reader, query.count + 1).smallWhole());
  if (!from) return [];
  const below = query.after === undefined ? undefined : readNumberCursor(query.after);
  const bounds = below === undefined ? [] : [sql('v.seq < ?', below)];
  if (!from.couldGather) return select(reader, query, from, bounds);
  const near = sql('v.seq >= ?', (below ?? newestOf(reader)) - reader.walked);
  const rows = select(reader, query, from, [...bounds, near]);
  if (rows.length > query.count) return rows;
  return select(reader, query, versionsOf(reader, query, Number.POSITIVE_INFINITY) ?? from, bounds);
}

function select(reader: Reader, { count }: HistoryQuery, from: From, bounds: readonly Sql[]): readonly Row[] {
  const where = conjunction([...watchOf(reader), ...from.where, ...bounds]);
  const text = `SELECT ${columns} FROM ${from.table} CROSS JOIN resource r ON r.rid = v.rid WHERE ${where.text}`;
  return reader.db.all(`${text} ORDER BY v.seq DESC ${limitSql(count + 1)}`, where.args);
}

export function countVersions(reader: Reader, query: HistoryQuery): number {
  const from = versionsOf(reader, query, Number.POSITIVE_INFINITY);
  if (!from) return 0;
  const where = conjunction([...watchOf(reader), ...from.where]);
  const row = reader.db.get(`SELECT count(*) AS n FROM ${from.table} WHERE ${where.text}`, where.args);
  return numberOf(row ?? {}, 'n');
}

function watchOf({ watch }: Reader): readonly Sql[] {
  return watch ? [watch('v.seq')] : [];
}

/** `couldGather`: an index leads to all of them, but to more than were allowed. */
type From = { readonly table: string; readonly where: readonly Sql[]; readonly couldGather: boolean };

/** Undefined when there can be none. Where an index leads to no more than the limit, they are gathered. */
function versionsOf(reader: Reader, query: HistoryQuery, limit: number): From | undefined {
  const { type, id, only } = query;
  const tests = testsOf(reader, query);
  if (type === undefined) {
    const set = only && versionSet(only, reader.names);
    return gathered(reader, set, tests, limit) ?? { table: 'version v', where: tests, couldGather: !!set };
  }
  const typeId = reader.names.typeId(type);
  if (typeId === undefined) return undefined;
  if (id !== undefined) return versionsOfOne(reader, typeId, id, tests);
  const set = only && versionSet(assumeType(only, type), reader.names);
  const few = gathered(reader, set, [sql('+v.type = ?', typeId), ...tests], limit);
  const where = [sql('v.type = ?', typeId), ...tests];
  return few ?? { table: 'version v INDEXED BY version_by_type', where, couldGather: !!set };
}

function gathered(
  reader: Reader,
  set: Sql | undefined,
  tests: readonly Sql[],
  limit: number,
): From | undefined {
  if (!set || !isWithin(reader, set, limit)) return undefined;
  return { table: 'version v', where: [...tests, glue('v.seq IN (', set, ')')], couldGather: false };
}

function versionsOfOne(reader: Reader, typeId: number, id: string, tests: readonly Sql[]): From | undefined {
  const row = reader.db.get('SELECT rid FROM resource WHERE type = ? AND id = ?', [typeId, id]);
  if (!row) return undefined;
  const rid = numberOf(row, 'rid');
  // Two indexes hold the versions of one resource: that of the later ones, and the key for a first one.
  const own = sql(
    'v.seq IN (SELECT seq FROM version WHERE rid = ? AND rid <> seq UNION ALL SELECT ?) AND +v.rid = ?',
    rid,
    rid,
    rid,
  );
  return { table: 'version v', where: [own, ...tests], couldGather: false };
}

function testsOf(reader: Reader, { since, at, versionId, only }: HistoryQuery): readonly Sql[] {
  return [
    ...(since === undefined ? [] : sinceSql(reader, since)),
    ...(at === undefined ? [] : [atSql(at)]),
    ...(versionId === undefined ? [] : [sql('+v.version = ?', versionId)]),
    ...(only === undefined ? [] : [versionTest(only, reader.names)]),
  ];
}

/** The first version since then bounds the walk; the times themselves may be slightly out of the order of commits. */
function sinceSql(reader: Reader, since: EpochMs): readonly Sql[] {
  return [sql('v.seq >= ?', firstSince(reader, since)), sql('+v.last_updated >= ?', since)];
}

const newest = 'SELECT max(seq) AS seq FROM version';
const firstFrom = 'SELECT seq, high_time FROM version WHERE seq >= ? ORDER BY seq LIMIT 1';

function newestOf({ db }: Reader): number {
  return Number(db.get(newest, [])?.['seq'] ?? 0);
}

/** The first version since then, perhaps one before: by bisection, as high_time never falls. */
export function firstSince(reader: Reader, since: EpochMs): number {
  let low = 1;
  let high = newestOf(reader) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = reader.db.get(firstFrom, [middle]);
    if (!row || numberOf(row, 'high_time') >= since) high = middle;
    else low = numberOf(row, 'seq') + 1;
  }
  return low;
}

/** Written by the end of the span, and not followed before its beginning. */
function atSql(at: { readonly first: EpochMs; readonly last: EpochMs }): Sql {
  const later =
    'SELECT 1 FROM version n WHERE n.rid = v.rid AND n.rid <> n.seq AND n.version = v.version + 1';
  const written = sql('+v.last_updated <= ?', at.last);
  return glue(written, ' AND ', sql(`NOT EXISTS (${later} AND n.last_updated <= ?)`, at.first));
}
