import type { AllergyIntolerance, CodeableConcept, Condition, Observation } from 'fhir/r4.js';
import type { EpochDay } from '../values/epoch-day.ts';
import { addDays, formatDay, laterOf } from './calendar.ts';
import { concept, systems } from './coding.ts';
import type { Person } from './person.ts';

type Shape =
  | { readonly as: 'condition'; readonly state: 'active' | 'resolved' }
  | { readonly as: 'allergy'; readonly category: 'food' | 'environment' | 'biologic' }
  | { readonly as: 'observation' };

type Finding = {
  readonly code: CodeableConcept;
  readonly shape: Shape;
  /** Since when: days before the registry is looked at, or days of age. */
  readonly since: { readonly daysAgo: number } | { readonly age: number };
};

const snomed = (code: string, display: string): CodeableConcept => concept(systems.snomed, code, display);
/** For what the schedule knows but gives no other code. */
const cdsiObservation = 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation';
const active = { as: 'condition', state: 'active' } as const;
const resolved = { as: 'condition', state: 'resolved' } as const;
const food = { as: 'allergy', category: 'food' } as const;
const environment = { as: 'allergy', category: 'environment' } as const;
const biologic = { as: 'allergy', category: 'biologic' } as const;
const observed = { as: 'observation' } as const;

/** What, besides doses, decides a forecast. The codes are those that the CDSi schedule maps to observations. */
const findings = {
  pregnant: { code: snomed('77386006', 'Pregnant'), shape: active, since: { daysAgo: 210 } },
  asplenia: { code: snomed('707147002', 'Asplenia'), shape: active, since: { age: 900 } },
  hiv: {
    code: snomed('86406008', 'Human immunodeficiency virus infection'),
    shape: active,
    since: { daysAgo: 1500 },
  },
  'egg-allergy': { code: snomed('91930004', 'Allergy to eggs'), shape: food, since: { age: 400 } },
  'latex-allergy': { code: snomed('300916003', 'Latex allergy'), shape: environment, since: { age: 30 } },
  'pertussis-reaction': {
    code: snomed('293115003', 'Pertussis vaccine adverse reaction'),
    shape: biologic,
    since: { age: 125 },
  },
  'yeast-allergy': { code: snomed('703936006', 'Allergy to yeast'), shape: food, since: { age: 2500 } },
  'past-chickenpox': { code: snomed('38907003', 'Varicella'), shape: resolved, since: { age: 1500 } },
  'hepatitis-b-immune': {
    code: snomed('271511000', 'Hepatitis B immune'),
    shape: observed,
    since: { daysAgo: 800 },
  },
  'health-worker': {
    code: snomed('223366009', 'Healthcare professional'),
    shape: observed,
    since: { daysAgo: 900 },
  },
  'hepatitis-a-travel': {
    code: concept(cdsiObservation, '142', 'Travel to a country where hepatitis A is common'),
    shape: observed,
    since: { daysAgo: 800 },
  },
  diabetes: { code: snomed('73211009', 'Diabetes mellitus'), shape: active, since: { daysAgo: 2000 } },
  asthma: { code: snomed('195967001', 'Asthma'), shape: active, since: { age: 1800 } },
  'kidney-disease': {
    code: snomed('709044004', 'Chronic kidney disease'),
    shape: active,
    since: { daysAgo: 1200 },
  },
} as const satisfies Record<string, Finding>;

export type FindingName = keyof typeof findings;
export type FindingResource = Condition | AllergyIntolerance | Observation;

const terminology = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`;
const anaphylaxis = snomed('39579001', 'Anaphylaxis');

/** The finding as the resource a clinic would record it in. */
export function toFindingResource(person: Person, name: FindingName, ids: FindingIds): FindingResource {
  const finding: Finding = findings[name];
  const common = {
    id: ids.id,
    code: finding.code,
    since: formatDay(sinceDay(person, finding)),
    patient: { reference: `Patient/${ids.patientId}` },
  };
  switch (finding.shape.as) {
    case 'condition':
      return toCondition(common, finding.shape.state);
    case 'allergy':
      return toAllergy(common, finding.shape.category);
    case 'observation':
      return toObservation(common);
  }
}

export type FindingIds = { readonly id: string; readonly patientId: string };

type Common = {
  readonly id: string;
  readonly code: CodeableConcept;
  readonly since: string;
  readonly patient: { readonly reference: string };
};

function sinceDay(person: Person, { since }: Finding): EpochDay {
  const day = 'age' in since ? addDays(person.birthDay, since.age) : addDays(person.lastDay, -since.daysAgo);
  return laterOf(day, person.birthDay);
}

function toCondition({ id, code, since, patient }: Common, state: 'active' | 'resolved'): Condition {
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: concept(
      terminology('condition-clinical'),
      state,
      state === 'active' ? 'Active' : 'Resolved',
    ),
    verificationStatus: concept(terminology('condition-ver-status'), 'confirmed', 'Confirmed'),
    category: [concept(terminology('condition-category'), 'problem-list-item', 'Problem List Item')],
    code,
    subject: patient,
    onsetDateTime: since,
    recordedDate: since,
  };
}

function toAllergy(
  { id, code, since, patient }: Common,
  category: 'food' | 'environment' | 'biologic',
): AllergyIntolerance {
  return {
    resourceType: 'AllergyIntolerance',
    id,
    clinicalStatus: concept(terminology('allergyintolerance-clinical'), 'active', 'Active'),
    verificationStatus: concept(terminology('allergyintolerance-verification'), 'confirmed', 'Confirmed'),
    type: 'allergy',
    category: [category],
    criticality: 'high',
    code,
    patient,
    onsetDateTime: since,
    recordedDate: since,
    reaction: [{ manifestation: [anaphylaxis], severity: 'severe' }],
  };
}

function toObservation({ id, code, since, patient }: Common): Observation {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code,
    subject: patient,
    effectiveDateTime: since,
    valueBoolean: true,
  };
}
