import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';

/** Profiles are equal by URL, codings by system and code. */
function identityOf(item: JsonValue): string {
  if (typeof item !== 'object' || item === null) return JSON.stringify(item);
  const { system, code } = item as JsonObject;
  return JSON.stringify([system, code]);
}

/** What of a list of a Meta is not among the others. Both may be long, so that none is held against each other one. */
export function without(list: readonly JsonValue[], others: readonly JsonValue[]): readonly JsonValue[] {
  const known = new Set(others.map(identityOf));
  return list.filter((item) => !known.has(identityOf(item)));
}
