import { compareText } from './fold-text.ts';
import type { Indexed, IndexValue } from './index-values.ts';

/** What a key sorts by; a parameter has values of one of these kinds. */
export type SortKind = 'id' | 'lastUpdated' | 'token' | 'string' | 'reference' | 'uri' | 'date' | 'quantity';

export type SortKey = { readonly param: string; readonly by: SortKind; readonly descending: boolean };

export type SortValue = string | number | undefined;

/** The value a resource is sorted by: its least for an ascending key, its greatest for a descending one. */
export function sortValue(key: SortKey, resource: Indexed): SortValue {
  if (key.by === 'id') return resource.id;
  if (key.by === 'lastUpdated') return resource.lastUpdated;
  let best: SortValue;
  for (const value of resource.index[key.param] ?? []) {
    if (value.kind !== key.by) continue;
    const candidate = comparableOf(value, key.descending);
    if (best === undefined || compareValues(key, candidate, best) < 0) best = candidate;
  }
  return best;
}

function comparableOf(value: IndexValue, descending: boolean): SortValue {
  switch (value.kind) {
    case 'token':
      return value.code;
    case 'string':
      return value.folded;
    case 'reference':
      return `${value.type}/${value.id}`;
    case 'uri':
      return value.uri;
    case 'date':
      return descending ? value.last : value.first;
    case 'quantity':
      return descending ? value.high : value.low;
    case 'text':
    case 'present':
    case 'composite':
      return undefined;
  }
}

/** Below zero when `a` comes first; a missing value comes last in both directions. */
export function compareValues(key: SortKey, a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  const order = typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b);
  return key.descending ? -order : order;
}

/**
 * The order of a search: by its keys, ties by type and id. The stores are held against it.
 * @internal
 */
export function compareIndexed(keys: readonly SortKey[], a: Indexed, b: Indexed): number {
  for (const key of keys) {
    const order = compareValues(key, sortValue(key, a), sortValue(key, b));
    if (order !== 0) return order;
  }
  return compareText(a.type, b.type) || compareText(a.id, b.id);
}
