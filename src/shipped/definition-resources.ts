import type { Resource } from '../fhir/resource.ts';
import { isResource } from '../interaction/parse-body.ts';
import type { Operation } from '../operation/operation.ts';
import { operationDefinition } from '../operation/operation-definition.ts';
import { shippedDocuments } from './package-files.ts';
import { shippedTerminology } from './terminology.ts';

/**
 * The resources behind the canonicals that the CapabilityStatement names, each under an id of its own: search
 * parameters, operations, profiles, code systems, value sets and concept maps.
 */
export function definitionResources(operations: readonly Operation[]): readonly Resource[] {
  const documents = [
    ...shippedDocuments('search-params'),
    ...shippedDocuments('profiles'),
    ...shippedTerminology().resources(),
  ];
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
