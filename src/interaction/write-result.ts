import type { StoredResource, StoredVersion } from '../store/contract/store.ts';
import type { ResourceId } from '../values/resource-id.ts';

/** What came of a create, update or patch. */
export type WriteResult = {
  /** `unchanged`: the same content was there already, or a conditional create found its match. */
  readonly kind: 'created' | 'updated' | 'unchanged';
  readonly version: StoredResource;
  /** Of a Patient that is one of several records: the person whose record it is. */
  readonly person?: ResourceId;
};

/** The version that a change makes, without what only the store needs: answers wait for the disk, and memory with them. */
export function storedResource(version: StoredVersion): StoredResource {
  const { type, id, versionId, lastUpdated, method, text } = version;
  if (text === undefined) throw new Error(`${type}/${id} was written without a text`);
  return { type, id, versionId, lastUpdated, method, text };
}
