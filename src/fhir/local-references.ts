import type { ResourceId } from '../values/resource-id.ts';
import type { JsonObject, JsonValue } from './fhir-json.ts';
import { toLiteralReference } from './reference.ts';
import type { Resource } from './resource.ts';
import type { ResourceType } from './resource-type.ts';

/** A reference to a resource of this server, and the FHIRPath of the element that holds it. */
export type LocalReference = {
  readonly type: ResourceType;
  readonly id: ResourceId;
  readonly expression: string;
};

/** The literal references of a resource to resources of this server, those of contained resources among them. */
export function localReferences(resource: Resource, baseUrl: string): readonly LocalReference[] {
  const found: LocalReference[] = [];
  collect(resource, resource.resourceType, baseUrl, found);
  return found;
}

function collect(object: JsonObject, path: string, baseUrl: string, found: LocalReference[]): void {
  for (const name in object) {
    const value = object[name];
    if (name === 'reference' && typeof value === 'string') {
      const target = toLiteralReference(value, baseUrl);
      if (target.kind === 'local') found.push({ type: target.type, id: target.id, expression: path });
    } else if (value !== undefined) {
      collectIn(value, `${path}.${name}`, baseUrl, found);
    }
  }
}

function collectIn(value: JsonValue, path: string, baseUrl: string, found: LocalReference[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (isList(value))
    for (const [at, item] of value.entries()) collectIn(item, `${path}[${at}]`, baseUrl, found);
  else collect(value, path, baseUrl, found);
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
