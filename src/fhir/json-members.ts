import type { JsonObject, JsonValue } from './fhir-json.ts';

/** The list that stands there; empty where there is none. */
export function listAt(object: JsonObject | undefined, name: string): readonly JsonValue[] {
  const value = object?.[name];
  return Array.isArray(value) ? value : [];
}

/** The objects of the list that stands there. */
export function objectsAt(object: JsonObject | undefined, name: string): readonly JsonObject[] {
  return listAt(object, name).filter(isObject);
}

/** The object that stands there. */
export function objectAt(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object?.[name];
  return isObject(value) ? value : undefined;
}

/** The text that stands there. */
export function textAt(object: JsonObject | undefined, name: string): string | undefined {
  const value = object?.[name];
  return typeof value === 'string' ? value : undefined;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
