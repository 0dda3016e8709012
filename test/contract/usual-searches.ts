import type { ResourceType } from '../../src/fhir/resource-type.ts';

export type Search = readonly [type: ResourceType, query: string];

/** What is asked every day, and matches some of the samples of test/unit/search: in no store it may walk a whole table. */
export const usualSearches: readonly Search[] = [
  ['Immunization', ''],
  ['Immunization', 'patient=ann'],
  ['Immunization', 'patient=Patient/ann&_sort=-date'],
  ['Immunization', 'patient=ann&vaccine-code=08&date=ge2020'],
  ['Immunization', 'vaccine-code=http://hl7.org/fhir/sid/cvx|08,140'],
  ['Immunization', 'date=2024-02'],
  ['Immunization', 'date=ge2024-02&date=lt2024-03'],
  ['Immunization', 'status=completed&_sort=-date'],
  ['Immunization', 'status:not=completed'],
  ['Immunization', 'vaccine-code:text=hep'],
  ['Immunization', 'location:missing=true'],
  ['Immunization', 'patient.identifier=urn:mrn|A-1'],
  ['Immunization', 'patient.organization.name=harbor'],
  ['Patient', '_id=ann,bob'],
  ['Patient', 'identifier=urn:mrn|A-1'],
  ['Patient', 'family=smith&birthdate=2020-03'],
  ['Patient', '_has:Immunization:patient:vaccine-code=08'],
  ['ValueSet', 'url:below=http://example.org/fhir/ValueSet/a'],
];
