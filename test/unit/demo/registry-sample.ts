import type { CodeableConcept, Immunization, Patient } from 'fhir/r4.js';
import { type GeneratedResource, generateRegistry } from '../../../src/demo/generate-registry.ts';
import { toEpochDay } from '../../../src/values/epoch-day.ts';

export const asOf = toEpochDay(2026, 3, 1);

export function wholeRegistry(mode: 'demo' | 'bench', seed: number, people: number): GeneratedResource[] {
  return [...generateRegistry({ mode, seed, people, asOf })];
}

export function patientsOf(resources: readonly GeneratedResource[]): Patient[] {
  return resources.filter((resource) => resource.resourceType === 'Patient');
}

export function immunizationsOf(resources: readonly GeneratedResource[]): Immunization[] {
  return resources.filter((resource) => resource.resourceType === 'Immunization');
}

export function codeOf(concept: CodeableConcept | undefined): string | undefined {
  return concept?.coding?.[0]?.code;
}

/** Every `reference` in a resource, at any depth. */
export function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === 'reference' && typeof child === 'string' ? [child] : referencesIn(child),
  );
}
