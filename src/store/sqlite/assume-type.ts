import { everything, type Filter, nothing, type VersionFilter } from '../../search/filter.ts';

/** What the filter means for resources of this type: no part asks for the type any more. */
export function assumeType(filter: VersionFilter, type: string): VersionFilter;
export function assumeType(filter: Filter, type: string): Filter;
export function assumeType(filter: Filter, type: string): Filter {
  const { kind } = filter;
  if (kind === 'type') return filter.anyOf.includes(type) ? everything : nothing;
  if (kind === 'not') return negate(assumeType(filter.of, type));
  if (kind !== 'and' && kind !== 'or') return filter;
  return fold(
    kind,
    filter.of.map((part) => assumeType(part, type)),
  );
}

function negate(of: Filter): Filter {
  if (isEmpty(of, 'and')) return nothing;
  return isEmpty(of, 'or') ? everything : { kind: 'not', of };
}

/** What is all in an `and`, or nothing in an `or`, does not count. */
function fold(kind: 'and' | 'or', of: readonly Filter[]): Filter {
  const left = of.filter((part) => !isEmpty(part, kind));
  const only = left.length === 1 ? left[0] : undefined;
  return only ?? { kind, of: left };
}

function isEmpty(filter: Filter, kind: 'and' | 'or'): boolean {
  return filter.kind === kind && filter.of.length === 0;
}
