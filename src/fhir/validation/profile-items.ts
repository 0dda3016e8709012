import type { JsonObject, JsonValue } from '../fhir-json.ts';
import { isObject } from './run.ts';
import type { Slot, TypeNode } from './type-table.ts';

/** One occurrence of an element: a value, or the extensions that stand in for it. */
export type Item = {
  readonly value: JsonValue | undefined;
  /** Of a primitive: the object that holds its extensions. */
  readonly sibling: JsonObject | undefined;
  readonly slot: Slot;
  readonly index: number | undefined;
};

/** The occurrences of an element, which may be a choice (`value[x]`) or one name of it (`valueString`). */
export function itemsOf(parent: JsonObject, node: TypeNode, element: string): readonly Item[] {
  if (!element.endsWith('[x]')) return itemsAt(parent, node.slots.get(element));
  // An object has few names, a choice may have fifty.
  for (const key in parent) {
    const slot = node.slots.get(key);
    if (slot?.element === element)
      return itemsAt(parent, node.slots.get(slot.shape === 'sibling' ? slot.other : key));
  }
  return [];
}

function itemsAt(parent: JsonObject, slot: Slot | undefined): readonly Item[] {
  if (!slot) return [];
  const value = parent[slot.key];
  const beside = slot.shape === 'primitive' ? parent[slot.other] : undefined;
  if (value === undefined && beside === undefined) return [];
  if (slot.facts.max === undefined) return [toItem(value, beside, slot, undefined)];
  const values = Array.isArray(value) ? value : [];
  const siblings = Array.isArray(beside) ? beside : [];
  const length = Math.max(values.length, siblings.length);
  return Array.from({ length }, (_, index) => toItem(values[index], siblings[index], slot, index));
}

function toItem(
  value: JsonValue | undefined,
  beside: JsonValue | undefined,
  slot: Slot,
  index: number | undefined,
): Item {
  return { value: value ?? undefined, sibling: isObject(beside) ? beside : undefined, slot, index };
}

/** The object below which children of the occurrence stand, and its type. */
export function contentOf(
  { value, sibling, slot }: Item,
  element: TypeNode | undefined,
): Content | undefined {
  if (isObject(value)) return slot.node && { object: value, node: slot.node };
  return sibling && element && { object: sibling, node: element };
}

export type Content = { readonly object: JsonObject; readonly node: TypeNode };

/** All that the pattern has is in the value; of a list, each entry somewhere. */
export function matchesPattern(value: JsonValue | undefined, pattern: JsonValue | undefined): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((each) => value.some((item) => matchesPattern(item, each)));
  }
  if (!isObject(pattern)) return value === pattern;
  return isObject(value) && Object.entries(pattern).every(([key, each]) => matchesPattern(value[key], each));
}
