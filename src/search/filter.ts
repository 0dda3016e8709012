import type { EpochMs } from '../values/instant.ts';
import type { ValueKind } from './index-values.ts';

export type Comparison = '<' | '<=' | '>' | '>=';

/** One test on one end of a span of time; all bounds of a test hold for the SAME value. */
export type DateBound = { readonly end: 'first' | 'last'; readonly is: Comparison; readonly at: EpochMs };

/** One test on one end of a number or Range; all bounds of a test hold for the SAME value. */
export type NumberBound = { readonly end: 'low' | 'high'; readonly is: Comparison; readonly value: number };

/** What is absent is not asked for. A system asked for with a code also fits `impliedSystem`. */
export type TokenPattern = { readonly system?: string; readonly code?: string };

export type ReferencePattern = { readonly type?: string; readonly id?: string };

/** A test on one index value. */
export type ValueTest =
  | { readonly kind: 'token'; readonly anyOf: readonly TokenPattern[] }
  | { readonly kind: 'text'; readonly prefix: string }
  /** prefix, substring, suffix and whole (all of it) test `folded`; exact tests `original`. */
  | {
      readonly kind: 'string';
      readonly match: 'prefix' | 'substring' | 'suffix' | 'whole' | 'exact';
      readonly text: string;
    }
  | { readonly kind: 'reference'; readonly anyOf: readonly ReferencePattern[] }
  /** below: the uri or a longer one that goes on after a '/'; version: equal, or going on after a '.'. */
  | {
      readonly kind: 'uri';
      readonly match: 'exact' | 'below';
      readonly uri: string;
      readonly version?: string;
    }
  | { readonly kind: 'date'; readonly bounds: readonly DateBound[] }
  | { readonly kind: 'quantity'; readonly bounds: readonly NumberBound[]; readonly unit?: UnitTest }
  /** Part by part, on one parent element. */
  | { readonly kind: 'composite'; readonly parts: readonly ValueTest[] };

/** `system` absent = not asked for, `code` then fits the unit as it is shown too. */
export type UnitTest = { readonly system?: string; readonly code: string };

/** What a store must answer. All FHIR meaning was spent before: no prefix, no precision, no modifier is left. */
export type Filter =
  /** An empty `and` is all, an empty `or` is nothing. */
  | { readonly kind: 'and' | 'or'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'id'; readonly anyOf: readonly string[] }
  | { readonly kind: 'type'; readonly anyOf: readonly string[] }
  /** It concerns somebody, and all whom it concerns are among these Patients, themselves or by an alias. */
  | { readonly kind: 'concerns'; readonly anyOf: readonly string[] }
  /**
   * It concerns somebody, and all whom it concerns bear the same one of these marks (`marksOf`), themselves or by an alias; of
   * a mark that is borne by one (`isBorneByOne`): somebody whom it concerns bears it.
   */
  | { readonly kind: 'reach'; readonly anyOf: readonly string[] }
  | { readonly kind: 'lastUpdated'; readonly bounds: readonly InstantBound[] }
  /** Some value of the parameter passes the test. */
  | { readonly kind: 'value'; readonly param: string; readonly test: ValueTest }
  /** There is some value of one of the kinds. */
  | { readonly kind: 'present'; readonly param: string; readonly kinds: readonly ValueKind[] }
  /** The parameter refers to a resource of the type that is not deleted and matches. */
  | { readonly kind: 'chain'; readonly param: string; readonly type: string; readonly of: Filter }
  /** A resource of the type that matches refers to this one by its parameter. */
  | { readonly kind: 'has'; readonly type: string; readonly param: string; readonly of: Filter };

/** A filter that needs no index values, so that a version that is no longer current can be judged by it too. */
export type VersionFilter =
  | { readonly kind: 'and' | 'or'; readonly of: readonly VersionFilter[] }
  | { readonly kind: 'not'; readonly of: VersionFilter }
  | Extract<Filter, { readonly kind: 'id' | 'type' | 'concerns' | 'reach' }>;

export type InstantBound = { readonly is: Comparison; readonly at: EpochMs };

export const everything: Filter = { kind: 'and', of: [] };
export const nothing: Filter = { kind: 'or', of: [] };

export function isEverything(filter: Filter): boolean {
  return filter.kind === 'and' && filter.of.every(isEverything);
}

export function allOf(filters: readonly Filter[]): Filter {
  const only = filters.length === 1 ? filters[0] : undefined;
  return only ?? { kind: 'and', of: filters };
}

export function anyOf(filters: readonly Filter[]): Filter {
  const only = filters.length === 1 ? filters[0] : undefined;
  return only ?? { kind: 'or', of: filters };
}

export function not(of: Filter): Filter {
  return { kind: 'not', of };
}
