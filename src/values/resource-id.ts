import type { Brand } from './brand.ts';

/** A FHIR logical id. */
export type ResourceId = Brand<string, 'ResourceId'>;

/** FHIR R4 `id` (datatypes.html#id): 1 to 64 letters, digits, '-' and '.'. */
export function parseResourceId(text: string): ResourceId | undefined {
  return /^[A-Za-z0-9\-.]{1,64}$/.test(text) ? (text as ResourceId) : undefined;
}
