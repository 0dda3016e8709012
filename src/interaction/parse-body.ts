import { parseFhirJson } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';

/** Parses a body that must be a resource; a type this server does not keep is left to the interaction. */
export function parseResourceBody(text: string): ParsedResource {
  if (text.trim() === '')
    throw new Problem('invalid-syntax', 'The request has no body; a resource was expected');
  const parsed = parseFhirJson(text);
  if (!parsed.ok) {
    throw new Problem('invalid-syntax', `The body is not FHIR JSON: ${parsed.message}`, {
      expression: parsed.expression === '' ? undefined : parsed.expression,
    });
  }
  if (!isResource(parsed.value)) {
    throw new Problem('invalid-syntax', 'The body must be a JSON object with a "resourceType"');
  }
  return { resource: parsed.value, exactNumbers: parsed.exactNumbers };
}

export function isResource(value: unknown): value is Resource {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'resourceType' in value &&
    typeof value.resourceType === 'string'
  );
}
