import type { ResourceType } from '../fhir/resource-type.ts';
import type { EpochMs } from '../values/instant.ts';
import type { Filter, TokenPattern } from './filter.ts';
import type { SearchParams } from './search-params.ts';
import type { SortKey } from './sort.ts';

/** `_include` and `_revinclude`: source, parameter ('*' = all) and, when given, the only type wanted. */
export type Include = {
  readonly source: ResourceType | '*';
  readonly param: string;
  readonly target?: ResourceType;
  readonly iterate: boolean;
};

export type Summary = 'true' | 'text' | 'data' | 'count' | 'false';

export type SearchRequest = {
  /** Those of the context, narrowed by `_type`. */
  readonly types: readonly ResourceType[];
  readonly filter: Filter;
  readonly sort: readonly SortKey[];
  /** Page size; 0 = only the total is wanted, as with `_summary=count`. */
  readonly count: number;
  /** The store's cursor, from the `_cursor` of a next link. */
  readonly after?: string;
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly summary: Summary;
  /** Empty = all. */
  readonly elements: readonly string[];
  readonly includes: readonly Include[];
  readonly revincludes: readonly Include[];
  /** What was ignored, a sentence each; only when lenient. */
  readonly warnings: readonly SearchProblem[];
  /** The parameters that were understood, for the self link. */
  readonly used: readonly (readonly [name: string, value: string])[];
};

export type SearchProblem = { readonly message: string; readonly parameter: string };

/** A place on the earth, and how far around it; degrees and kilometres. */
export type GeoArea = { readonly latitude: number; readonly longitude: number; readonly km: number };

export type SearchContext = {
  /** What the URL says: one type, or all that a system search may return. */
  readonly types: readonly ResourceType[];
  readonly params: SearchParams;
  /** Absolute references that start with it are local; without a slash at the end. */
  readonly baseUrl: string;
  readonly now: EpochMs;
  /** `Prefer: handling=lenient`: unknown parameters become warnings. */
  readonly lenient: boolean;
  readonly defaultCount: number;
  readonly maxCount: number;
  /** The codes of a value set, for `:in` and `:not-in`; undefined when it is not known. */
  readonly expand?: (valueSet: string) => readonly TokenPattern[] | undefined;
  /** The code and all below or above it, for `:below` and `:above`; undefined when the system is not known. */
  readonly subsume?: (
    direction: 'above' | 'below',
    system: string | undefined,
    code: string,
  ) => readonly TokenPattern[] | undefined;
  /** The ids of the Locations in the area, for `near`. */
  readonly near?: (area: GeoArea) => readonly string[];
};

export type ParsedSearch =
  | { readonly kind: 'search'; readonly request: SearchRequest }
  | { readonly kind: 'refused'; readonly problems: readonly SearchProblem[] };
