import type { ResourceType } from '../../fhir/resource-type.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { ResourceKey } from './store.ts';

/** The ids of each type, in the order of the keys. */
export function idsByType(keys: readonly ResourceKey[]): ReadonlyMap<ResourceType, readonly ResourceId[]> {
  const ids = new Map<ResourceType, ResourceId[]>();
  for (const { type, id } of keys) {
    const ofType = ids.get(type);
    if (ofType) ofType.push(id);
    else ids.set(type, [id]);
  }
  return ids;
}
