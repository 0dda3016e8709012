import type { ResourceType } from '../../fhir/resource-type.ts';
import type { EpochMs } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { StoredResource, StoredVersion, WriteMethod } from '../contract/store.ts';
import { numberOf, type Row, textOf } from './connection.ts';

/** A row with the columns version, last_updated, method and a text. */
export function toStored(type: ResourceType, id: ResourceId, row: Row): StoredResource {
  return { type, id, ...versionFields(row), text: textOf(row, 'text') };
}

/** A row with the column type too; its text is NULL for a delete. */
export function toStoredVersion(row: Row): StoredVersion {
  return {
    type: textOf(row, 'type') as ResourceType,
    id: textOf(row, 'id') as ResourceId,
    ...versionFields(row),
    ...(row['text'] !== null && { text: textOf(row, 'text') }),
  };
}

function versionFields(row: Row) {
  return {
    versionId: numberOf(row, 'version'),
    lastUpdated: numberOf(row, 'last_updated') as EpochMs,
    method: textOf(row, 'method') as WriteMethod,
  };
}
