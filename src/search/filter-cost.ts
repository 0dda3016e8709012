import type { Filter, ValueTest } from './filter.ts';

/** What one search may ask of a store, in look-ups of a code. More than anybody needs; what is larger is several searches. */
export const maxCost = 5_000;

/** A range of an index is walked for each of these, where codes are looked up together. */
const costOfRange = 20;

/** What the tests of a filter ask of a store, counted as look-ups of a code. */
export function filterCost(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.reduce((sum, part) => sum + filterCost(part), 0);
    case 'not':
      return filterCost(filter.of);
    case 'chain':
    case 'has':
      return 1 + filterCost(filter.of);
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
      return filter.anyOf.length;
    case 'lastUpdated':
    case 'present':
      return 1;
    case 'value':
      return testCost(filter.test);
  }
}

function testCost(test: ValueTest): number {
  switch (test.kind) {
    case 'token':
    case 'reference':
      return test.anyOf.length;
    case 'text':
    case 'string':
    case 'uri':
    case 'date':
    case 'quantity':
    case 'composite':
      return costOfRange;
  }
}
