import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { withMembers } from '../fhir/fhir-json.ts';
import type { Resource } from '../fhir/resource.ts';
import { isResourceType } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { isResource } from '../interaction/parse-body.ts';

/** Whether R4 has the type and this server does not keep it. A name that R4 does not have is a mistake. */
export function isUnkept(ctx: InteractionContext, type: string): boolean {
  return !isResourceType(type) && ctx.definitions.types[type]?.kind === 'resource';
}

export type KeptBundle = {
  readonly bundle: Resource;
  /** Place in the original of each entry that is left. */
  readonly places: readonly number[];
  /** Type of each entry that was left out. */
  readonly skipped: readonly string[];
};

/**
 * The Bundle without the entries whose type is not kept. What refers to one by its fullUrl keeps type and display, and
 * names it by identifier instead: the reference says what it said, and nothing has to be there.
 */
export function withoutUnkept(ctx: InteractionContext, bundle: Resource): KeptBundle {
  const entries = bundle['entry'];
  if (!Array.isArray(entries)) return { bundle, places: [], skipped: [] };
  const types = entries.map((entry: JsonValue) => typeOf(entry));
  const isKept = types.map((type) => type === undefined || !isUnkept(ctx, type));
  const places = [...entries.keys()].filter((place) => isKept[place]);
  const skipped = types.flatMap((type, place) => (type === undefined || isKept[place] ? [] : [type]));
  const gone = new Map<string, string>();
  for (const [place, type] of types.entries()) {
    const url = fullUrlOf(entries[place]);
    if (type !== undefined && !isKept[place] && url !== undefined) gone.set(url, type);
  }
  const kept = places.map((place) => nameByIdentifier(entries[place], gone));
  return { bundle: { ...bundle, entry: kept }, places, skipped };
}

/** Type of what an entry holds, or of what its request is about. */
function typeOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  if ('resource' in entry && isResource(entry.resource)) return entry.resource.resourceType;
  const request = 'request' in entry ? entry.request : undefined;
  if (typeof request !== 'object' || request === null || !('url' in request)) return undefined;
  return typeof request.url === 'string' ? /^[A-Za-z]+/.exec(request.url)?.[0] : undefined;
}

function fullUrlOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || !('fullUrl' in entry)) return undefined;
  return typeof entry.fullUrl === 'string' ? entry.fullUrl : undefined;
}

/** Copies what changes; the rest is shared with the original. */
function nameByIdentifier(value: JsonValue, gone: ReadonlyMap<string, string>): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) {
    const items = value.map((item) => nameByIdentifier(item, gone));
    return items.some((item, place) => item !== value[place]) ? items : value;
  }
  const changed: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(value)) {
    const next = nameByIdentifier(member ?? null, gone);
    if (next !== member) changed[name] = next;
  }
  const copy = Object.keys(changed).length > 0 ? withMembers(value, changed) : value;
  const { reference } = copy;
  const type = typeof reference === 'string' ? gone.get(reference) : undefined;
  return type === undefined ? copy : toLogical(copy, type);
}

/** R4 references.html#logical; a URI as an identifier has the system of RFC 3986. */
function toLogical(reference: JsonObject, type: string): JsonObject {
  const { reference: value, ...rest } = reference;
  return { type, identifier: { system: 'urn:ietf:rfc:3986', value: value ?? '' }, ...rest };
}

function isArray(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
