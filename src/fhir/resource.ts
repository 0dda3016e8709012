import type { JsonObject } from './fhir-json.ts';

export type Meta = JsonObject & { readonly versionId?: string; readonly lastUpdated?: string };

/** Any resource as parsed: read-only. */
export type Resource = JsonObject & {
  readonly resourceType: string;
  readonly id?: string;
  readonly meta?: Meta;
};

/** A resource that came in, and whether its numbers must be written with the digits they came with. */
export type ParsedResource = { readonly resource: Resource; readonly exactNumbers: boolean };
