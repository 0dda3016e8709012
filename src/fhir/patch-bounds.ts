import type { JsonValue } from './fhir-json.ts';

/** Each operation walks along the resource. */
export const maxPatchOperations = 1000;

/** Elements that all operations of a patch may look at together. */
const maxPatchWork = 1_000_000;

/** Elements that all operations of a patch may copy together, a long text counted as several. */
export const maxCopied = 100_000;

/** So many characters of a text count as an element. */
const charactersPerElement = 32;

/** Why a patch may not be begun; undefined when it may. Every operation may look at every element of the resource. */
export function patchFault(operations: number, resource: JsonValue): string | undefined {
  if (operations > maxPatchOperations) {
    return `it has ${operations} operations; at most ${maxPatchOperations} are taken`;
  }
  const elements = countElements(resource, maxPatchWork);
  if (operations * elements <= maxPatchWork) return undefined;
  return `its ${operations} operations are too many for a resource of ${elements} elements; send fewer in one patch`;
}

/** What a copy of the value takes of `maxCopied`. */
export function costOfCopy(value: JsonValue, most: number): number {
  return countElements(value, most, charactersPerElement);
}

/** Objects, lists and values, a text once more for each so many characters; counting ends a little past `most`. */
function countElements(
  value: JsonValue | undefined,
  most: number,
  textUnit = Number.POSITIVE_INFINITY,
): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / textUnit);
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const part of Object.values(value)) {
    if (count > most) return count;
    count += countElements(part, most - count, textUnit);
  }
  return count;
}
