import { type JsonObject, type JsonValue, parseFhirJson } from '../fhir/fhir-json.ts';
import { applyFhirPathPatch } from '../fhir/fhirpath-patch.ts';
import { applyJsonPatch, PatchFault } from '../fhir/json-patch.ts';
import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { ElementTables } from '../fhir/subset-resource.ts';
import type { Definitions } from '../fhir/validation/definitions.ts';
import { writeJson } from '../fhir/write-json.ts';
import { applyXmlPatch, parseXmlPatch } from '../fhir/xml-patch.ts';
import { isResource } from './parse-body.ts';
import type { Patch } from './write-plan.ts';

/** A body of type application/json-patch+json (RFC 6902). */
export function parseJsonPatch(text: string): Patch {
  const parsed = parseFhirJson(text);
  if (!parsed.ok) throw new Problem('invalid-syntax', `The body is not a JSON patch: ${parsed.message}`);
  const { value, exactNumbers } = parsed;
  if (!Array.isArray(value))
    throw new Problem('invalid-syntax', 'A JSON patch must be an array of operations');
  const operations: readonly JsonValue[] = value;
  return patchWith(exactNumbers, (resource) => applyJsonPatch(resource, operations));
}

/** A Parameters resource of operations (R4 fhirpatch.html). */
export function parseFhirPathPatch(
  { resource: parameters, exactNumbers }: ParsedResource,
  tables: ElementTables,
): Patch {
  if (parameters.resourceType !== 'Parameters') {
    throw new Problem(
      'invalid-content',
      `A FHIRPath patch is a Parameters resource, not ${parameters.resourceType}`,
    );
  }
  return patchWith(exactNumbers, (resource) => applyFhirPathPatch(resource, parameters, tables));
}

/** A body of type application/xml-patch+xml (RFC 5261, on the XML form of the resource). */
export function parseXmlPatchBody(text: string, definitions: Definitions): Patch {
  const parsed = parseXmlPatch(text);
  if (!parsed.ok) throw new Problem('invalid-syntax', `The body is not an XML patch: ${parsed.message}`);
  return (current) =>
    atOperation(() => {
      const patched = applyXmlPatch(current.resource, parsed.patch, definitions);
      if (!patched) return current;
      if (!isResource(patched.value))
        throw new Problem('invalid-value', 'What the patch makes is no resource');
      return { resource: patched.value, exactNumbers: patched.exactNumbers };
    });
}

function patchWith(exactNumbers: boolean, apply: (resource: JsonObject) => JsonObject): Patch {
  return (current) =>
    atOperation(() => {
      const patched = apply(current.resource);
      const exact = current.exactNumbers || exactNumbers;
      return { resource: requireFhirJson(patched, exact), exactNumbers: exact };
    });
}

function atOperation<Result>(apply: () => Result): Result {
  try {
    return apply();
  } catch (thrown) {
    if (!(thrown instanceof PatchFault)) throw thrown;
    throw new Problem('invalid-value', `Operation ${thrown.place + 1} of the patch: ${thrown.message}`);
  }
}

/** A patch can leave what FHIR JSON forbids: an empty array, an empty object. */
function requireFhirJson(patched: unknown, exactNumbers: boolean) {
  const checked = parseFhirJson(writeJson(patched, exactNumbers));
  if (checked.ok && isResource(checked.value)) return checked.value;
  const reason = checked.ok ? 'it has no resourceType' : checked.message.replace(/ \(line.*/, '');
  const expression = checked.ok || checked.expression === '' ? undefined : checked.expression;
  throw new Problem('invalid-value', `What the patch makes is not a resource: ${reason}`, { expression });
}
