import type { Immunization, Patient } from 'fhir/r4.js';
import type { ClinicalResource } from './to-observations.ts';

/** A resource, where the caller finds it, and how an answer refers to it. */
export type Sourced<Kind> = {
  readonly resource: Kind;
  /** FHIRPath into the request, or the relative reference of a stored resource. */
  readonly expression: string;
  /** Reference to it: `Immunization/id` or `urn:uuid:…`. */
  readonly reference: string;
};

export type ClinicalRecord = {
  readonly patient: Sourced<Patient>;
  readonly immunizations: readonly Sourced<Immunization>[];
  readonly clinical: readonly Sourced<ClinicalResource>[];
  /** Taken for the country of birth of who does not say it, as the schedule writes it; absent: it is not known. */
  readonly countryWhereUnknown?: string;
};
