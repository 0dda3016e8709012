import type { ResourceType } from '../../fhir/resource-type.ts';
import type { ResourceId } from '../../values/resource-id.ts';

export type ResourceKey = { readonly type: ResourceType; readonly id: ResourceId };

/** Opaque to all but the store that made it; safe in a URL; stays valid while others write. */
export type Cursor = string;

/** `after` is not a cursor that this store made for such a query. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}

/**
 * Whether nobody waits for the answer any more. A store asks it while it reads for long, and then ends with an
 * AbandonedError; what is read quickly is answered all the same.
 */
export type HasGone = (() => boolean) | undefined;
