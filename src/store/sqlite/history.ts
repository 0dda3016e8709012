import type { VersionFilter } from '../../search/filter.ts';
import type { EpochMs } from '../../values/instant.ts';
import { readNumberCursor } from '../contract/cursor.ts';
import type { HistoryPage, HistoryQuery } from '../contract/store.ts';
import { assumeType } from './assume-type.ts';
import { numberOf, textOf } from './connection.ts';
import { isWithin, type Reader } from './reader.ts';
import { conjunction, glue, limitSql, type Sql, sql } from './sql.ts';
import { toStoredVersion } from './to-stored.ts';
import { versionSet, versionTest } from './version-filter.ts';

const columns =
  'v.seq, v.version, v.last_updated, v.method, v.text, r.id, (SELECT name FROM type WHERE id = r.type) AS type';

/** Newest first. Versions are kept in the order of their commits, so a page goes on below the last number it showed. */
export function historyPage(reader: Reader, query: HistoryQuery): HistoryPage {
  const from = versionsOf(reader, query);
  if (!from) return { versions: [] };
  const below = query.after === undefined ? [] : [sql('v.seq < ?', readNumberCursor(query.after))];
  const where = conjunction([...from.where, ...below]);
  const text = `SELECT ${columns} FROM ${from.table} CROSS JOIN resource r ON r.rid = v.rid WHERE ${where.text}`;
  const rows = reader.db.all(`${text} ORDER BY v.seq DESC ${limitSql(query.count + 1)}`, where.args);
  const page = rows.slice(0, query.count);
  const last = page.at(-1);
  return {
    versions: page.map(toStoredVersion),
    ...(last && rows.length > query.count && { next: textOf(last, 'seq') }),
  };
}

export function countVersions(reader: Reader, query: HistoryQuery): number {
  const from = versionsOf(reader, query);
  if (!from) return 0;
  const where = conjunction(from.where);
  const row = reader.db.get(`SELECT count(*) AS n FROM ${from.table} WHERE ${where.text}`, where.args);
  return numberOf(row ?? {}, 'n');
}

/** Undefined when there can be none. */
function versionsOf(
  reader: Reader,
  query: HistoryQuery,
): { readonly table: string; readonly where: readonly Sql[] } | undefined {
  const { type, id, only } = query;
  const tests = testsOf(reader, query);
  if (type === undefined) return { table: 'version v', where: [...tests, ...fewSql(reader, only)] };
  const typeId = reader.names.typeId(type);
  if (typeId === undefined) return undefined;
  if (id === undefined) {
    const few = fewSql(reader, only && assumeType(only, type));
    if (few.length > 0) return { table: 'version v', where: [sql('+v.type = ?', typeId), ...tests, ...few] };
    return { table: 'version v INDEXED BY version_by_type', where: [sql('v.type = ?', typeId), ...tests] };
  }
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
  return { table: 'version v', where: [own, ...tests] };
}

/** Where an index leads to few versions they are gathered; else all are walked along. */
function fewSql(reader: Reader, only: VersionFilter | undefined): readonly Sql[] {
  const set = only && versionSet(only, reader.names);
  if (!set || !isWithin(reader, set, reader.smallSet)) return [];
  return [glue('v.seq IN (', set, ')')];
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

/** By bisection: high_time never falls. */
function firstSince(reader: Reader, since: EpochMs): number {
  let low = 1;
  let high = Number(reader.db.get(newest, [])?.['seq'] ?? 0) + 1;
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
