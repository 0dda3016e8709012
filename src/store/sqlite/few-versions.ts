import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { HistoryPage, HistoryQuery, StoredVersion, WriteMethod } from '../contract/store.ts';
import type { Tuple } from './connection.ts';
import { longText } from './read-versions.ts';
import type { Reader } from './reader.ts';

/** Two pages of the usual size: their texts are read in one turn. */
const mostFew = 100;

/** Two indexes hold the versions of one resource: that of the later ones, and the key for a first one. */
const select =
  'SELECT v.seq, v.version, v.last_updated, v.method, v.text IS NULL, ' +
  `CASE WHEN octet_length(v.text) <= ${longText} THEN v.text END ` +
  'FROM (SELECT rid FROM resource WHERE type = ? AND id = ?) r CROSS JOIN version v ' +
  'WHERE v.seq IN (SELECT seq FROM version WHERE rid = r.rid AND rid <> seq UNION ALL SELECT r.rid) AND +v.rid = r.rid ' +
  `ORDER BY v.seq DESC LIMIT ${mostFew + 1}`;

/**
 * The history of one resource that has few versions, none of them long, by one statement: what is asked most.
 * Undefined where it asks for less than all of them, or where they are many or long.
 */
export function fewVersions(reader: Reader, query: HistoryQuery): HistoryPage | undefined {
  const { type, id, since, at, versionId, only, after, count, room } = query;
  const isNarrowed = [since, at, versionId, only, after].some((bound) => bound !== undefined);
  if (type === undefined || id === undefined || isNarrowed || count > mostFew) return undefined;
  const typeId = reader.names.typeId(type);
  if (typeId === undefined) return { versions: [] };
  const rows = reader.db.tuples(select, [typeId, id]);
  if (rows.length > count || rows.some(isLong) || isMoreThan(room, rows)) return undefined;
  const key = { type, id };
  return { versions: rows.map((row) => toVersion(key, row)) };
}

/** There is a text, and it was not read. */
function isLong([, , , , isDeleted, text]: Tuple): boolean {
  return isDeleted === 0 && text === null;
}

function isMoreThan(room: number | undefined, rows: readonly Tuple[]): boolean {
  let characters = 0;
  for (const [, , , , , text] of rows) if (typeof text === 'string') characters += text.length;
  return room !== undefined && characters > room;
}

type Key = { readonly type: StoredVersion['type']; readonly id: ResourceId };

function toVersion({ type, id }: Key, row: Tuple): StoredVersion {
  const [, versionId, lastUpdated, method, , text] = row;
  const version = {
    type,
    id,
    versionId: Number(versionId),
    lastUpdated: Number(lastUpdated) as EpochMs,
    method: method as WriteMethod,
  };
  return text === null ? version : { text: String(text), ...version };
}
