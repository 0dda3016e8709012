import type { Document } from 'mongodb';
import type { Comparison } from '../../search/filter.ts';

const operators: Readonly<Record<Comparison, string>> = {
  '<': '$lt',
  '<=': '$lte',
  '>': '$gt',
  '>=': '$gte',
};

type Bound = { readonly end: 'first' | 'last' | 'low' | 'high'; readonly is: Comparison };

const fields = { first: 'low', last: 'high', low: 'low', high: 'high' } as const;

/** `{ low: { $gte: 1 }, high: { $lt: 9 } }`; of several bounds of one kind on one end the narrowest counts. */
export function comparisons<One extends Bound>(
  bounds: readonly One[],
  limitOf: (bound: One) => number,
): Document {
  const tests: Record<string, Record<string, number>> = {};
  for (const bound of bounds) addBound(tests, fields[bound.end], bound.is, limitOf(bound));
  return tests;
}

/** The same on one field. */
export function boundsOn(
  path: string,
  bounds: readonly { readonly is: Comparison; readonly at: number }[],
): Document {
  const tests: Record<string, Record<string, number>> = {};
  for (const { is, at } of bounds) addBound(tests, path, is, at);
  return tests;
}

function addBound(
  tests: Record<string, Record<string, number>>,
  path: string,
  is: Comparison,
  value: number,
): void {
  const test = tests[path] ?? {};
  tests[path] = test;
  const operator = operators[is];
  const known = test[operator] ?? value;
  test[operator] = is === '<' || is === '<=' ? Math.min(known, value) : Math.max(known, value);
}
