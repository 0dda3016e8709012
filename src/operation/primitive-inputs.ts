import { placeOf } from '../fhir/parameter-place.ts';
import { Problem } from '../fhir/problem.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import type { OperationCall } from './operation.ts';

/** Inputs of an operation that are all primitive: from the query, then from Parameters. */
export type PrimitiveInputs = {
  readonly one: (name: string) => string | undefined;
  readonly all: (name: string) => readonly string[];
  /** In their order, `_format` and `_pretty` among them. */
  readonly list: ParameterList;
};

export type InputNames = {
  /** May be given once. */
  readonly single: readonly string[];
  readonly repeated?: readonly string[];
};

const formatNames = ['_format', '_pretty'];

/** Throws a Problem for a name that is not among `names`, one given too often, or a value that is not primitive. */
export function readPrimitiveInputs({ query, body }: OperationCall, names: InputNames): PrimitiveInputs {
  const { single, repeated = [] } = names;
  const list = [...query, ...parametersOf(body?.resource)];
  const seen = new Set<string>();
  for (const [name] of list) {
    if (formatNames.includes(name) || repeated.includes(name)) continue;
    if (!single.includes(name)) {
      const known = [...single, ...repeated].join(', ');
      throw fault(
        'unknown-parameter',
        name,
        `The operation has no parameter "${name}" here; it has ${known}`,
      );
    }
    if (seen.has(name)) throw fault('invalid-content', name, `The parameter ${name} may be given once`);
    seen.add(name);
  }
  const all = (name: string) => list.filter(([each]) => each === name).map(([, value]) => value);
  return { one: (name) => all(name)[0], all, list };
}

function fault(kind: 'unknown-parameter' | 'invalid-content', name: string, text: string): Problem {
  return new Problem(kind, text, { expression: placeOf(name) });
}

type Json = Readonly<Record<string, unknown>>;

function parametersOf(body: Json | undefined): ParameterList {
  if (!body) return [];
  if (body['resourceType'] !== 'Parameters') {
    throw new Problem('invalid-content', 'The body must be a Parameters resource', {
      expression: 'resourceType',
    });
  }
  const parameters: unknown = body['parameter'] ?? [];
  if (!Array.isArray(parameters)) {
    throw new Problem('invalid-content', 'Parameters.parameter must be an array', {
      expression: 'Parameters.parameter',
    });
  }
  return parameters.map((parameter: unknown, index) => {
    if (isObject(parameter) && typeof parameter['name'] === 'string') {
      return [parameter['name'], primitiveOf(parameter, parameter['name'])] as const;
    }
    throw new Problem('invalid-content', 'A parameter must be an object with a name', {
      expression: `Parameters.parameter[${index}]`,
    });
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A Coding or CodeableConcept stands for its code, as clients of code lists send it. */
function primitiveOf(parameter: Json, name: string): string {
  const values = Object.entries(parameter).filter(([member]) => /^value[A-Z]/.test(member));
  const [value, ...others] = values.map(([, each]) => primitiveIn(each));
  if (value !== undefined && others.length === 0) return value;
  throw fault('invalid-content', name, `The parameter ${name} must have one value, which is primitive`);
}

function primitiveIn(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (!isObject(value)) return undefined;
  const { coding } = value;
  const first: unknown = Array.isArray(coding) ? coding[0] : value;
  const code = isObject(first) ? first['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}
