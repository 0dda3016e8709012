import type { ResourceType } from '../fhir/resource-type.ts';
import type { EpochMs } from '../values/instant.ts';

/** A token's system when it has none: `|code`. */
export const noSystem = '';

/** The system of a `code` element: its definition fixes it and the resource does not say it; any system asked for fits. */
export const impliedSystem = '*';

/** Stands for an end of a period that is open. */
export const startOfTime = -8_640_000_000_000_000 as EpochMs;
export const endOfTime = 8_640_000_000_000_000 as EpochMs;

/** `code` is folded by `foldCode`. */
export type TokenValue = { readonly kind: 'token'; readonly system: string; readonly code: string };

/** The words shown for a token: display, CodeableConcept.text, Identifier.type.text; folded by `foldText`. */
export type TextValue = { readonly kind: 'text'; readonly folded: string };

/** `folded` by `foldText`; `original` as written, for `:exact`. */
export type StringValue = { readonly kind: 'string'; readonly folded: string; readonly original: string };

/** A reference to a resource of this server, whether it exists or not. */
export type ReferenceValue = { readonly kind: 'reference'; readonly type: string; readonly id: string };

/** A uri, url, oid; a canonical apart from its version; a reference to another server. `version` is '' when absent. */
export type UriValue = { readonly kind: 'uri'; readonly uri: string; readonly version: string };

/** First and last millisecond, both included. */
export type DateValue = { readonly kind: 'date'; readonly first: EpochMs; readonly last: EpochMs };

/** A number or a quantity; a Range has two ends, open ones infinite. What is absent is ''. */
export type QuantityValue = {
  readonly kind: 'quantity';
  readonly low: number;
  readonly high: number;
  readonly system: string;
  readonly code: string;
  readonly unit: string;
};

/** The element is there, but has nothing to be found by: only `:missing` sees it. */
export type PresentValue = { readonly kind: 'present' };

export type SimpleValue =
  | TokenValue
  | TextValue
  | StringValue
  | ReferenceValue
  | UriValue
  | DateValue
  | QuantityValue
  | PresentValue;

/** Values of one parent element, one for each component of the parameter. */
export type CompositeValue = { readonly kind: 'composite'; readonly parts: readonly SimpleValue[] };

export type IndexValue = SimpleValue | CompositeValue;

export type ValueKind = IndexValue['kind'];

/**
 * What a resource is found by, under the codes of its search parameters; no value stands twice under one code.
 * Beside a code `c` stand `c:text` (texts of tokens), `c:identifier` (tokens of Reference.identifier) and
 * `c:of-type` (tokens of Identifier.type: its system, its code + '|' + the identifier's value). Every text is
 * well-formed Unicode without U+0000 (`cleanText`).
 */
export type IndexValues = Readonly<Record<string, readonly IndexValue[]>>;

/** A resource as search sees it. */
export type Indexed = {
  readonly type: ResourceType;
  readonly id: string;
  readonly lastUpdated: EpochMs;
  readonly index: IndexValues;
  /** Ids of the Patients whom it concerns (`patientsOf`). */
  readonly patients: readonly string[];
  /** What it says about where these Patients belong (`marksOf`). */
  readonly marks: readonly string[];
  /** The person to whom it belongs, of a Patient that is a source (`personOf`). */
  readonly person?: string;
};
