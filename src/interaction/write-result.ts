import type { StoredResource, StoredVersion } from '../store/contract/store.ts';

/** What came of a create, update or patch. */
export type WriteResult = {
  /** `unchanged`: the same content was there already, or a conditional create found its match. */
  readonly kind: 'created' | 'updated' | 'unchanged';
  readonly version: StoredResource;
};

export function storedResource(version: StoredVersion): StoredResource {
  if (version.text === undefined) throw new Error(`${version.type}/${version.id} was written without a text`);
  return { ...version, text: version.text };
}
