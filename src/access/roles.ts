import type { ResourceType } from '../fhir/resource-type.ts';
import { resourceTypes } from '../fhir/resource-type.ts';
import { compartmentTypes } from '../search/compartment.ts';
import type { RoleName } from './role-name.ts';

/**
 * Of which resources a row speaks. `all`; `own`: of the persons whom the user is or answers for; `word`: of those, what they
 * wrote themselves, and the objection to sharing, whoever wrote it down; `care`: of whom the
 * organizations care for or have vaccinated; `charge`: of those, whom they care for, and what is their own of the others, rosters
 * of their own alone; `roster`: of who is on a roster that they manage; `town`: of who lives in the
 * towns of a board of health; `house`: what the organizations are made of; `supply`: what they send, get or order.
 */
export type Place = 'all' | 'own' | 'word' | 'care' | 'charge' | 'roster' | 'town' | 'house' | 'supply';

/** `may`: SMART's letters, of c, r, u, d, s. */
export type RoleRow = {
  readonly types: readonly ResourceType[];
  readonly may: string;
  readonly of: Place;
};

export type Role = {
  readonly rows: readonly RoleRow[];
  /** Whether persons of others may be looked up by an identifier, or by name and birth date. */
  readonly looksUp: boolean;
  /** Whether a record that is hidden may be opened with a reason. */
  readonly breaksGlass: boolean;
};

/** What is about persons, apart from who has seen them. */
export const personTypes: readonly ResourceType[] = compartmentTypes.filter((type) => type !== 'AuditEvent');

/** Who works where, with what. */
export const directoryTypes: readonly ResourceType[] = [
  'Endpoint',
  'HealthcareService',
  'Location',
  'Medication',
  'Organization',
  'Practitioner',
  'PractitionerRole',
];

/** What is known of everybody: codes, forms, definitions. */
export const knowledgeTypes: readonly ResourceType[] = [
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'Measure',
  'OperationDefinition',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
];

/** What nobody may change who does not run the registry. */
const unaltered = 'crs';
const everyType = resourceTypes.filter((type) => type !== 'AuditEvent');
const common: RoleRow = { types: [...directoryTypes, ...knowledgeTypes], may: 'rs', of: 'all' };
const everywhere: readonly RoleRow[] = [
  { types: everyType, may: 'cruds', of: 'all' },
  { types: ['AuditEvent'], may: unaltered, of: 'all' },
];
const house: RoleRow = {
  types: ['Location', 'Organization', 'PractitionerRole'],
  may: 'cu',
  of: 'house',
};

const role = (
  rows: readonly RoleRow[],
  { looksUp = false, breaksGlass = false }: Partial<Pick<Role, 'looksUp' | 'breaksGlass'>> = {},
): Role => ({ rows, looksUp, breaksGlass });

/** What each role may do; a new one is a row. */
export const roles: Readonly<Record<RoleName, Role>> = {
  administrator: role(everywhere, { breaksGlass: true }),
  'programme-staff': role([
    { types: personTypes, may: 'cruds', of: 'all' },
    { types: [...directoryTypes, ...knowledgeTypes], may: 'crus', of: 'all' },
  ]),
  'site-administrator': role([common, { types: personTypes, may: 'rs', of: 'care' }, house]),
  clinician: role([common, { types: personTypes, may: 'crus', of: 'care' }], {
    looksUp: true,
    breaksGlass: true,
  }),
  'vaccine-coordinator': role([
    common,
    { types: personTypes, may: 'rs', of: 'care' },
    { types: ['SupplyDelivery', 'SupplyRequest'], may: 'crus', of: 'supply' },
  ]),
  'school-nurse': role([common, { types: personTypes, may: 'rs', of: 'roster' }]),
  'board-of-health': role([common, { types: personTypes, may: 'rs', of: 'town' }]),
  auditor: role([common, { types: ['AuditEvent', 'Provenance'], may: 'rs', of: 'all' }]),
  interface: role([common, { types: personTypes, may: 'crus', of: 'care' }], { looksUp: true }),
  individual: role([
    common,
    { types: personTypes, may: 'rs', of: 'own' },
    { types: ['AuditEvent'], may: 'rs', of: 'own' },
    { types: ['Consent', 'QuestionnaireResponse'], may: 'c', of: 'own' },
    { types: ['Consent', 'QuestionnaireResponse'], may: 'u', of: 'word' },
  ]),
};

/** A client that asks for itself, and belongs to organizations: what it may is a matter of its scopes within them. */
export const organizationClient: Role = role([
  common,
  { types: personTypes, may: 'cruds', of: 'care' },
  { types: personTypes, may: 'rs', of: 'roster' },
  { types: ['SupplyDelivery', 'SupplyRequest'], may: 'crus', of: 'supply' },
  house,
]);

/** One that the operator registered without any. */
export const registryClient: Role = role(everywhere);

/** What a patient scope may read beside what is about the patient in context. */
export const outsideCompartment: readonly ResourceType[] = [...directoryTypes, ...knowledgeTypes];
