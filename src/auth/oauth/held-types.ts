import type { ScopeLevel } from '../../access/scope.ts';
import { type ResourceType, resourceTypes } from '../../fhir/resource-type.ts';

/** What no person has: it describes, or carries, what there is. */
const impersonal: ReadonlySet<ResourceType> = new Set([
  'Binary',
  'Bundle',
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'Endpoint',
  'HealthcareService',
  'Measure',
  'MeasureReport',
  'MessageHeader',
  'OperationDefinition',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'Subscription',
  'SupplyDelivery',
  'SupplyRequest',
  'ValueSet',
] as const);

const personal = resourceTypes.filter((type) => !impersonal.has(type));

/** The types that a consent page offers one by one where an app asks for all. */
export function heldTypes(level: ScopeLevel): readonly ResourceType[] {
  return level === 'patient' ? personal : resourceTypes;
}
