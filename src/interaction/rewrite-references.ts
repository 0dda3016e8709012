import { type JsonObject, type JsonValue, withMembers } from '../fhir/fhir-json.ts';

/** New text for the value of the element of that name, a reference or URI; undefined leaves it as it is. */
export type Rewrite = (text: string, element: string) => string | undefined;

/** Elements of type uri, url, canonical, oid and uuid that may point at another entry. */
const uriElement = /^(?:reference|url|uri|instantiatesUri|value(?:Uri|Url|Canonical|Oid|Uuid))$/;

/**
 * Copies the resource with its references and URIs rewritten, links in narrative included (R4
 * http.html#trules). What does not change is shared with the original.
 */
export function rewriteReferences<Value extends JsonObject>(resource: Value, rewrite: Rewrite): Value {
  return rewriteObject(resource, rewrite) as Value;
}

function rewriteObject(object: JsonObject, rewrite: Rewrite): JsonObject {
  let changed: Record<string, JsonValue> | undefined;
  for (const name in object) {
    const value = object[name];
    if (value === undefined) continue;
    const next = rewriteMember(name, value, rewrite);
    if (next !== value) {
      changed ??= {};
      changed[name] = next;
    }
  }
  return changed ? withMembers(object, changed) : object;
}

function rewriteMember(name: string, value: JsonValue, rewrite: Rewrite): JsonValue {
  if (typeof value === 'string') {
    if (uriElement.test(name)) return rewrite(value, name) ?? value;
    return name === 'div' ? rewriteLinks(value, rewrite) : value;
  }
  return rewriteValue(value, rewrite);
}

function rewriteValue(value: JsonValue, rewrite: Rewrite): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (!isArray(value)) return rewriteObject(value, rewrite);
  const items = value.map((item) => rewriteValue(item, rewrite));
  return items.some((item, index) => item !== value[index]) ? items : value;
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function rewriteLinks(html: string, rewrite: Rewrite): string {
  return html.replace(/\b(href|src)="([^"]*)"/g, (whole, attribute: string, link: string) => {
    const next = rewrite(link, attribute);
    return next === undefined ? whole : `${attribute}="${next}"`;
  });
}
