/**
 * The resource types this server keeps. Everything that lists types (router, CapabilityStatement, search
 * parameters, import) reads this table.
 */
export const resourceTypes = [
  'AdverseEvent',
  'AllergyIntolerance',
  'AuditEvent',
  'Binary',
  'Bundle',
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'Condition',
  'Consent',
  'Coverage',
  'DetectedIssue',
  'Device',
  'DocumentReference',
  'Encounter',
  'Endpoint',
  'Group',
  'HealthcareService',
  'Immunization',
  'ImmunizationEvaluation',
  'ImmunizationRecommendation',
  'Linkage',
  'List',
  'Location',
  'Measure',
  'MeasureReport',
  'Medication',
  'MessageHeader',
  'Observation',
  'OperationDefinition',
  'Organization',
  'Patient',
  'Person',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'Questionnaire',
  'QuestionnaireResponse',
  'RelatedPerson',
  'SearchParameter',
  'StructureDefinition',
  'Subscription',
  'SupplyDelivery',
  'SupplyRequest',
  'Task',
  'ValueSet',
] as const;

export type ResourceType = (typeof resourceTypes)[number];

const known: ReadonlySet<string> = new Set(resourceTypes);

export function isResourceType(text: string): text is ResourceType {
  return known.has(text);
}
