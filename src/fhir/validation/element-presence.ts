import type { JsonObject, JsonValue } from '../fhir-json.ts';
import { isObject } from './run.ts';

/** FHIRPath `name.exists()`: a primitive may be there by its extensions alone. */
export function has(node: JsonObject, name: string): boolean {
  return node[name] !== undefined || node[`_${name}`] !== undefined;
}

/** `name.exists()` of a choice: `value` finds valueQuantity. */
export function hasChoice(node: JsonObject, name: string): boolean {
  for (const key in node) {
    const at = key.startsWith('_') ? 1 : 0;
    const next = key.charCodeAt(at + name.length);
    if (next >= 0x41 && next <= 0x5a && key.startsWith(name, at)) return true;
  }
  return false;
}

/** The objects at a name, be it one, several or none. */
export function objectsAt(node: JsonObject, name: string): readonly JsonObject[] {
  const value = node[name];
  if (Array.isArray(value)) return value.filter(isObject);
  return isObject(value) ? [value] : [];
}

/** A concept has a coding of that system with one of the codes. */
export function hasCoding(concept: JsonValue | undefined, system: string, codes: readonly string[]): boolean {
  if (!isObject(concept)) return false;
  return objectsAt(concept, 'coding').some(
    (coding) => coding['system'] === system && codes.includes(String(coding['code'])),
  );
}

/** FHIRPath `isDistinct()`, in linear time. */
export function areDistinct(values: readonly (JsonValue | undefined)[]): boolean {
  const present = values.filter((value) => value !== undefined);
  return new Set(present).size === present.length;
}
