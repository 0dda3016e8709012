import type {
  Condition,
  FhirResource,
  Immunization,
  ImmunizationPerformer,
  Organization,
  Patient,
  Practitioner,
} from 'fhir/r4.js';
import type { EpochDay } from '../values/epoch-day.ts';
import { parseEpochDay } from '../values/partial-date.ts';
import { addDays, addMonths, formatDay, openDay } from './calendar.ts';
import { concept, sharedConcept, systems } from './coding.ts';
import { indexOfNotable } from './demo-person.ts';
import { generatePerson } from './generate-registry.ts';
import { createRegistryContext, type RegistryOptions } from './registry-context.ts';

/** What a clinic's own EHR has of a person of the demo, by its ids and in its manner. */
export type EhrChart = {
  readonly patient: Patient;
  /** What is worth seeing of it beside the registry's record. */
  readonly shows: 'unreported' | 'moved' | 'no-live';
  readonly resources: readonly FhirResource[];
};

type Plan = Pick<EhrChart, 'shows'> & {
  readonly slug: string;
  /** Which doses of the registry the clinic gave itself. */
  readonly isOwn: (dose: Immunization, nth: number) => boolean;
  readonly more?: (own: Own) => readonly FhirResource[];
};

type Own = { readonly id: string; readonly birthDay: EpochDay };

const plans: readonly Plan[] = [
  { slug: 'toddler-behind', shows: 'unreported', isOwn: (_, nth) => nth < 5, more: unreportedDoses },
  { slug: 'moved', shows: 'moved', isOwn: (dose) => isOfFirstClinic(dose) },
  { slug: 'live-vaccines-too-close', shows: 'no-live', isOwn: () => true, more: (own) => [deficiency(own)] },
];

/** Whose charts lie in the EHR from which the demo opens Jenner's app; they are in the registry too. */
export function ehrCharts(options: RegistryOptions & { readonly people: number }): readonly EhrChart[] {
  const context = createRegistryContext(options);
  return plans.flatMap((plan) => {
    const index = indexOfNotable(plan.slug);
    if (index >= options.people) return [];
    const [patient, ...others] = generatePerson(context, index);
    const own = {
      id: `LX.${4100 + index}`,
      birthDay: parseEpochDay(patient.birthDate ?? '') ?? options.asOf,
    };
    const doses = others.filter((one): one is Immunization => one.resourceType === 'Immunization');
    const resources = [
      ...doses.filter(plan.isOwn).map((dose, nth) => toOwnDose(dose, own, nth)),
      ...(plan.more?.(own) ?? []),
    ];
    return [{ patient: toOwnPatient(patient, own.id), shows: plan.shows, resources }];
  });
}

/** Whom its doses name. */
export const ehrStaff: readonly (Practitioner | Organization)[] = [
  {
    resourceType: 'Practitioner',
    id: 'LX.D7',
    identifier: [{ system: systems.npi, value: '1234567893' }],
    name: [{ family: 'Okafor', given: ['Ngozi'], suffix: ['RN'] }],
  },
  { resourceType: 'Organization', id: 'LX.O1', name: 'Harborview Pediatrics' },
];

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition';

function toOwnPatient({ name = [], birthDate, gender, telecom, address }: Patient, id: string): Patient {
  return {
    resourceType: 'Patient',
    id,
    meta: { profile: [`${usCore}/us-core-patient`] },
    active: true,
    identifier: [{ system: 'urn:oid:1.2.36.146.595.217.0.1', value: id.slice(3) }],
    name: name.slice(0, 1),
    ...(birthDate !== undefined && { birthDate }),
    ...(gender !== undefined && { gender }),
    ...(telecom && { telecom }),
    ...(address && { address: address.slice(0, 1) }),
  };
}

function isOfFirstClinic({ location }: Immunization): boolean {
  return location?.reference === 'Location/demo-l-0001';
}

const nurse: ImmunizationPerformer = {
  function: concept(systems.performerFunction, 'AP', 'Administering Provider'),
  actor: { reference: 'Practitioner/LX.D7' },
};

/** The same dose, as another system keeps it: other ids, no text of its vaccine, the nurse by a reference of its own. */
function toOwnDose({ vaccineCode, ...dose }: Immunization, { id }: Own, nth: number): Immunization {
  const { occurrenceDateTime, lotNumber, site, route, primarySource = true } = dose;
  return {
    resourceType: 'Immunization',
    id: `${id}.imm.${nth}`,
    meta: { profile: [`${usCore}/us-core-immunization`] },
    status: dose.status,
    vaccineCode: { coding: (vaccineCode.coding ?? []).slice(0, 1) },
    patient: { reference: `Patient/${id}` },
    ...(occurrenceDateTime !== undefined && { occurrenceDateTime }),
    primarySource,
    ...(lotNumber !== undefined && { lotNumber }),
    ...(site && { site }),
    ...(route && { route }),
    ...(primarySource && { performer: [nurse] }),
  };
}

type Visit = { readonly months: number; readonly doses: readonly (readonly [cvx: string, name: string])[] };

/** Visits of which no message ever reached the registry. */
const visits: readonly Visit[] = [
  {
    months: 10,
    doses: [
      ['120', 'DTaP-Hib-IPV'],
      ['133', 'Pneumococcal conjugate PCV 13'],
      ['08', 'Hep B, adolescent or pediatric'],
    ],
  },
  {
    months: 14,
    doses: [
      ['03', 'MMR'],
      ['21', 'varicella'],
    ],
  },
];

const leftThigh = concept(systems.actSite, 'LT', 'left thigh');
const intramuscular = concept(systems.route, 'IM', 'Injection, intramuscular');

function unreportedDoses({ id, birthDay }: Own): readonly Immunization[] {
  const given = visits.flatMap(({ months, doses }) =>
    doses.map((dose) => ({ dose, day: openDay(addMonths(birthDay, months)) })),
  );
  return [
    ...given.map(
      ({ dose: [cvx, name], day }, nth): Immunization => ({
        ...unreported(id, `${nth}`, { cvx, name, day }),
        primarySource: true,
        lotNumber: `LX${cvx}${months(day)}`,
        site: leftThigh,
        route: intramuscular,
        performer: [nurse, { actor: { reference: 'Organization/LX.O1' } }],
      }),
    ),
    {
      ...unreported(id, 'h', {
        cvx: '83',
        name: 'Hep A, ped/adol, 2 dose',
        day: addDays(addMonths(birthDay, 13), 3),
      }),
      primarySource: false,
      reportOrigin: concept(systems.origin, 'record', 'Written Record'),
      performer: [{ actor: { reference: '#giver' } }],
      contained: [{ resourceType: 'Organization', id: 'giver', name: 'Walk-in clinic, Providence' }],
      note: [{ text: 'From the yellow card.' }],
    },
  ];
}

type Given = { readonly cvx: string; readonly name: string; readonly day: EpochDay };

function unreported(id: string, nth: string, { cvx, name, day }: Given): Immunization {
  return {
    resourceType: 'Immunization',
    id: `${id}.new.${nth}`,
    meta: { profile: [`${usCore}/us-core-immunization`] },
    status: 'completed',
    vaccineCode: concept(systems.cvx, cvx, name),
    patient: { reference: `Patient/${id}` },
    occurrenceDateTime: formatDay(day),
  };
}

function months(day: EpochDay): string {
  return formatDay(day).slice(2, 7).replace('-', '');
}

/** The registry has never heard of it. */
function deficiency({ id, birthDay }: Own): Condition {
  return {
    resourceType: 'Condition',
    id: `${id}.prob.1`,
    meta: { profile: [`${usCore}/us-core-condition-problems-health-concerns`] },
    clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
    code: sharedConcept('Severe combined immunodeficiency', {
      system: systems.snomed,
      code: '31323000',
      display: 'Severe combined immunodeficiency disease',
    }),
    subject: { reference: `Patient/${id}` },
    onsetDateTime: formatDay(addMonths(birthDay, 16)),
  };
}
