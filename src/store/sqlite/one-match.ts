import type { ResourceType } from '../../fhir/resource-type.ts';
import { allOf } from '../../search/filter.ts';
import { namedOne } from '../contract/named-one.ts';
import type { SearchQuery, StoredResource } from '../contract/store.ts';
import { compileTest, resourceRow } from './compile-filter.ts';
import { conjunctsOf } from './conjuncts.ts';
import { keepSql } from './kept-sql.ts';
import type { Reader } from './reader.ts';
import { bindOnce, glue } from './sql.ts';

/**
 * The one resource of an id, when it passes: what a read is for who may not see everything. Undefined where
 * the search asks otherwise.
 */
export function oneMatch(
  reader: Reader,
  asked: SearchQuery,
  type: ResourceType,
): readonly StoredResource[] | undefined {
  const named = namedOne(asked);
  const typeId = reader.names.typeId(type);
  if (!named || typeId === undefined) return undefined;
  const { id, only } = named;
  const { text: query, args } = keepSql(reader, only, `read ${type}`, (compiler) =>
    glue(readRow, bindOnce(compileTest(allOf(conjunctsOf(only, type)), resourceRow(type), compiler), 2)),
  );
  const row = reader.db.tuple(query, [typeId, id, ...args]);
  if (!row) return [];
  const [versionId, lastUpdated, method, text] = row;
  return [{ type, id, versionId, lastUpdated, method, text } as StoredResource];
}

const readRow =
  'SELECT v.version, v.last_updated, v.method, v.text FROM resource r CROSS JOIN version v ON v.seq = r.seq WHERE r.type = ?1 AND r.id = ?2 AND r.live = 1 AND ';
