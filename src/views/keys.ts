import { toLiteralReference } from '../fhir/reference.ts';

/** `getResourceKey()`: the id, which is one of its type. Of anything but a resource there is none. */
export function keyOfResource(focus: unknown): readonly string[] {
  const { resourceType, id } = (focus ?? {}) as { readonly resourceType?: unknown; readonly id?: unknown };
  return typeof resourceType === 'string' && typeof id === 'string' ? [id] : [];
}

/**
 * `getReferenceKey(type?)`: equal to the key of the resource that is referred to. Undefined for another type, and for
 * what is kept elsewhere or within the resource.
 */
export function keyOfReference(
  reference: unknown,
  type: string | undefined,
  baseUrl: string,
): string | undefined {
  const { reference: text } = (reference ?? {}) as { readonly reference?: unknown };
  if (typeof text !== 'string') return undefined;
  const target = toLiteralReference(text, baseUrl);
  if (target.kind !== 'local' || (type !== undefined && target.type !== type)) return undefined;
  return target.id;
}
