import { parseFhirJson } from '../fhir/fhir-json.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { isResource } from './parse-body.ts';

/** Parses a text of the store, which was checked when it came in: anything but a resource is a fault of ours. */
export function parseStored({ type, id, text }: StoredResource): ParsedResource {
  const parsed = parseFhirJson(text);
  if (!parsed.ok || !isResource(parsed.value)) throw new Error(`${type}/${id} is stored as no resource`);
  return { resource: parsed.value, exactNumbers: parsed.exactNumbers };
}
