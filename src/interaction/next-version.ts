import type { Resource } from '../fhir/resource.ts';
import type { Change, ResourceKey } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { prepareChange } from './prepare-change.ts';

/**
 * The next version of a resource that was read, with all that it is made of now, or the first of a new one. Whatever
 * somebody else wrote of it since it was read is never written over: the change follows the version that `meta.versionId`
 * names, so the store finds it stale and `commit` plans anew.
 */
export async function nextVersion(system: InteractionContext, resource: Resource): Promise<Change> {
  const key = { type: resource.resourceType, id: resource.id } as ResourceKey;
  const found = await system.view.read(key);
  const current = found && { ...found, versionId: Number(resource.meta?.versionId ?? 0) };
  const method = found ? 'PUT' : 'POST';
  // What of it was read is written as it was.
  return prepareChange(system, { resource, exactNumbers: true }, { ...key, method, current });
}
