import { createHash } from 'node:crypto';
import type { ParsedResource, Resource } from './fhir/resource.ts';
import { isResourceType } from './fhir/resource-type.ts';
import type { InteractionContext } from './interaction/context.ts';
import { isResource } from './interaction/parse-body.ts';
import { updateResource } from './interaction/update-resource.ts';
import type { Operation } from './operation/operation.ts';
import { operationDefinition } from './operation/operation-definition.ts';
import type { Store } from './store/contract/store.ts';
import { parseResourceId } from './values/resource-id.ts';

/**
 * The resources behind the canonicals that the CapabilityStatement names, each under an id of its own: search
 * parameters, operations, profiles, code systems, value sets and concept maps.
 */
export function definitionResources(
  documents: readonly unknown[],
  operations: readonly Operation[],
): readonly Resource[] {
  const byKey = new Map<string, Resource>();
  const add = (resource: Resource) => {
    const id = typeof resource.id === 'string' ? resource.id : idOf(String(resource['url']));
    const key = `${resource.resourceType}/${id}`;
    if (!byKey.has(key)) byKey.set(key, { ...resource, id });
  };
  for (const document of documents.flatMap(unpacked)) if (isResource(document)) add(document);
  for (const operation of operations) add(operationDefinition(operation) as unknown as Resource);
  return [...byKey.values()];
}

function unpacked(document: unknown): readonly unknown[] {
  if (!isResource(document) || document.resourceType !== 'Bundle') return [document];
  const entries: unknown = document['entry'];
  return Array.isArray(entries)
    ? entries.map((entry: { readonly resource?: unknown }) => entry.resource)
    : [];
}

/** The end of a canonical, as far as an id can hold it. */
function idOf(url: string): string {
  const end = url.slice(url.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9\-.]/g, '-');
  return end.slice(-64) || 'definition';
}

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
