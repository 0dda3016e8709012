import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';

/** A ViewDefinition of SQL on FHIR 2.1 that was read and is whole; constants stand in its paths already. */
export type ViewDefinition = {
  /** What it is kept, named and exported under; absent only where a definition is run once. */
  readonly name?: string;
  readonly resource: string;
  readonly select: readonly ViewSelect[];
  readonly where: readonly string[];
  /** Of what is forecast for each person, not of what is stored. */
  readonly isForecast: boolean;
};

export type ViewSelect = {
  readonly columns: readonly ViewColumn[];
  readonly select: readonly ViewSelect[];
  readonly unionAll: readonly ViewSelect[];
  /** Absent: one time for what the select stands in. */
  readonly each?: Each;
};

/** `repeat` goes down any of its paths, again and again. */
export type Each =
  | { readonly kind: 'forEach' | 'forEachOrNull'; readonly path: string }
  | { readonly kind: 'repeat'; readonly paths: readonly string[] };

export type ViewColumn = {
  readonly name: string;
  readonly path: string;
  /** A FHIR type; absent: as it comes. */
  readonly type?: string;
  readonly isCollection: boolean;
  /** The tag `ansi/type`: what the column is in a table. */
  readonly ansiType?: string;
};

/** What is wrong with a definition, and where in it. */
export type ViewFault = { readonly text: string; readonly expression: string };

/** A view whose rows cannot be told; its message is a sentence for who wrote the view. */
export class ViewError extends Error {
  override readonly name = 'ViewError';
}

/** The columns in their order: those of a select, of what is in it, and of its first alternative. */
export function columnsOf(select: readonly ViewSelect[]): readonly ViewColumn[] {
  return select.flatMap((one) => [
    ...one.columns,
    ...columnsOf(one.select),
    ...columnsOf(one.unionAll.slice(0, 1)),
  ]);
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
