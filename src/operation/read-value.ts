import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { parseDateValue } from '../search/parse-date.ts';
import { type ParameterType, type PrimitiveKind, primitiveKindOf } from './operation-parameter.ts';

/** What a text of a URL says, read as the type; undefined where it does not read so. */
export function readText(text: string, type: ParameterType): JsonValue | undefined {
  switch (primitiveKindOf(type)) {
    case 'text':
    case 'date':
      return readJson(text, type);
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : undefined;
    case 'integer':
      return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
    case undefined:
      return undefined;
  }
}

/** A value of Parameters, read as the type; undefined where it does not read so. */
export function readJson(value: JsonValue, type: ParameterType): JsonValue | undefined {
  const kind = primitiveKindOf(type);
  const reads = kind === undefined ? isOfDataType(value, type) : isOfKind(value, kind);
  return reads ? value : undefined;
}

function isOfKind(value: JsonValue, kind: PrimitiveKind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'date':
      return typeof value === 'string' && parseDateValue(value) !== undefined;
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value);
  }
}

function isOfDataType(value: JsonValue, type: ParameterType): boolean {
  if (!isObject(value)) return false;
  if (type === 'Coding') return hasTexts(value, ['system', 'version', 'code', 'display']);
  if (type === 'CodeableConcept') return isCodings(value['coding']);
  return true;
}

function isCodings(value: JsonValue | undefined): boolean {
  if (value === undefined) return true;
  return isArray(value) && value.every((coding) => isOfDataType(coding, 'Coding'));
}

function hasTexts(value: JsonObject, names: readonly string[]): boolean {
  return names.every((name) => value[name] === undefined || typeof value[name] === 'string');
}

const expectedKinds: Readonly<Record<PrimitiveKind, string>> = {
  text: 'a text that is not empty',
  date: 'a date or time such as 2026-03-01',
  boolean: 'true or false',
  integer: 'a whole number',
};

/** What was expected, for the sentence of a refusal. */
export function expectedValue(type: ParameterType): string {
  const kind = primitiveKindOf(type);
  return kind === undefined ? `a ${type}` : expectedKinds[kind];
}

export function isArray(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
