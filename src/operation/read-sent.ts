import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { Given } from './inputs.ts';
import {
  holdsResource,
  isPrimitive,
  isResourceOf,
  type OperationParameter,
  type ParameterType,
  primitiveKindOf,
} from './operation-parameter.ts';
import { expectedValue, isObject, readJson, readText } from './read-value.ts';
import { type SentParameter, type SentValue, valuesOf } from './sent-parameter.ts';

/** Reads what was sent as the parameter says it must be; `index` counts those of the name that may repeat. */
export function readSent(
  sent: SentParameter,
  parameter: OperationParameter,
  index: number | undefined,
): Given {
  const place = sent.from === 'item' && index !== undefined ? `${sent.place}[${index}]` : sent.place;
  if (holdsResource(parameter)) return readResource(sent, parameter, place);
  switch (sent.from) {
    case 'query':
      return { value: readQuery(sent.text, parameter, place), place };
    case 'item':
      return { value: readItem(onlyValue(sent.item, parameter, place), parameter, place), place };
    case 'body':
      throw new Error(`${parameter.name} is no resource, but was read as one`);
  }
}

/** A resource has not been validated: whoever reads it takes nothing for granted but its type. */
function readResource(sent: SentParameter, parameter: OperationParameter, at: string): Given {
  if (sent.from === 'body') return { value: sent.resource, place: at };
  const place = sent.from === 'item' ? `${at}.resource` : at;
  const resource = sent.from === 'item' ? sent.item['resource'] : undefined;
  if (isObject(resource) && isResourceOf(resource, parameter)) return { value: resource, place };
  const { name, type } = parameter;
  const expected = type === 'Resource' ? 'a resource' : `a resource of type ${type}`;
  const found = isObject(resource) ? `, not ${JSON.stringify(resource['resourceType'])?.slice(0, 80)}` : '';
  throw new Problem('invalid-content', `The parameter ${name} must hold ${expected}${found}`, {
    expression: place,
  });
}

function typesOf({ type, accepts = [] }: OperationParameter): readonly ParameterType[] {
  return type === undefined ? accepts : [type, ...accepts];
}

function readQuery(text: string, parameter: OperationParameter, place: string): JsonValue {
  const types = typesOf(parameter);
  const [value] = types.flatMap((type) => readText(text, type) ?? []);
  if (value !== undefined) return value;
  throw noSuchValue(parameter, text, place);
}

function onlyValue(item: JsonObject, { name }: OperationParameter, expression: string): SentValue {
  const [only, ...others] = valuesOf(item);
  if (only && others.length === 0) return only;
  throw new Problem('invalid-content', `The parameter ${name} must have exactly one value`, { expression });
}

function readItem(
  { member, value }: SentValue,
  parameter: OperationParameter,
  expression: string,
): JsonValue {
  const fitting = typesOf(parameter).filter((type) => readJson(value, type) !== undefined);
  if (fitting.length === 0) throw noSuchValue(parameter, value, expression);
  if (fitting.some((type) => isMemberOf(member, type))) return value;
  const expected = fitting.map((type) => `value${type[0]?.toUpperCase()}${type.slice(1)}`).join(' or ');
  const text = `The parameter ${parameter.name} must be sent as ${expected}, not ${member}`;
  throw new Problem('invalid-content', text, { expression });
}

/** What may be said in a `valueUri` may be said in a `valueString`. */
function isMemberOf(member: string, type: ParameterType): boolean {
  const sent = /^value(.*)$/.exec(member)?.[1];
  if (sent === undefined || sent === type) return sent === type;
  const kind = primitiveKindOf(type);
  return kind !== undefined && kind === primitiveKindOf(`${sent[0]?.toLowerCase()}${sent.slice(1)}`);
}

function noSuchValue(parameter: OperationParameter, value: JsonValue, expression: string): Problem {
  const { name } = parameter;
  const shown = typeof value === 'object' ? '' : ` "${String(value).slice(0, 100)}"`;
  const expected = typesOf(parameter).map(expectedValue).join(' or ');
  const how = isPrimitive(parameter) ? '' : ', sent in Parameters by POST';
  return new Problem('invalid-parameter', `The parameter ${name}${shown} must be ${expected}${how}`, {
    expression,
  });
}
