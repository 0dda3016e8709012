import type { Filter } from '../../search/filter.ts';
import { allOf } from '../../search/filter.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { readKeyCursor, readNumberCursor, writeKeyCursor } from '../contract/cursor.ts';
import {
  type Snapshot,
  type SnapshotDeletesPage,
  type SnapshotDeletesQuery,
  type SnapshotPage,
  type SnapshotQuery,
  type SnapshotSince,
  toLines,
} from '../contract/snapshot.ts';
import type { StoredResource } from '../contract/store.ts';
import { compileTest, memberSql, planFilter, resourceRow } from './compile-filter.ts';
import { numberOf, type Tuple, textOf } from './connection.ts';
import { firstSince } from './history.ts';
import { compilerOf, type Reader } from './reader.ts';
import { watchOf } from './scan.ts';
import { conjunction, glue, limitSql, type Sql, sql } from './sql.ts';
import { toStored, toStoredVersion } from './to-stored.ts';
import { versionTest } from './version-filter.ts';

// The order of the commits is that of `seq`, so a position is the last one there was.
const newest = 'SELECT seq, high_time FROM version ORDER BY seq DESC LIMIT 1';

export function readSnapshot({ db }: Reader, now: EpochMs): Snapshot {
  const row = db.get(newest, []);
  if (!row) return { position: '0', time: now };
  return {
    position: textOf(row, 'seq'),
    // Another server's clock may be ahead of this one's.
    time: Math.max(now, numberOf(row, 'high_time')) as EpochMs,
  };
}

/** Of the walk: id, rid, seq, text and whom it concerns; what has a later seq than the position has changed since. */
const walked = 'SELECT r.id, r.rid, r.seq, v.text, r.patient FROM resource r';
const withText = ' CROSS JOIN version v ON v.seq = r.seq WHERE ';

export function snapshotPage(reader: Reader, query: SnapshotQuery): SnapshotPage {
  const typeId = reader.names.typeId(query.type);
  if (typeId === undefined) return { lines: toLines([]), count: 0, replaced: [] };
  const at = readNumberCursor(query.at);
  const filter = allOf([query.filter, ...sinceFilter(query.since)]);
  const compiler = compilerOf(reader, query.count);
  const recent = recentSet(query, at, typeId);
  const { set, rest } = recent ? { set: recent, rest: filter } : planFilter(filter, query.type, compiler);
  const looked = set
    ? gathered(reader, query, at, memberSql(set, rest, query.type, compiler), typeId)
    : walk(reader, query, at, compileTest(filter, resourceRow(query.type), compiler), typeId);
  const replaced: StoredResource[] = [];
  const same = looked.rows.filter(([, , seq]) => Number(seq) <= at);
  const texts = same.map(([, , , text]) => String(text));
  for (const row of looked.changed) replaced.push(...versionAt(reader, query, at, row));
  return {
    lines: toLines(texts),
    count: texts.length,
    replaced,
    ...(query.withPatients && patientsOf(reader, same)),
    ...(looked.last !== undefined && { next: writeKeyCursor(looked.last) }),
  };
}

const idsOfLists = `SELECT DISTINCT q.id FROM json_each(?) j CROSS JOIN patient_list l ON l.id = -j.value
  CROSS JOIN json_each(l.patients) p CROSS JOIN resource q ON q.rid = p.value`;
const idsOfRids = 'SELECT q.id FROM json_each(?) j CROSS JOIN resource q ON q.rid = j.value';

/** By their numbers (patient-code.ts); of what an earlier release wrote there may be none. */
function patientsOf({ db }: Reader, rows: readonly Tuple[]): Pick<SnapshotPage, 'patients'> {
  const codes = new Set(rows.map(([, , , , code]) => code));
  if (codes.has(null)) return {};
  const numbers = [...codes].map(Number);
  const ids = (text: string, of: readonly number[]) =>
    of.length === 0 ? [] : db.tuples(text, [JSON.stringify(of)]).map(([id]) => String(id) as ResourceId);
  const alone = ids(
    idsOfRids,
    numbers.filter((code) => code > 0),
  );
  const listed = ids(
    idsOfLists,
    numbers.filter((code) => code < 0),
  );
  return { patients: [...new Set([...alone, ...listed])] };
}

/** So many versions are looked through for every page before a walk along all ids is quicker. */
const fewVersions = 20_000;

/** What was written since a position that is not long ago. */
function recentSet({ since }: SnapshotQuery, at: number, typeId: number): Sql | undefined {
  if (since === undefined || !('position' in since)) return undefined;
  const from = readNumberCursor(since.position);
  if (at - from > fewVersions) return undefined;
  return sql('SELECT rid FROM version WHERE seq > ? AND seq <= ? AND +type = ?', from, at, typeId);
}

/** `last` is the id where the next page begins; absent when there is none. */
type Looked = {
  readonly rows: readonly Tuple[];
  readonly changed: readonly Tuple[];
  readonly last: string | undefined;
};

/** Along the ids, past all that has not changed and does not match. */
function walk(reader: Reader, query: SnapshotQuery, at: number, test: Sql, typeId: number): Looked {
  const same = conjunction([sql('+r.live = 1'), sinceSql(query.since), test]);
  const where = conjunction([
    sql('r.type = ?', typeId),
    sql('r.id > ?', startOf(query)),
    ...watchOf(reader),
    glue(sql('(r.seq > ? OR ', at), same, ')'),
  ]);
  const from = `${walked} INDEXED BY resource_by_id${withText}`;
  const rows = select(reader, glue(from, where, ' ORDER BY r.id ', limitSql(query.count)));
  const changed = rows.filter(([, , seq]) => Number(seq) > at);
  return { rows, changed, last: lastOf(rows, query.count) };
}

/** What an index leads to; what has changed is found by the versions that came since. */
function gathered(reader: Reader, query: SnapshotQuery, at: number, member: Sql, typeId: number): Looked {
  const start = startOf(query);
  const where = conjunction([
    ...watchOf(reader),
    sql('r.id > ?', start),
    sql('+r.seq <= ?', at),
    sinceSql(query.since),
    member,
  ]);
  const rows = select(reader, glue(walked, withText, where, ' ORDER BY r.id ', limitSql(query.count)));
  const last = lastOf(rows, query.count);
  const bounds = [sql('v.seq > ?', at), sql('+v.type = ?', typeId), sql('r.id > ?', start)];
  if (last !== undefined) bounds.push(sql('r.id <= ?', last));
  const changedSince =
    'SELECT DISTINCT r.id, r.rid, r.seq FROM version v CROSS JOIN resource r ON r.rid = v.rid';
  const changed = select(reader, glue(`${changedSince} WHERE `, conjunction(bounds)));
  // What was written between the two statements was met as it was before.
  const met = new Set(rows.map(([id]) => id));
  return { rows, changed: changed.filter(([id]) => !met.has(id)), last };
}

function select({ db }: Reader, { text, args }: Sql): readonly Tuple[] {
  return db.tuples(text, args);
}

function startOf({ after }: SnapshotQuery): string {
  return after === undefined ? '' : readKeyCursor(after);
}

function lastOf(rows: readonly Tuple[], count: number): string | undefined {
  return rows.length < count ? undefined : String(rows.at(-1)?.[0]);
}

/** A first version stands under its rid, later ones in their index. */
const readAt = `SELECT v.version, v.last_updated, v.method, v.text FROM version v WHERE v.seq = (
    SELECT max(seq) FROM (SELECT ? AS seq UNION ALL SELECT seq FROM version WHERE rid = ? AND rid <> seq) WHERE seq <= ?
  ) AND v.rid = ?`;

function versionAt(
  { db }: Reader,
  { type, since }: SnapshotQuery,
  at: number,
  [id = '', rid = 0]: Tuple,
): readonly StoredResource[] {
  const [row] = db.all(`${readAt} AND ${sinceSql(since, 'v').text}`, [
    rid,
    rid,
    at,
    rid,
    ...sinceSql(since, 'v').args,
  ]);
  return row && row['text'] !== null ? [toStored(type, id as ResourceId, row)] : [];
}

function sinceSql(since: SnapshotSince | undefined, table: 'r' | 'v' = 'r'): Sql {
  if (since === undefined) return sql('1');
  if ('position' in since) return sql(`+${table}.seq > ?`, readNumberCursor(since.position));
  return sql(`+${table}.last_updated > ?`, since.time);
}

/** So that an index on the time may lead to what is new. */
function sinceFilter(since: SnapshotSince | undefined): readonly Filter[] {
  if (since === undefined || 'position' in since) return [];
  return [{ kind: 'lastUpdated', bounds: [{ is: '>', at: since.time }] }];
}

/** Oldest first. */
export function snapshotDeletes(reader: Reader, query: SnapshotDeletesQuery): SnapshotDeletesPage {
  const { type, since, only, count, after } = query;
  const typeId = reader.names.typeId(type);
  if (typeId === undefined) return { versions: [] };
  const at = readNumberCursor(query.at);
  const where = conjunction([
    sql('v.type = ?', typeId),
    sql('v.seq > ? AND v.seq <= ?', after === undefined ? 0 : readNumberCursor(after), at),
    'position' in since
      ? sql('v.seq > ?', readNumberCursor(since.position))
      : glue(sql('v.seq >= ? AND ', firstSince(reader, since.time)), sinceSql(since, 'v')),
    sql('v.text IS NULL'),
    // It was not brought back before that moment.
    sql('v.seq = (SELECT max(seq) FROM version WHERE rid = v.rid AND rid <> seq AND seq <= ?)', at),
    ...(only ? [versionTest(only, reader.names)] : []),
  ]);
  const columns =
    'v.seq, v.version, v.last_updated, v.method, v.text, r.id, (SELECT name FROM type WHERE id = r.type) AS type';
  const from = `SELECT ${columns} FROM version v INDEXED BY version_by_type CROSS JOIN resource r ON r.rid = v.rid WHERE `;
  const found = glue(from, where, ' ORDER BY v.seq ', limitSql(count));
  const rows = reader.db.all(found.text, found.args);
  const last = rows.at(-1);
  return {
    versions: rows.map(toStoredVersion),
    ...(last && rows.length === count && { next: textOf(last, 'seq') }),
  };
}
