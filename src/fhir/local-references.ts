import type { ResourceId } from '../values/resource-id.ts';
import type { JsonObject, JsonValue } from './fhir-json.ts';
import { type LinkElement, linkElementsOf } from './link-elements.ts';
import { toLiteralReference } from './reference.ts';
import type { Resource } from './resource.ts';
import type { ResourceType } from './resource-type.ts';
import type { Definitions } from './validation/definitions.ts';

/** A reference to a resource of this server, and the FHIRPath of the element that holds it. */
export type LocalReference = {
  readonly type: ResourceType;
  readonly id: ResourceId;
  readonly expression: string;
};

type Search = {
  readonly definitions: Definitions;
  readonly baseUrl: string;
  readonly found: LocalReference[];
};

/**
 * The literal references of a resource to resources of this server, those of contained resources among them. What a
 * reference is, the type of the element says: a URI that is named `reference` is none.
 */
export function localReferences(
  resource: Resource,
  definitions: Definitions,
  baseUrl: string,
): readonly LocalReference[] {
  const search: Search = { definitions, baseUrl, found: [] };
  lookIn(search, resource, resource.resourceType, resource.resourceType);
  return search.found;
}

function lookIn(search: Search, object: JsonObject, type: string, path: string): void {
  const elements = linkElementsOf(search.definitions, type);
  for (const name in object) {
    const element = elements.get(name);
    const value = object[name];
    if (element && value !== undefined) lookAt(search, value, element, { path, name });
  }
}

type Place = { readonly path: string; readonly name: string };

function lookAt(search: Search, value: JsonValue, element: LinkElement, { path, name }: Place): void {
  if (isList(value)) {
    for (const [at, item] of value.entries()) lookAt(search, item, element, { path, name: `${name}[${at}]` });
  } else if (typeof value === 'string') {
    if (element.kind === 'reference') note(search, value, path);
  } else if (isObject(value)) {
    if (element.kind === 'complex') lookIn(search, value, element.type, `${path}.${name}`);
    else if (element.kind === 'resource')
      lookIn(search, value, String(value['resourceType']), `${path}.${name}`);
  }
}

function note({ baseUrl, found }: Search, text: string, expression: string): void {
  const target = toLiteralReference(text, baseUrl);
  if (target.kind === 'local') found.push({ type: target.type, id: target.id, expression });
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null;
}
