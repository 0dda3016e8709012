import { type JsonValue, parseFhirJson } from '../fhir/fhir-json.ts';
import { writtenNumber } from '../fhir/written-numbers.ts';
import { ViewError } from './view-definition.ts';

export type ParseLine = (line: string) => object;

/** Numbers as doubles. */
export const parsePlainly: ParseLine = (line) => JSON.parse(line) as object;

/** Decimals as they are written: of 1.0 FHIRPath's boundaries are others than of 1. */
export async function parserOfDigits(): Promise<ParseLine> {
  const { default: fhirpath } = await import('fhirpath');
  const copy = (value: JsonValue, parent?: object, name?: string | number): unknown => {
    if (typeof value === 'number' && parent && name !== undefined) {
      const written = writtenNumber(parent, name, value);
      return written === String(value) ? value : fhirpath.FP_Decimal.getDecimal(written);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      return (value as readonly JsonValue[]).map((item, index) => copy(item, value, index));
    }
    return Object.fromEntries(
      Object.entries(value).map(([member, item]) => [member, copy(item as JsonValue, value, member)]),
    );
  };
  return (line) => {
    const parsed = parseFhirJson(line);
    if (parsed.ok) return copy(parsed.value) as object;
    throw new ViewError('a resource cannot be read');
  };
}
