import { Problem } from '../fhir/problem.ts';
import type { Filter } from '../search/filter.ts';
import { filterCost, maxCost } from '../search/filter-cost.ts';

/** Throws 400 when several searches that are asked as one compare with more than one may. */
export function requireModestCost(filters: readonly Filter[], name: string): void {
  const cost = filters.reduce((sum, filter) => sum + filterCost(filter), 0);
  if (cost <= maxCost) return;
  throw new Problem('invalid-parameter', `${name} asks for more values than one search may compare with`);
}
