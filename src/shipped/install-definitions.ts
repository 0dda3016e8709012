import { createHash } from 'node:crypto';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import { isResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { updateResource } from '../interaction/update-resource.ts';
import type { Store } from '../store/contract/store.ts';
import { parseResourceId } from '../values/resource-id.ts';

const collection = 'definitions';

/** Writes the definitions that are new or have changed since the last start; answers how many there are. */
export async function installDefinitions(
  ctx: InteractionContext,
  store: Store,
  resources: readonly Resource[],
): Promise<number> {
  const fingerprint = createHash('sha256').update(JSON.stringify(resources)).digest('hex');
  const record = await store.readRecord(collection, 'installed');
  if (record?.value === fingerprint) return resources.length;
  await Promise.all(resources.map((resource) => install(ctx, { resource, exactNumbers: false })));
  const installed = { collection, key: 'installed', value: fingerprint };
  await store.writeRecords([{ kind: 'put', record: installed }]);
  return resources.length;
}

async function install(ctx: InteractionContext, parsed: ParsedResource): Promise<void> {
  const { resourceType, id } = parsed.resource;
  const known = id === undefined ? undefined : parseResourceId(id);
  if (!isResourceType(resourceType) || known === undefined) {
    throw new Error(`the definition ${resourceType}/${id} cannot be kept under its id`);
  }
  try {
    await updateResource(ctx, { type: resourceType, id: known }, parsed);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the definition ${resourceType}/${id} cannot be kept: ${reason}`, { cause });
  }
}
