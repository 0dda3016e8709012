import { readFileSync } from 'node:fs';
import type { Issue } from '../../../../src/fhir/problem.ts';
import type { Resource } from '../../../../src/fhir/resource.ts';
import type { ValidateOptions } from '../../../../src/fhir/validation/validator.ts';
import { loadValidator } from '../../../../src/shipped/validator.ts';
import { applyEdits, type Edit } from './apply-edits.ts';

export const validator = loadValidator();

export function validate(resource: object, options: ValidateOptions = {}): readonly Issue[] {
  return validator.validate(resource as Resource, options);
}

export function errorsOf(resource: object, options: ValidateOptions = {}): readonly Issue[] {
  return validate(resource, options).filter(({ severity }) => severity === 'error');
}

export type OracleCase = { readonly id: string; readonly resource: object };

/** The cases that HL7's validator has judged: see tools/oracle. A folder holds another set of them. */
export function readOracleCases(folder = ''): readonly OracleCase[] {
  const groups = readData(`${folder}cases.json`) as Record<
    string,
    { resource: object; cases: Record<string, Edit[]> }
  >;
  return Object.entries(groups).flatMap(([base, { resource, cases }]) =>
    Object.entries(cases).map(([name, edits]) => ({
      id: `${base} | ${name}`,
      resource: applyEdits(resource, edits),
    })),
  );
}

/** Its verdict by case: null for a valid resource, else where its errors lie. */
export function readVerdicts(folder = ''): ReadonlyMap<string, string | null> {
  const groups = readData(`${folder}verdicts.json`) as Record<string, Record<string, string | null>>;
  return new Map(
    Object.entries(groups).flatMap(([base, group]) =>
      Object.entries(group).map(([name, verdict]) => [`${base} | ${name}`, verdict] as const),
    ),
  );
}

export function readData(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../data/validation/${name}`, import.meta.url), 'utf8'));
}
