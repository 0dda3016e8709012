import { type JsonObject, type JsonValue, withMembers } from './fhir-json.ts';
import { type LinkElement, linkElementsOf } from './link-elements.ts';
import { rewriteNarrativeLinks } from './narrative-links.ts';
import type { Definitions } from './validation/definitions.ts';

/** What a link stands in: Reference.reference, an element of type uri or url, or an attribute in the narrative. */
export type LinkKind = 'reference' | 'uri' | 'narrative';

/** New text for a link; undefined leaves it as it is. */
export type Rewrite = (text: string, kind: LinkKind) => string | undefined;

/**
 * Copies the resource with its links rewritten (R4 http.html#trules). What a link is, the type of the element says: a
 * canonical is none, nor is a URI that names something. What does not change is shared with the original.
 */
export function rewriteLinks<Value extends JsonObject>(
  resource: Value,
  definitions: Definitions,
  rewrite: Rewrite,
): Value {
  return rewriteResource(resource, { definitions, rewrite }) as Value;
}

type Work = { readonly definitions: Definitions; readonly rewrite: Rewrite };

function rewriteResource(resource: JsonObject, work: Work): JsonObject {
  const type = String(resource['resourceType']);
  return rewriteObject(resource, type, type === 'Bundle' ? outsideOf(resource, work) : work);
}

/** Within a Bundle that is itself an entry, its own fullUrls mean its own entries. */
function outsideOf(bundle: JsonObject, { definitions, rewrite }: Work): Work {
  const own = new Set(listOf(bundle['entry']).map((entry) => isObject(entry) && entry['fullUrl']));
  return { definitions, rewrite: (text, kind) => (own.has(text) ? undefined : rewrite(text, kind)) };
}

function rewriteObject(object: JsonObject, type: string, work: Work): JsonObject {
  const elements = linkElementsOf(work.definitions, type);
  let changed: Record<string, JsonValue> | undefined;
  for (const name in object) {
    const element = elements.get(name);
    const value = object[name];
    if (!element || value === undefined) continue;
    const next = rewriteValue(value, element, work);
    if (next !== value) {
      changed ??= {};
      changed[name] = next;
    }
  }
  return changed ? withMembers(object, changed) : object;
}

function rewriteValue(value: JsonValue, element: LinkElement, work: Work): JsonValue {
  if (isList(value)) {
    const items = value.map((item) => rewriteValue(item, element, work));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (typeof value === 'string') return rewriteText(value, element, work);
  if (!isObject(value)) return value;
  switch (element.kind) {
    case 'complex':
      return rewriteObject(value, element.type, work);
    case 'resource':
      return rewriteResource(value, work);
    case 'reference':
    case 'uri':
    case 'narrative':
      return value;
  }
}

function rewriteText(text: string, { kind }: LinkElement, { rewrite }: Work): string {
  switch (kind) {
    case 'reference':
    case 'uri':
      return rewrite(text, kind) ?? text;
    case 'narrative':
      return rewriteNarrativeLinks(text, (link) => rewrite(link, kind));
    case 'complex':
    case 'resource':
      return text;
  }
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return value !== undefined && isList(value) ? value : [];
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null;
}
