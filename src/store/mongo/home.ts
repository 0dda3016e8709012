import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import type { IndexValues } from '../../search/index-values.ts';
import type { ResourceKey } from '../contract/store.ts';

/**
 * The parameter that says whose data a resource is, for the types that are about one patient: R4
 * compartmentdefinition-patient.html, as far as the element behind it holds one reference at most.
 */
const patientParams: Partial<Record<ResourceType, string>> = {
  AdverseEvent: 'subject',
  AllergyIntolerance: 'patient',
  Condition: 'patient',
  Consent: 'patient',
  Coverage: 'beneficiary',
  DetectedIssue: 'patient',
  DocumentReference: 'subject',
  Encounter: 'subject',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  Observation: 'subject',
  Procedure: 'patient',
  QuestionnaireResponse: 'subject',
  RelatedPerson: 'patient',
  SupplyDelivery: 'patient',
  SupplyRequest: 'subject',
};

/** Where the few lie that name several patients: a search for one of them looks here too. */
const ofSeveral = '*';

/**
 * The value of the shard key `patient`: `Patient/id` of whom the resource is about, and of a Patient itself; any other
 * resource has its own key, so that it is found without asking every shard.
 */
export function homeOf({ type, id, index }: ResourceKey & { readonly index: IndexValues }): string {
  const param = patientParams[type];
  const patients = (param === undefined ? [] : (index[param] ?? [])).flatMap((value) =>
    value.kind === 'reference' && value.type === 'Patient' ? [`Patient/${value.id}`] : [],
  );
  const [only] = patients;
  if (only === undefined) return `${type}/${id}`;
  return patients.length === 1 ? only : ofSeveral;
}

/** Where a resource must lie, when its key alone tells it. */
export function knownHome(key: string): string | undefined {
  const type = key.slice(0, key.indexOf('/')) as ResourceType;
  return patientParams[type] === undefined ? key : undefined;
}

/** Where all that matches must lie; undefined when it may lie anywhere. */
export function homesOf(filter: Filter, type: ResourceType): readonly string[] | undefined {
  if (filter.kind === 'and') {
    return filter.of.map((part) => homesOf(part, type)).find((homes) => homes !== undefined);
  }
  if (filter.kind === 'id' && patientParams[type] === undefined) {
    return filter.anyOf.map((id) => `${type}/${id}`);
  }
  if (filter.kind !== 'value' || filter.param !== patientParams[type]) return undefined;
  if (filter.test.kind !== 'reference') return undefined;
  const homes: string[] = [ofSeveral];
  for (const { type: target, id } of filter.test.anyOf) {
    if (target !== 'Patient' || id === undefined) return undefined;
    homes.push(`Patient/${id}`);
  }
  return homes;
}
