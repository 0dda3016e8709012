import { Problem } from '../fhir/problem.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import { isResourceType } from '../fhir/resource-type.ts';
import type { Change, ResourceKey } from '../store/contract/store.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import type { InteractionContext } from './context.ts';
import { parseResourceBody } from './parse-body.ts';
import { type PrepareContext, prepareChange } from './prepare-change.ts';
import { hasConditionalReferences } from './resolve-references.ts';
import { isLarge } from './resource-bounds.ts';

export type AheadContext = PrepareContext & Pick<InteractionContext, 'baseUrl' | 'definitions'>;

/** What an update would write if nothing were there yet, made before anybody has looked whether something is. */
export type Ahead = ResourceKey & { readonly change: Change };

/**
 * Prepares a resource that is to be written under its own id, or under `placeId` where it has none. Undefined for whatever
 * is not ordinary: it is left to the usual way, which also says what is wrong with it.
 */
export function prepareAhead(ctx: AheadContext, text: string, placeId: () => ResourceId): Ahead | undefined {
  try {
    return prepareOrdinary(ctx, parseResourceBody(text), placeId);
  } catch (thrown) {
    if (thrown instanceof Problem) return undefined;
    throw thrown;
  }
}

function prepareOrdinary(
  ctx: AheadContext,
  parsed: ParsedResource,
  placeId: () => ResourceId,
): Ahead | undefined {
  const { resource } = parsed;
  const type = resource.resourceType;
  const id = idOf(resource, placeId);
  if (!isResourceType(type) || id === undefined || isLarge(resource)) return undefined;
  if (hasConditionalReferences(ctx, resource)) return undefined;
  const change = prepareChange(ctx, parsed, { type, id, method: 'PUT', current: undefined });
  return { type, id, change };
}

function idOf({ id }: Resource, placeId: () => ResourceId): ResourceId | undefined {
  if (id === undefined) return placeId();
  return typeof id === 'string' ? parseResourceId(id) : undefined;
}
