import type { CodeableConcept, Coding } from 'fhir/r4.js';
import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { type Issue, Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import { isArray, isObject } from './read-value.ts';

/** A parameter as it was read, and where in the request it stands. */
export type Given = { readonly value: JsonValue; readonly place: string; readonly parts?: Inputs };

/** The parameters of a call, each read as what its row says it has to be; absent ones are undefined or empty. */
export type Inputs = {
  readonly has: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  /** Of a code, or of the first coding where a Coding or CodeableConcept was sent. */
  readonly code: (name: string) => string | undefined;
  readonly codes: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  /** A whole number from 0 on; throws the Problem of a negative one. */
  readonly count: (name: string) => number | undefined;
  readonly coding: (name: string) => Coding | undefined;
  readonly concept: (name: string) => CodeableConcept | undefined;
  /** Any other data type. */
  readonly object: (name: string) => JsonObject | undefined;
  readonly objects: (name: string) => readonly JsonObject[];
  /** Of the type that the row says, and otherwise not validated. */
  readonly resource: <Kind = Resource>(name: string) => Kind | undefined;
  readonly resources: <Kind = Resource>(
    name: string,
  ) => readonly { readonly resource: Kind; readonly place: string }[];
  readonly parts: (name: string) => readonly Inputs[];
  /** Where in the request the parameter stands, for the issue that speaks of it. */
  readonly place: (name: string) => string;
  /** As a query would say them, in their order, `_format` and its like among them. */
  readonly list: ParameterList;
  /** What was passed over, each name once. */
  readonly unknown: readonly { readonly name: string; readonly place: string }[];
};

export function toInputs(
  given: ReadonlyMap<string, readonly Given[]>,
  rest: Pick<Inputs, 'list' | 'unknown'>,
): Inputs {
  const all = (name: string) => given.get(name) ?? [];
  const first = (name: string) => all(name)[0]?.value;
  return {
    has: (name) => given.has(name),
    text: (name) => first(name) as string | undefined,
    texts: (name) => all(name).map(({ value }) => value as string),
    code: (name) => all(name).map((one) => codeOf(name, one))[0],
    codes: (name) => all(name).map((one) => codeOf(name, one)),
    flag: (name) => first(name) === true,
    count: (name) => all(name).map((one) => countOf(name, one))[0],
    coding: (name) => first(name) as Coding | undefined,
    concept: (name) => first(name) as CodeableConcept | undefined,
    object: (name) => first(name) as JsonObject | undefined,
    objects: (name) => all(name).map(({ value }) => value as JsonObject),
    resource: <Kind>(name: string) => first(name) as Kind | undefined,
    resources: <Kind>(name: string) =>
      all(name).map(({ value, place }) => ({ resource: value as Kind, place })),
    parts: (name) => all(name).flatMap(({ parts }) => parts ?? []),
    place: (name) => all(name)[0]?.place ?? name,
    ...rest,
  };
}

function codeOf(name: string, { value, place }: Given): string {
  const code = codeIn(value);
  if (code !== undefined) return code;
  throw new Problem('invalid-content', `The parameter ${name} must have a code`, { expression: place });
}

/** A Coding or CodeableConcept stands for its code, as clients of code lists send it. */
export function codeIn(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return undefined;
  const { code, coding } = value;
  const [first] = isArray(coding) ? coding : [];
  const own = code ?? (isObject(first) ? first['code'] : undefined);
  return typeof own === 'string' ? own : undefined;
}

function countOf(name: string, { value, place }: Given): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new Problem(
    'invalid-parameter',
    `The parameter ${name} "${value}" must be a whole number from 0 on`,
    {
      expression: place,
    },
  );
}

/** What is to be told of parameters that were passed over. */
export function unknownIssues({ unknown }: Inputs): readonly (Issue & { readonly expression: string })[] {
  return unknown.map(({ name, place }) => ({
    severity: 'information',
    code: 'informational',
    text: `The parameter "${name.slice(0, 80)}" is not known and was ignored`,
    expression: place,
  }));
}

/** The Problem of a parameter without which the operation cannot be done. */
export function missing(name: string, text: string): Problem {
  return new Problem('missing-parameter', text, { expression: name });
}
