import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { isResourceType, type ResourceType } from './resource-type.ts';

/** What the text of `Reference.reference` points at (R4 references.html#literal). */
export type LiteralReference =
  | {
      readonly kind: 'local';
      readonly type: ResourceType;
      readonly id: ResourceId;
      readonly version?: string;
    }
  | { readonly kind: 'contained'; readonly id: string }
  | { readonly kind: 'conditional'; readonly type: ResourceType; readonly query: string }
  | { readonly kind: 'elsewhere'; readonly url: string };

/**
 * Reads a literal reference. A URL below `baseUrl` (the FHIR base, no trailing slash) is local; what is no
 * reference to a type that this server keeps is `elsewhere`.
 */
export function toLiteralReference(text: string, baseUrl: string): LiteralReference {
  if (text.startsWith('#')) return { kind: 'contained', id: text.slice(1) };
  const path = text.startsWith(`${baseUrl}/`) ? text.slice(baseUrl.length + 1) : text;
  const query = path.indexOf('?');
  if (query > 0) {
    const type = path.slice(0, query);
    if (isResourceType(type)) return { kind: 'conditional', type, query: path.slice(query + 1) };
  }
  return readPath(path) ?? { kind: 'elsewhere', url: text };
}

/** `Type/id` or `Type/id/_history/version`. */
function readPath(path: string): LiteralReference | undefined {
  const slash = path.indexOf('/');
  const type = path.slice(0, Math.max(slash, 0));
  if (!isResourceType(type)) return undefined;
  const end = path.indexOf('/', slash + 1);
  const id = parseResourceId(path.slice(slash + 1, end < 0 ? path.length : end));
  if (id === undefined) return undefined;
  if (end < 0) return { kind: 'local', type, id };
  const [history, version, ...rest] = path.slice(end + 1).split('/');
  const isVersion = history === '_history' && version !== undefined && rest.length === 0;
  return isVersion ? { kind: 'local', type, id, version } : undefined;
}
