import { beginFhirJson, type ParsedJson, parseFhirJson } from '../fhir/fhir-json.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import { parseWithPauses } from '../fhir/stepwise-parse.ts';
import type { StoredResource } from '../store/contract/store.ts';
import type { Pace } from '../values/turns.ts';
import { isResource } from './parse-body.ts';

/** Parses a text of the store, which was checked when it came in: anything but a resource is a fault of ours. */
export function parseStored(stored: StoredResource): ParsedResource {
  return toParsed(stored, parseFhirJson(stored.text));
}

/** The same of one that may be large. */
export async function parseStoredInTurns(stored: StoredResource, pace: Pace): Promise<ParsedResource> {
  return toParsed(stored, await parseWithPauses(beginFhirJson(stored.text), pace));
}

/** Reading more characters than this takes a pause. */
const shortText = 256 * 1024;

/** The JSON of a text of the store, read in steps where it is long: nothing is kept of how its numbers were written. */
export async function readStoredJson<Kind>({ text }: { readonly text: string }, pace: Pace): Promise<Kind> {
  await pace();
  if (text.length <= shortText) return JSON.parse(text) as Kind;
  const parsed = await parseWithPauses(beginFhirJson(text), pace);
  if (!parsed.ok) throw new Error(`what is stored is no FHIR JSON: ${parsed.message}`);
  return parsed.value as Kind;
}

function toParsed({ type, id }: StoredResource, parsed: ParsedJson): ParsedResource {
  if (!parsed.ok || !isResource(parsed.value)) throw new Error(`${type}/${id} is stored as no resource`);
  return { resource: parsed.value, exactNumbers: parsed.exactNumbers };
}
