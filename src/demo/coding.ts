import type { CodeableConcept, Coding } from 'fhir/r4.js';

export const systems = {
  cvx: 'http://hl7.org/fhir/sid/cvx',
  mvx: 'http://hl7.org/fhir/sid/mvx',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  npi: 'http://hl7.org/fhir/sid/us-npi',
  snomed: 'http://snomed.info/sct',
  ucum: 'http://unitsofmeasure.org',
  identifierType: 'http://terminology.hl7.org/CodeSystem/v2-0203',
  race: 'urn:oid:2.16.840.1.113883.6.238',
  language: 'urn:ietf:bcp:47',
  actReason: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  actSite: 'http://terminology.hl7.org/CodeSystem/v3-ActSite',
  route: 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration',
  origin: 'http://terminology.hl7.org/CodeSystem/immunization-origin',
  funding: 'http://terminology.hl7.org/CodeSystem/immunization-funding-source',
  eligibility: 'http://terminology.hl7.org/CodeSystem/immunization-program-eligibility',
  subpotent: 'http://terminology.hl7.org/CodeSystem/immunization-subpotent-reason',
  /** HL7 v2 table 0064, from which vaccine programs take V01 to V08. */
  financialClass: 'urn:oid:2.16.840.1.113883.12.64',
  performerFunction: 'http://terminology.hl7.org/CodeSystem/v2-0443',
  organizationType: 'http://terminology.hl7.org/CodeSystem/organization-type',
  contactRole: 'http://terminology.hl7.org/CodeSystem/v2-0131',
} as const;

/** Where the project's own identifiers come from. */
export const namingSystem = (name: string): string => `https://jenner-iis.org/fhir/NamingSystem/${name}`;

/**
 * A concept that many resources share. It is frozen to the bottom: a consumer that writes into a resource
 * without copying it first finds out at once.
 */
export function sharedConcept(text: string, ...codings: readonly Coding[]): CodeableConcept {
  return Object.freeze({ coding: frozen(codings), text });
}

/** Also shared; what the code means is said once, by its display. */
export function concept(system: string, code: string, display: string): CodeableConcept {
  return Object.freeze({ coding: frozen([{ system, code, display }]) });
}

function frozen(codings: readonly Coding[]): Coding[] {
  const copies = codings.map((coding) => Object.freeze({ ...coding }));
  Object.freeze(copies);
  return copies;
}
