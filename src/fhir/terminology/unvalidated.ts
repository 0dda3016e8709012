import type { CodeSystemConceptDesignation } from 'fhir/r4.js';

// A resource in a parameter has not been validated: what reads it takes no type for granted.

/** The objects of an array. */
export function objectsIn<Item extends object>(list: readonly Item[] | undefined): readonly Item[] {
  const items: unknown = list;
  if (list === undefined || !Array.isArray(items)) return [];
  return list.filter((item: Item | null) => typeof item === 'object' && item !== null);
}

/** The texts of an array. */
export function textsIn(list: readonly string[] | undefined): readonly string[] {
  const items: unknown = list;
  return Array.isArray(items) ? items.filter((item) => typeof item === 'string') : [];
}

/** The designations that have a value one can read. */
export function designationsIn(
  list: readonly CodeSystemConceptDesignation[] | undefined,
): readonly CodeSystemConceptDesignation[] {
  return objectsIn(list).filter(({ value }) => typeof value === 'string');
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
