import type { ResourceType } from '../fhir/resource-type.ts';

/**
 * Keys of the server's own by which resources of a type are found: they stand in the index as tokens without a system
 * under a code that is no search parameter, so that no client can ask by it or be told of it.
 */
export type OwnKeys = {
  readonly type: ResourceType;
  readonly code: string;
  /** Another one where keys are drawn otherwise: the index is then built anew. */
  readonly version: string;
  readonly keysOf: (resource: object) => readonly string[];
};
