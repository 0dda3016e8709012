import type { ResourceType } from '../../fhir/resource-type.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { idsByType } from '../contract/ids-by-type.ts';
import type { ResourceKey, StoredResource, StoredVersion } from '../contract/store.ts';
import type { Tuple } from './connection.ts';
import type { Reader } from './reader.ts';

const readCurrent =
  'SELECT v.version, v.last_updated, v.method, v.text FROM resource r CROSS JOIN version v ON v.seq = r.seq WHERE r.type = ? AND r.id = ?';
// A first version stands under its rid, a later one in the index of later ones.
const readOld = `SELECT v.version, v.last_updated, v.method, v.text FROM resource r CROSS JOIN version v
  ON v.seq IN (SELECT r.rid UNION ALL SELECT seq FROM version WHERE rid = r.rid AND rid <> seq AND version = ?)
  WHERE r.type = ? AND r.id = ? AND v.rid = r.rid AND v.version = ?`;
export function readCurrentVersion(reader: Reader, key: ResourceKey): StoredVersion | undefined {
  const type = reader.names.typeId(key.type);
  return type === undefined ? undefined : toVersion(key, reader.db.tuple(readCurrent, [type, key.id]));
}

export function readOldVersion(reader: Reader, key: ResourceKey, version: number): StoredVersion | undefined {
  const type = reader.names.typeId(key.type);
  return type === undefined
    ? undefined
    : toVersion(key, reader.db.tuple(readOld, [version, type, key.id, version]));
}

/** A row of version, last_updated, method and text. */
function toVersion({ type, id }: ResourceKey, row: Tuple | undefined): StoredVersion | undefined {
  if (!row) return undefined;
  const [versionId, lastUpdated, method, text] = row;
  const version =
    text === null
      ? { type, id, versionId, lastUpdated, method }
      : { type, id, versionId, lastUpdated, method, text };
  return version as StoredVersion;
}

export function readLive(reader: Reader, keys: readonly ResourceKey[]): readonly StoredResource[] {
  return keys.flatMap((key) => {
    const version = readCurrentVersion(reader, key);
    return version?.text === undefined ? [] : [version as StoredResource];
  });
}

/** What the resources refer to by the parameters, one statement for those of a type. */
export function targetsOf(
  reader: Reader,
  keys: readonly ResourceKey[],
  params: readonly string[],
): readonly ResourceKey[] {
  const { names, db } = reader;
  const found = new Map<string, ResourceKey>();
  for (const [type, ids] of idsByType(keys)) {
    const typeId = names.typeId(type);
    const known = params.flatMap((code) => names.paramId(type, code) ?? []);
    if (typeId === undefined || known.length === 0) continue;
    for (const [name, id] of db.tuples(findTargets(known), [JSON.stringify(ids), typeId])) {
      found.set(`${name}/${id}`, { type: name as ResourceType, id: id as ResourceId });
    }
  }
  return [...found.values()];
}

/** A step of an index for each parameter by which they are referred to; by how many does not count. */
export function referringTypes(
  { names, db }: Reader,
  patients: readonly ResourceId[],
  params: ReadonlyMap<ResourceType, readonly string[]>,
): ReadonlySet<ResourceType> {
  const found = new Set<ResourceType>();
  const typeId = names.typeId('Patient');
  if (typeId === undefined) return found;
  for (const id of patients) {
    for (const [type, code] of db.tuples(findReferring, [typeId, id])) {
      if (params.get(type as ResourceType)?.includes(String(code))) found.add(type as ResourceType);
    }
  }
  return found;
}

const nextReferring =
  'SELECT min(x.param) FROM reference_value x WHERE x.target = p.target AND x.param > p.param';
const findReferring = `WITH RECURSIVE p(target, param) AS (
  SELECT rid, -1 FROM resource WHERE type = ? AND id = ?
  UNION ALL SELECT p.target, (${nextReferring}) FROM p WHERE p.param IS NOT NULL
) SELECT y.name, m.code FROM p CROSS JOIN param m ON m.id = p.param CROSS JOIN type y ON y.id = m.type`;

/** The numbers stand in the text, of which there are few: SQLite then walks no more of a resource than is asked for. */
function findTargets(params: readonly number[]): string {
  return `SELECT y.name, q.id FROM json_each(?) j CROSS JOIN resource r CROSS JOIN reference_value x ON x.rid = r.rid
  CROSS JOIN resource q ON q.rid = x.target CROSS JOIN type y ON y.id = q.type
  WHERE r.type = ? AND r.id = j.value AND x.param IN (${params.join()}) AND q.live = 1`;
}
