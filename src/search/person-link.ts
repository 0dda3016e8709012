import type { ResourceType } from '../fhir/resource-type.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import type { Filter } from './filter.ts';
import type { IndexValues } from './index-values.ts';

/** The system of the tag by which a Patient tells what it is among the records of one person. */
export const recordSystem = 'https://jenner-iis.org/fhir/CodeSystem/record';

/**
 * `source`: what a reporter wrote. `person`: what was computed from sources. `replaced`: a person who was found to be another.
 * A Patient without any of them is its own person.
 */
export type RecordCode = 'source' | 'person' | 'replaced';

/** Beside the values of `link`: the person to whom a source belongs. No query can name it. */
export const personParam = 'link:person';

/** By which link a record says to whom it belongs. */
const linkOf: ReadonlyMap<string, string> = new Map([
  ['source', 'refer'],
  ['replaced', 'replaced-by'],
]);

/** A Patient that says that it belongs to a person. */
export const isSource: Filter = { kind: 'present', param: personParam, kinds: ['reference'] };

/** A Patient that was computed from sources, and not written by a reporter. */
export const isComputed: Filter = taggedAs('person', 'replaced');

export function taggedAs(...codes: readonly RecordCode[]): Filter {
  const anyOf = codes.map((code) => ({ system: recordSystem, code }));
  return { kind: 'value', param: '_tag', test: { kind: 'token', anyOf } };
}

/**
 * The person to whom a Patient says that it belongs: it has the tag of a source and the link `refer`, or that of a replaced
 * person and the link `replaced-by`; never itself.
 */
export function personOf(type: ResourceType, id: ResourceId, resource: object): ResourceId | undefined {
  if (type !== 'Patient') return undefined;
  const [wanted] = recordCodes(resource).flatMap((code) => linkOf.get(code) ?? []);
  if (wanted === undefined) return undefined;
  for (const link of listOf(fieldOf(resource, 'link'))) {
    if (fieldOf(link, 'type') !== wanted) continue;
    const person = patientIn(fieldOf(fieldOf(link, 'other'), 'reference'));
    if (person !== undefined && person !== id) return person;
  }
  return undefined;
}

/** The codes of its tags of `recordSystem`. */
export function recordCodes(resource: object): readonly string[] {
  const tags = listOf(fieldOf(fieldOf(resource, 'meta'), 'tag'));
  return tags.flatMap((tag) => {
    const code = fieldOf(tag, 'system') === recordSystem ? fieldOf(tag, 'code') : undefined;
    return typeof code === 'string' ? [code] : [];
  });
}

/** What a Patient is found by, and as a source also by the person to whom it belongs. */
export function withPerson(index: IndexValues, person: ResourceId | undefined): IndexValues {
  if (person === undefined) return index;
  return { ...index, [personParam]: [{ kind: 'reference', type: 'Patient', id: person }] };
}

function patientIn(reference: unknown): ResourceId | undefined {
  const isOfPatient = typeof reference === 'string' && reference.startsWith('Patient/');
  return isOfPatient ? parseResourceId(reference.slice('Patient/'.length)) : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
