import type { JsonObject } from '../fhir/fhir-json.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';

/** Each kind of primitives stands for one another: what is said in a `uri` may be said in a `string`. */
const primitiveKinds = {
  string: 'text',
  code: 'text',
  uri: 'text',
  url: 'text',
  canonical: 'text',
  id: 'text',
  markdown: 'text',
  oid: 'text',
  uuid: 'text',
  boolean: 'boolean',
  integer: 'integer',
  unsignedInt: 'integer',
  positiveInt: 'integer',
  date: 'date',
  dateTime: 'date',
  instant: 'date',
} as const;

export type PrimitiveType = keyof typeof primitiveKinds;
export type PrimitiveKind = (typeof primitiveKinds)[PrimitiveType];
export type DataType = 'Coding' | 'CodeableConcept' | 'Identifier' | 'Meta' | 'Reference';

/** `Resource` is a resource of any type, `OperationOutcome` is only answered; `Any` is a value of any data type. */
export type ParameterType = PrimitiveType | DataType | ResourceType | 'Resource' | 'OperationOutcome' | 'Any';

/** One parameter of an operation, as its OperationDefinition tells it. */
export type OperationParameter = {
  readonly name: string;
  readonly use: 'in' | 'out';
  readonly min: 0 | 1;
  readonly max: 1 | '*';
  /** Absent where it has parts. */
  readonly type?: ParameterType;
  readonly part?: readonly OperationParameter[];
  readonly documentation: string;
  /** Other types that are read in its place, as some clients send them. */
  readonly accepts?: readonly ParameterType[];
  /** The level on which it must be given, where it may be left out on others. */
  readonly neededOn?: 'type' | 'instance';
  /** False: R4 defines it, and this server refuses it. */
  readonly supported?: false;
};

type Details = Partial<Omit<OperationParameter, 'name' | 'use' | 'type' | 'documentation'>>;

/** Optional and given once, unless the details say otherwise. */
export function input(
  name: string,
  type: ParameterType | readonly OperationParameter[],
  documentation: string,
  details: Details = {},
): OperationParameter {
  return parameter('in', name, type, documentation, details);
}

export function output(
  name: string,
  type: ParameterType | readonly OperationParameter[],
  documentation: string,
  details: Details = {},
): OperationParameter {
  return parameter('out', name, type, documentation, details);
}

function parameter(
  use: OperationParameter['use'],
  name: string,
  type: ParameterType | readonly OperationParameter[],
  documentation: string,
  details: Details,
): OperationParameter {
  const holds = typeof type === 'string' ? { type } : { part: type };
  return { name, use, min: 0, max: 1, documentation, ...holds, ...details };
}

/** A parameter of R4's definition that this server does not act on. */
export function unsupported(name: string, type: ParameterType): OperationParameter {
  return input(name, type, '', { supported: false });
}

export function primitiveKindOf(type: string): PrimitiveKind | undefined {
  return Object.hasOwn(primitiveKinds, type) ? primitiveKinds[type as PrimitiveType] : undefined;
}

export function isPrimitive({ type }: OperationParameter): boolean {
  return type !== undefined && primitiveKindOf(type) !== undefined;
}

/** Whether a resource is of the type that the parameter asks for. */
export function isResourceOf({ resourceType }: JsonObject, { type }: OperationParameter): boolean {
  return typeof resourceType === 'string' && (type === 'Resource' || type === resourceType);
}

export function holdsResource({ type }: OperationParameter): boolean {
  return type === 'Resource' || (type !== undefined && isResourceType(type));
}
