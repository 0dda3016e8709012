import { beginFhirJson, maxDepth, type ParsedJson } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { ParsedResource, Resource } from '../fhir/resource.ts';
import { parseAtOnce, parseWithPauses } from '../fhir/stepwise-parse.ts';
import type { Pace } from '../values/turns.ts';
import { mostValuesSent, requireModest } from './resource-bounds.ts';

/** Parses a body that must be a resource; a type this server does not keep is left to the interaction. */
export function parseResourceBody(text: string): ParsedResource {
  requireText(text);
  return requireResource(parseAtOnce(beginFhirJson(text)));
}

/** The same of a text that is known to be a resource, parsed when it is first asked for. */
export function parseLater(text: string): ParsedResource {
  let parsed: ParsedResource | undefined;
  const parse = () => {
    parsed ??= parseResourceBody(text);
    return parsed;
  };
  return {
    get resource() {
      return parse().resource;
    },
    get exactNumbers() {
      return parse().exactNumbers;
    },
  };
}

/** The same for a body that may be large; what is too large is refused. */
export async function readResourceBody(text: string, pace: Pace): Promise<ParsedResource> {
  requireText(text);
  // To make the text of the bytes took a while, where it is long.
  await pace();
  const parse = beginFhirJson(text, maxDepth, mostValuesSent);
  const parsed = requireResource(await parseWithPauses(parse, pace));
  if (parsed.resource.resourceType !== 'Bundle') requireModest(parsed.resource);
  return parsed;
}

function requireText(text: string): void {
  if (!/\S/.test(text))
    throw new Problem('invalid-syntax', 'The request has no body; a resource was expected');
}

function requireResource(parsed: ParsedJson): ParsedResource {
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
