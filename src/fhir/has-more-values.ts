import type { JsonValue } from './fhir-json.ts';

/** Whether more than so many values stand in it, objects and arrays counted; it looks at no more than that. */
export function hasMoreValues(value: JsonValue, most: number): boolean {
  return countUpTo(value, most) > most;
}

/** One more than so many where there are more. JSON that was read nests no deeper than 100 (`maxDepth`). */
function countUpTo(value: JsonValue | undefined, most: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && count <= most; at++) count += countUpTo(value[at], most - count);
    return count;
  }
  const object: Readonly<Record<string, JsonValue | undefined>> = value as never;
  for (const name in object) {
    if (count > most) return count;
    count += countUpTo(object[name], most - count);
  }
  return count;
}
