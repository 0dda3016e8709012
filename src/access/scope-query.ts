import type { ResourceType } from '../fhir/resource-type.ts';
import { allOf, type Filter } from '../search/filter.ts';
import { parseSearch } from '../search/parse-search.ts';
import type { SearchContext } from '../search/search-request.ts';
import type { ResourceScope } from './scope.ts';

/** What the query parts of scopes are read by. */
export type ScopeDefinitions = Pick<SearchContext, 'params' | 'baseUrl' | 'now'>;

/** The query part as a search of the type; undefined when the type cannot be searched so. */
export function queryFilter(
  { query }: ResourceScope,
  type: ResourceType,
  { params, baseUrl, now }: ScopeDefinitions,
): Filter | undefined {
  if (query.length === 0) return allOf([]);
  const context = { types: [type], params, baseUrl, now, lenient: false, defaultCount: 0, maxCount: 0 };
  const parsed = parseSearch(query, context);
  return parsed.kind === 'search' ? parsed.request.filter : undefined;
}
