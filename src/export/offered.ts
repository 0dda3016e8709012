import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import { compartmentTypes } from '../search/compartment.ts';

export type ExportLevel = 'system' | 'patient' | 'group';

/** What goes with the data of persons, whole: a vaccination names who gave it, and where. */
export const directoryTypes: readonly ResourceType[] = [
  'Location',
  'Medication',
  'Organization',
  'Practitioner',
  'PractitionerRole',
];

export function offeredOn(level: ExportLevel): readonly ResourceType[] {
  return level === 'system' ? resourceTypes : [...compartmentTypes, ...directoryTypes];
}
