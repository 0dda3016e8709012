import type { CodeSystemConceptProperty, ValueSetComposeIncludeFilter } from 'fhir/r4.js';
import type { CodeSystemIndex, Concept } from './code-system-index.ts';

export type ConceptTest = (concept: Concept) => boolean;

/** `ValueSet.compose.include.filter` as a test; undefined when the property or the operator is not one we know. */
export function compileConceptFilter(
  { property, op, value }: ValueSetComposeIncludeFilter,
  system: CodeSystemIndex,
): ConceptTest | undefined {
  if (typeof value !== 'string' || typeof property !== 'string') return undefined;
  if (property === 'concept' || property === 'code') return compileCodeFilter(op, value, system);
  return compilePropertyFilter(property, op, value);
}

function compileCodeFilter(op: string, value: string, system: CodeSystemIndex): ConceptTest | undefined {
  const within = (codes: ReadonlySet<string>) => (concept: Concept) => codes.has(concept.code);
  switch (op) {
    case '=':
      return ({ code }) => code === value;
    case 'is-a':
      return within(system.below(value));
    case 'descendent-of': {
      const codes = new Set(system.below(value));
      codes.delete(value);
      return within(codes);
    }
    case 'is-not-a': {
      const codes = system.below(value);
      return ({ code }) => !codes.has(code);
    }
    case 'generalizes':
      return within(system.above(value));
    case 'in':
      return within(listed(value));
    case 'not-in': {
      const codes = listed(value);
      return ({ code }) => !codes.has(code);
    }
    // A regular expression from outside could run for ever.
    default:
      return undefined;
  }
}

function compilePropertyFilter(property: string, op: string, value: string): ConceptTest | undefined {
  const valuesOf = (concept: Concept): readonly string[] =>
    property === 'display'
      ? [concept.display ?? '']
      : concept.properties.filter(({ code }) => code === property).flatMap((one) => textOf(one) ?? []);
  switch (op) {
    case '=':
      return (concept) => valuesOf(concept).includes(value);
    case 'in': {
      const wanted = listed(value);
      return (concept) => valuesOf(concept).some((one) => wanted.has(one));
    }
    case 'not-in': {
      const unwanted = listed(value);
      return (concept) => !valuesOf(concept).some((one) => unwanted.has(one));
    }
    case 'exists':
      return (concept) => valuesOf(concept).length > 0 === (value === 'true');
    default:
      return undefined;
  }
}

function listed(value: string): ReadonlySet<string> {
  return new Set(value.split(',').map((code) => code.trim()));
}

function textOf(property: CodeSystemConceptProperty): string | undefined {
  const { valueCode, valueString, valueDateTime, valueCoding, valueBoolean, valueInteger, valueDecimal } =
    property;
  const value =
    valueCode ??
    valueString ??
    valueDateTime ??
    valueCoding?.code ??
    valueBoolean ??
    valueInteger ??
    valueDecimal;
  return value === undefined ? undefined : String(value);
}
