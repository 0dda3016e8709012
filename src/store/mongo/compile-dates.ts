import type { Document } from 'mongodb';
import type { DateBound, Filter } from '../../search/filter.ts';
import { comparisons } from './compile-bounds.ts';
import { allOfQueries, anyOfQueries, type Query } from './query.ts';
import { longestShortDate, spanOf } from './value-keys.ts';

/** Any combination of tests on the dates of one parameter. */
export type DateTree =
  | { readonly kind: 'and' | 'or'; readonly of: readonly DateTree[] }
  | {
      readonly kind: 'value';
      readonly param: string;
      readonly test: { readonly kind: 'date'; readonly bounds: readonly DateBound[] };
    };

/** The parameter, when the filter asks for dates of one parameter and nothing else. */
export function dateParamOf(filter: Filter): string | undefined {
  if (filter.kind === 'value') return filter.test.kind === 'date' ? filter.param : undefined;
  if ((filter.kind !== 'and' && filter.kind !== 'or') || filter.of.length === 0) return undefined;
  const [first, ...others] = filter.of.map(dateParamOf);
  return others.every((param) => param === first) ? first : undefined;
}

/**
 * A resource with one short date has it alone, so all tests hold for that one, and a window of time is one range of
 * the index; the few others are tested value by value.
 */
export function compileDates(param: string, tree: DateTree): Query {
  const { low, high } = rangeOf(tree);
  const exact = onOneSpan(tree);
  const short: Document = {
    p: spanOf.shortDate(param),
    ...((low > -Infinity || high < Infinity) && {
      low: { ...(low > -Infinity && { $gte: low }), ...(high < Infinity && { $lte: high }) },
    }),
    ...(exact !== 'all' && exact !== 'none' && { $and: [exact] }),
  };
  return anyOfQueries([
    exact === 'none' ? 'none' : { spans: { $elemMatch: short } },
    onLongDates(param, tree),
  ]);
}

function onOneSpan(tree: DateTree): Query {
  if (tree.kind !== 'value') return grouped(tree, onOneSpan);
  const { bounds } = tree.test;
  return bounds.length === 0 ? 'all' : comparisons(bounds, ({ at }) => at);
}

function onLongDates(param: string, tree: DateTree): Query {
  if (tree.kind !== 'value') return grouped(tree, (part) => onLongDates(param, part));
  const { bounds } = tree.test;
  return { spans: { $elemMatch: { p: spanOf.longDate(param), ...comparisons(bounds, ({ at }) => at) } } };
}

function grouped(
  { kind, of }: DateTree & { readonly kind: 'and' | 'or' },
  compile: (part: DateTree) => Query,
): Query {
  return kind === 'and' ? allOfQueries(of.map(compile)) : anyOfQueries(of.map(compile));
}

type Range = { readonly low: number; readonly high: number };

/** Where the first millisecond of a short date can lie that passes. */
function rangeOf(tree: DateTree): Range {
  if (tree.kind === 'value') return intersection(tree.test.bounds.map(rangeOfBound));
  const ranges = tree.of.map(rangeOf);
  if (tree.kind === 'and') return intersection(ranges);
  return {
    low: Math.min(...ranges.map(({ low }) => low)),
    high: Math.max(...ranges.map(({ high }) => high)),
  };
}

function intersection(ranges: readonly Range[]): Range {
  return {
    low: Math.max(-Infinity, ...ranges.map(({ low }) => low)),
    high: Math.min(Infinity, ...ranges.map(({ high }) => high)),
  };
}

/** The first is never after the last, and in a short date at most a day before it. */
function rangeOfBound({ end, is, at }: DateBound): Range {
  if (is === '<' || is === '<=') return { low: -Infinity, high: at };
  return { low: end === 'first' ? at : at - longestShortDate, high: Infinity };
}
