import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { anyOf, type Filter } from './filter.ts';
import type { IndexValues } from './index-values.ts';

/** R4 compartmentdefinition-patient.html, the types served here. */
const patientParams: Partial<Record<ResourceType, readonly string[]>> = {
  AdverseEvent: ['subject'],
  AllergyIntolerance: ['patient', 'recorder', 'asserter'],
  AuditEvent: ['patient'],
  Condition: ['patient', 'asserter'],
  Consent: ['patient'],
  Coverage: ['policy-holder', 'subscriber', 'beneficiary', 'payor'],
  DetectedIssue: ['patient'],
  DocumentReference: ['subject', 'author'],
  Encounter: ['subject'],
  Group: ['member'],
  Immunization: ['patient'],
  ImmunizationEvaluation: ['patient'],
  ImmunizationRecommendation: ['patient'],
  List: ['subject', 'source'],
  MeasureReport: ['patient'],
  Observation: ['subject', 'performer'],
  Patient: ['link'],
  Person: ['patient'],
  Procedure: ['patient', 'performer'],
  Provenance: ['patient'],
  QuestionnaireResponse: ['subject', 'author'],
  RelatedPerson: ['patient'],
  SupplyDelivery: ['patient'],
  SupplyRequest: ['subject'],
  Task: ['patient', 'focus'],
};

/** The parameters by which resources of the type are in the compartment of a Patient. */
export function compartmentParams(type: ResourceType): readonly string[] {
  return patientParams[type] ?? [];
}

/** The types of the compartment, the Patient among them. */
export const compartmentTypes = Object.keys(patientParams) as readonly ResourceType[];

/** The resources of the type in the compartment of the patient; undefined when the type has none there. */
export function compartmentFilter(patientId: string, type: ResourceType): Filter | undefined {
  const params = compartmentParams(type);
  const filters: Filter[] = params.map((param) => ({
    kind: 'value',
    param,
    test: { kind: 'reference', anyOf: [{ type: 'Patient', id: patientId }] },
  }));
  if (type === 'Patient') filters.unshift({ kind: 'id', anyOf: [patientId] });
  return filters.length === 0 ? undefined : anyOf(filters);
}

/** The parameters that say whom a resource is about. Who only recorded or asserted it is not among them. */
const aboutParams: Partial<Record<ResourceType, readonly string[]>> = {
  AdverseEvent: ['subject'],
  AllergyIntolerance: ['patient'],
  AuditEvent: ['patient'],
  Condition: ['patient'],
  Consent: ['patient'],
  Coverage: ['beneficiary'],
  DetectedIssue: ['patient'],
  DocumentReference: ['subject'],
  Encounter: ['subject'],
  Group: ['member'],
  Immunization: ['patient'],
  ImmunizationEvaluation: ['patient'],
  ImmunizationRecommendation: ['patient'],
  List: ['subject', 'item'],
  MeasureReport: ['patient'],
  Observation: ['subject'],
  Person: ['patient'],
  Procedure: ['patient'],
  Provenance: ['patient'],
  QuestionnaireResponse: ['subject'],
  RelatedPerson: ['patient'],
  SupplyDelivery: ['patient'],
  SupplyRequest: ['subject'],
  Task: ['patient', 'focus'],
};

/** The parameters by which a resource of the type concerns Patients; none for a Patient, which concerns itself. */
export function concerningParams(type: ResourceType): readonly string[] {
  return aboutParams[type] ?? [];
}

/** The Patients whom a resource concerns, each once: a Patient itself, else whom it is about. */
export function patientsOf(type: ResourceType, id: ResourceId, index: IndexValues): readonly ResourceId[] {
  if (type === 'Patient') return [id];
  const params = aboutParams[type];
  if (!params) return [];
  const patients = new Set<ResourceId>();
  for (const param of params) {
    for (const value of index[param] ?? []) {
      if (value.kind === 'reference' && value.type === 'Patient') patients.add(value.id as ResourceId);
    }
  }
  return [...patients];
}
