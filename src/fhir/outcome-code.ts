/** By what a client tells refusals apart that have one status and one issue code; R4's own codes are for kinds of them. */
export const outcomeSystem = 'https://jenner-iis.org/fhir/CodeSystem/outcome';

export type OutcomeCode =
  /** As many links to a record are in use as may be. */
  | 'too-many-links'
  /** Others must reach this server by https for that. */
  | 'no-https'
  /** The address of this server leaves no room for what comes behind it. */
  | 'address-too-long';
