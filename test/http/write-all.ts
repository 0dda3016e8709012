import type { ResourceType } from '../../src/fhir/resource-type.ts';
import type { InteractionContext } from '../../src/interaction/context.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';

/** Keeps resources under the ids that they have, one after the other. */
export async function writeAll(ctx: InteractionContext, resources: readonly object[]): Promise<void> {
  for (const resource of resources) {
    const { resourceType, id } = resource as { readonly resourceType: ResourceType; readonly id: ResourceId };
    const parsed = { resource: resource as never, exactNumbers: false };
    await updateResource(ctx, { type: resourceType, id }, parsed);
  }
}
