import type { ResourceType } from '../fhir/resource-type.ts';

/** Every resource is kept with its type and id first. */
const patient = /^\{"resourceType":"Patient","id":"([A-Za-z0-9.-]{1,64})"/gm;
const reference = /"reference":"(?:[^"]*\/)?Patient\/([A-Za-z0-9.-]{1,64})["/]/g;

/**
 * Adds the ids of the Patients whom lines of the type are or refer to: whose data they hold, and perhaps somebody who is
 * only named. For what an earlier release wrote, of which the store does not know whom it is about.
 */
export function addPersons(persons: Set<string>, type: ResourceType, lines: string): void {
  for (const [, id = ''] of lines.matchAll(type === 'Patient' ? patient : reference)) persons.add(id);
}
