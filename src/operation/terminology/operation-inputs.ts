import type { CodeableConcept, Coding } from 'fhir/r4.js';
import type { JsonObject, JsonValue } from '../../fhir/fhir-json.ts';
import { Problem } from '../../fhir/problem.ts';
import type { OperationCall } from '../operation.ts';

/** What a parameter holds; `unsupported` is one that R4 defines and this server does not act on. */
export type InputKind =
  | 'text'
  | 'texts'
  | 'boolean'
  | 'integer'
  | 'Coding'
  | 'CodeableConcept'
  | 'resource'
  | 'unsupported';

/** The in parameters of an operation. */
export type InputKinds = Readonly<Record<string, InputKind>>;

/** The parameters of a call, each read as what it has to be. */
export type Inputs = {
  readonly has: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly texts: (name: string) => readonly string[];
  readonly flag: (name: string) => boolean;
  /** A whole number from 0 on. */
  readonly count: (name: string) => number | undefined;
  readonly coding: (name: string) => Coding | undefined;
  readonly concept: (name: string) => CodeableConcept | undefined;
  readonly resource: (name: string) => JsonObject | undefined;
  /** Where in the request the parameter stands, for the issue that speaks of it. */
  readonly place: (name: string) => string;
};

type Given = { readonly value: JsonValue; readonly place: string };

const formatNames: ReadonlySet<string> = new Set(['_format', '_pretty']);

/** Reads the query and the Parameters of a call; an unknown parameter, or one given twice, is a Problem. */
export function readInputs({ query, body }: OperationCall, kinds: InputKinds): Inputs {
  const given = new Map<string, Given[]>();
  for (const [name, value] of query) {
    if (formatNames.has(name)) continue;
    addGiven(given, kinds, name, { value: fromQuery(name, value, kinds), place: `http.${name}` });
  }
  for (const { name, ...one } of parametersOf(body?.resource)) addGiven(given, kinds, name, one);
  return inputsOf(given);
}

function addGiven(given: Map<string, Given[]>, kinds: InputKinds, name: string, one: Given): void {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  const { place: expression } = one;
  if (kind === undefined) {
    const text = `The operation has no parameter "${name}"; it has ${Object.keys(kinds).join(', ')}`;
    throw new Problem('unknown-parameter', text, { expression });
  }
  if (kind === 'unsupported') {
    throw new Problem('not-supported', `This server does not act on the parameter ${name}`, { expression });
  }
  const known = given.get(name);
  if (known && kind !== 'texts') {
    throw new Problem('invalid-content', `The parameter ${name} may be given once`, { expression });
  }
  given.set(name, [...(known ?? []), { ...one, value: checked(one, kind, name) }]);
}

function fromQuery(name: string, value: string, kinds: InputKinds): JsonValue {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (kind === 'integer' && /^\d{1,9}$/.test(value)) return Number(value);
  if (kind === 'Coding' || kind === 'CodeableConcept' || kind === 'resource') {
    throw new Problem(
      'invalid-parameter',
      `The parameter ${name} is a ${kind}; send it in Parameters by POST`,
      {
        expression: `http.${name}`,
      },
    );
  }
  return value;
}

const expected: Readonly<Record<Exclude<InputKind, 'unsupported'>, string>> = {
  text: 'a text that is not empty',
  texts: 'a text that is not empty',
  boolean: 'true or false',
  integer: 'a whole number from 0 on',
  Coding: 'a Coding',
  CodeableConcept: 'a CodeableConcept',
  resource: 'a resource',
};

function checked({ value, place }: Given, kind: Exclude<InputKind, 'unsupported'>, name: string): JsonValue {
  if (isOfKind(value, kind)) return value;
  const shown = typeof value === 'object' ? '' : ` "${String(value).slice(0, 100)}"`;
  throw new Problem('invalid-parameter', `The parameter ${name}${shown} must be ${expected[kind]}`, {
    expression: place,
  });
}

function isOfKind(value: JsonValue, kind: Exclude<InputKind, 'unsupported'>): boolean {
  switch (kind) {
    case 'text':
    case 'texts':
      return typeof value === 'string' && value !== '';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
    case 'Coding':
      return isObject(value) && hasTexts(value, ['system', 'version', 'code', 'display']);
    case 'CodeableConcept':
      return isObject(value) && isCodings(value['coding']);
    case 'resource':
      return isObject(value) && typeof value['resourceType'] === 'string';
  }
}

function isCodings(value: JsonValue | undefined): boolean {
  if (value === undefined) return true;
  return isArray(value) && value.every((coding) => isOfKind(coding, 'Coding'));
}

function hasTexts(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => value[name] === undefined || typeof value[name] === 'string');
}

function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parametersOf(body: JsonObject | undefined): readonly (Given & { readonly name: string })[] {
  if (!body) return [];
  if (body['resourceType'] !== 'Parameters') {
    throw new Problem('invalid-content', 'The body must be a Parameters resource', {
      expression: 'resourceType',
    });
  }
  const parameters = body['parameter'];
  if (parameters === undefined) return [];
  if (!isArray(parameters)) {
    throw new Problem('invalid-content', 'Parameters.parameter must be an array', {
      expression: 'Parameters.parameter',
    });
  }
  return parameters.map((parameter, index) => {
    const place = `Parameters.parameter[${index}]`;
    if (!isObject(parameter) || typeof parameter['name'] !== 'string') {
      throw new Problem('invalid-content', 'A parameter must be an object with a name', {
        expression: place,
      });
    }
    return { name: parameter['name'], value: valueIn(parameter, parameter['name'], place), place };
  });
}

function valueIn(parameter: JsonObject, name: string, place: string): JsonValue {
  const values = Object.entries(parameter)
    .filter(([key]) => key === 'resource' || key === 'part' || /^value[A-Z]/.test(key))
    .flatMap(([, value]) => value ?? []);
  const [value] = values;
  if (value === undefined || values.length > 1) {
    throw new Problem('invalid-content', `The parameter ${name} must have exactly one value`, {
      expression: place,
    });
  }
  return value;
}

function inputsOf(given: ReadonlyMap<string, readonly Given[]>): Inputs {
  const first = (name: string) => given.get(name)?.[0]?.value;
  return {
    has: (name) => given.has(name),
    text: (name) => first(name) as string | undefined,
    texts: (name) => (given.get(name) ?? []).map(({ value }) => value as string),
    flag: (name) => first(name) === true,
    count: (name) => first(name) as number | undefined,
    coding: (name) => first(name) as Coding | undefined,
    concept: (name) => first(name) as CodeableConcept | undefined,
    resource: (name) => first(name) as JsonObject | undefined,
    place: (name) => given.get(name)?.[0]?.place ?? name,
  };
}

export function missing(name: string, text: string): Problem {
  return new Problem('missing-parameter', text, { expression: name });
}
