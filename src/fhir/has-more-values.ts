import type { JsonValue } from './fhir-json.ts';

/** Whether more than so many values stand in it, objects and arrays counted; it looks at no more than that. */
export function hasMoreValues(value: JsonValue, most: number): boolean {
  const found: JsonValue[] = [value];
  // What is found is looked into in its turn.
  for (const each of found) {
    if (found.length > most) return true;
    for (const member of membersOf(each)) found.push(member);
  }
  return found.length > most;
}

function membersOf(value: JsonValue): readonly JsonValue[] {
  return typeof value === 'object' && value !== null ? (Object.values(value) as JsonValue[]) : [];
}
