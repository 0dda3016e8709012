import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import type { ValueKind } from '../../search/index-values.ts';
import { boundsOn } from './compile-bounds.ts';
import { compileDates, type DateTree, dateParamOf } from './compile-dates.ts';
import { compileTest } from './compile-test.ts';
import { homesOf } from './home.ts';
import { concernsOnly, concernsUnknown, personOf } from './person.ts';
import { allOfQueries, anyOfQueries, keyStartingWith, notQuery, oneOf, type Query } from './query.ts';
import { keyOf, spanOf } from './value-keys.ts';

export type ChainFilter = Filter & { readonly kind: 'chain' | 'has' };

/** What came of the parts that look into other resources; those that are missing are not known. */
export type ChainQueries = ReadonlyMap<ChainFilter, Query>;

type How = {
  /**
   * What an unknown part is taken for: the query then finds too much, or too little. Within a `not` it is `less`, so
   * that what is not known of a resource is told by the lean too.
   */
  readonly lean: 'more' | 'less';
  /** Something beside it leaves so few that what they bear is looked at, and is no index to walk along. */
  readonly isNarrow: boolean;
};

/**
 * A filter on resources of one type. When some chain is not known it finds all that match and perhaps others; `not`
 * turns the lean round.
 */
export function compileFilter(
  filter: Filter,
  type: ResourceType,
  chains: ChainQueries,
  how: How = { lean: 'more', isNarrow: false },
): Query {
  const { lean, isNarrow } = how;
  switch (filter.kind) {
    case 'and':
    case 'or':
      return compileGroup(filter, type, chains, how);
    case 'not':
      return notQuery(
        compileFilter(filter.of, type, chains, { isNarrow, lean: lean === 'more' ? 'less' : 'more' }),
      );
    case 'id':
      return oneOf(
        '_id',
        filter.anyOf.map((id) => `${type}/${id}`),
      );
    case 'type':
      return filter.anyOf.includes(type) ? 'all' : 'none';
    case 'concerns':
      return orUnknown(concernsOnly(filter.anyOf.map(personOf)), lean);
    case 'reach':
      return orUnknown(isNarrow ? bearsAmongFew(filter.anyOf) : oneOf('bears', filter.anyOf), lean);
    case 'lastUpdated':
      return filter.bounds.length === 0 ? 'all' : boundsOn('lastUpdated', filter.bounds);
    case 'value':
      return compileTest(filter.param, filter.test);
    case 'present':
      return anyOfQueries(filter.kinds.flatMap((kind) => presentQueries(filter.param, kind)));
    case 'chain':
    case 'has':
      return chains.get(filter) ?? (lean === 'more' ? 'all' : 'none');
  }
}

/** What an earlier release wrote, and nobody indexed since, is neither among those who are asked for nor among the others. */
function orUnknown(query: Query, lean: How['lean']): Query {
  return lean === 'more' ? query : anyOfQueries([query, concernsUnknown()]);
}

/** As an expression, which nobody takes for a way to find them. */
function bearsAmongFew(marks: readonly string[]): Query {
  const common = { $setIntersection: [{ $ifNull: ['$bears', []] }, { $literal: marks }] };
  return { $expr: { $gt: [{ $size: common }, 0] } };
}

function compileGroup(
  filter: Filter & { readonly kind: 'and' | 'or' },
  type: ResourceType,
  chains: ChainQueries,
  how: How,
): Query {
  const [dates, others] = datesOf(filter);
  const isNarrow =
    how.isNarrow || (filter.kind === 'and' && filter.of.some((part) => homesOf(part, type) !== undefined));
  const parts = others.map((part) => compileFilter(part, type, chains, { ...how, isNarrow }));
  for (const [param, trees] of dates) parts.push(compileDates(param, { kind: filter.kind, of: trees }));
  return filter.kind === 'and' ? allOfQueries(parts) : anyOfQueries(parts);
}

/** The parts that test dates, by parameter, and the other parts. */
function datesOf({ of }: Filter & { readonly kind: 'and' | 'or' }): [Map<string, DateTree[]>, Filter[]] {
  const dates = new Map<string, DateTree[]>();
  const others: Filter[] = [];
  for (const part of of) {
    const param = dateParamOf(part);
    if (param === undefined) others.push(part);
    else dates.set(param, [...(dates.get(param) ?? []), part as DateTree]);
  }
  return [dates, others];
}

function presentQueries(param: string, kind: ValueKind): readonly Query[] {
  switch (kind) {
    case 'token':
      return [keyStartingWith(keyOf.tokenCode(param, ''))];
    case 'text':
      return [keyStartingWith(keyOf.text(param, ''))];
    case 'string':
      return [keyStartingWith(keyOf.string(param, ''))];
    case 'reference':
      return [keyStartingWith(keyOf.referenceTo(param, ''))];
    case 'uri':
      return [keyStartingWith(keyOf.uri(param, ''))];
    case 'present':
      return [{ keys: keyOf.present(param) }];
    case 'composite':
      return [keyStartingWith(keyOf.composite(param, ''))];
    case 'date':
      return [{ 'spans.p': { $in: [spanOf.shortDate(param), spanOf.longDate(param)] } }];
    case 'quantity':
      return [{ 'spans.p': spanOf.quantity(param) }];
  }
}

/** The parts that look into other resources, as they stand in the filter; not those within them. */
export function chainsIn(filter: Filter): readonly ChainFilter[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.flatMap(chainsIn);
    case 'not':
      return chainsIn(filter.of);
    case 'chain':
    case 'has':
      return [filter as ChainFilter];
    default:
      return [];
  }
}
