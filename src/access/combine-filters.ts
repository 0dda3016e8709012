import { everything, type Filter, isEverything, nothing } from '../search/filter.ts';

export function isNothing(filter: Filter): boolean {
  return filter.kind === 'or' && filter.of.every(isNothing);
}

/** What passes one of them, without what says nothing. */
export function unionOf(filters: readonly Filter[]): Filter {
  if (filters.some(isEverything)) return everything;
  const [first, ...others] = distinct(filters.filter((filter) => !isNothing(filter)));
  if (!first) return nothing;
  return others.length === 0 ? first : { kind: 'or', of: [first, ...others] };
}

/** What passes both, without what says nothing; of persons who are named twice, those who are named by both. */
export function meetingOf(one: Filter, other: Filter): Filter {
  if (isNothing(one) || isNothing(other)) return nothing;
  if (isEverything(one)) return other;
  if (isEverything(other)) return one;
  if (one.kind !== 'concerns' || other.kind !== 'concerns') return { kind: 'and', of: [one, other] };
  const anyOf = one.anyOf.filter((id) => other.anyOf.includes(id));
  // Whether two ids are of one person only the store knows.
  return anyOf.length === 0 ? { kind: 'and', of: [one, other] } : { kind: 'concerns', anyOf };
}

/** Many scopes come to the same. */
function distinct(filters: readonly Filter[]): readonly Filter[] {
  return [...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values()];
}
