import type { ResourceType } from '../../fhir/resource-type.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { ResourceKey, StoredResource, StoredVersion } from '../contract/store.ts';
import { type Tuple, textOf } from './connection.ts';
import type { Reader } from './reader.ts';

const readCurrent =
  'SELECT v.version, v.last_updated, v.method, v.text FROM resource r CROSS JOIN version v ON v.seq = r.seq WHERE r.type = ? AND r.id = ?';
// A first version stands under its rid, a later one in the index of later ones.
const readOld = `SELECT v.version, v.last_updated, v.method, v.text FROM resource r CROSS JOIN version v
  ON v.seq IN (SELECT r.rid UNION ALL SELECT seq FROM version WHERE rid = r.rid AND rid <> seq AND version = ?)
  WHERE r.type = ? AND r.id = ? AND v.rid = r.rid AND v.version = ?`;
const findTargets = `SELECT y.name AS type, q.id FROM resource r CROSS JOIN reference_value x ON x.rid = r.rid
  CROSS JOIN resource q ON q.rid = x.target CROSS JOIN type y ON y.id = q.type
  WHERE r.type = ? AND r.id = ? AND x.param = ? AND q.live = 1`;

export function readCurrentVersion(reader: Reader, key: ResourceKey): StoredVersion | undefined {
  const type = reader.names.typeId(key.type);
  return type === undefined ? undefined : toVersion(key, reader.db.tuples(readCurrent, [type, key.id])[0]);
}

export function readOldVersion(reader: Reader, key: ResourceKey, version: number): StoredVersion | undefined {
  const type = reader.names.typeId(key.type);
  return type === undefined
    ? undefined
    : toVersion(key, reader.db.tuples(readOld, [version, type, key.id, version])[0]);
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
    return version?.text === undefined ? [] : [{ ...version, text: version.text }];
  });
}

export function targetsOf(
  reader: Reader,
  keys: readonly ResourceKey[],
  params: readonly string[],
): readonly ResourceKey[] {
  const found = new Map<string, ResourceKey>();
  for (const { type, id } of keys) {
    const typeId = reader.names.typeId(type);
    for (const code of params) {
      const param = reader.names.paramId(type, code);
      if (typeId === undefined || param === undefined) continue;
      for (const row of reader.db.all(findTargets, [typeId, id, param])) {
        const target = { type: textOf(row, 'type') as ResourceType, id: textOf(row, 'id') as ResourceId };
        found.set(`${target.type}/${target.id}`, target);
      }
    }
  }
  return [...found.values()];
}
