import type { Filter } from '../../search/filter.ts';

/** The other types that a filter looks into, to any depth. */
export function chainTypesOf(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(chainTypesOf);
    case 'not':
      return chainTypesOf(filter.of);
    case 'chain':
    case 'has':
      return [filter.type, ...chainTypesOf(filter.of)];
    default:
      return [];
  }
}
