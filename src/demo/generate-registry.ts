import type { Group, Immunization, Location, Organization, Patient, Practitioner } from 'fhir/r4.js';
import { benchHistory, makeBenchPerson } from './bench-person.ts';
import { ageInYears } from './calendar.ts';
import { type DemoPerson, makeDemoPerson } from './demo-person.ts';
import { type FindingResource, toFindingResource } from './finding.ts';
import { toImmunization } from './immunization.ts';
import { generateInstitutions, toRoster } from './institution.ts';
import { type NotablePerson, notablePeople } from './notable-people.ts';
import { toPatient } from './patient.ts';
import { createRandom } from './random.ts';
import {
  createRegistryContext,
  personId,
  personNumber,
  type RegistryContext,
  type RegistryOptions,
} from './registry-context.ts';

export type GeneratedResource =
  | Organization
  | Location
  | Practitioner
  | Patient
  | Immunization
  | FindingResource
  | Group;

/**
 * The whole registry, one resource at a time: what is referred to comes before what refers to it. Resources share
 * frozen parts: copy one before writing into it.
 */
export function* generateRegistry(
  options: RegistryOptions & { readonly people: number },
): Generator<GeneratedResource, void, undefined> {
  const context = createRegistryContext(options);
  yield* generateInstitutions(context);
  const pupils: string[] = [];
  for (let index = 0; index < options.people; index++) {
    const resources = generatePerson(context, index);
    const [patient] = resources;
    if (context.mode === 'demo' && pupils.length < mostPupils && goesToSchool(context, index)) {
      pupils.push(patient.id ?? '');
    }
    yield* resources;
  }
  const roster = toRoster(context, pupils);
  if (roster) yield roster;
}

/** A person's resources, the Patient first. They depend on the context and the index alone. */
export function generatePerson(
  context: RegistryContext,
  index: number,
): readonly [Patient, ...GeneratedResource[]] {
  return context.mode === 'demo' ? demoResources(context, index) : benchResources(context, index);
}

function benchResources(context: RegistryContext, index: number): readonly [Patient, ...GeneratedResource[]] {
  const person = makeBenchPerson(context, index);
  const random = createRandom(context.seed, 'record', index);
  const doses = benchHistory(context, person).map((event, nth) =>
    toImmunization(context, person, event, { nth: nth + 1, random }),
  );
  return [toPatient(context, person), ...doses];
}

function demoResources(context: RegistryContext, index: number): readonly [Patient, ...GeneratedResource[]] {
  const { person, events, findings, mergedInto } = makeDemoPerson(context, index);
  const patient = toPatient(context, person);
  const patientId = personId(context.mode, index);
  const random = createRandom(context.seed, 'record', index);
  return [
    mergedInto === undefined ? patient : replacedBy(patient, personId(context.mode, mergedInto)),
    ...findings.map((name, nth) =>
      toFindingResource(person, name, {
        id: `${context.mode}-f-${personNumber(index)}-${nth + 1}`,
        patientId,
      }),
    ),
    ...events.map((event, nth) => toImmunization(context, person, event, { nth: nth + 1, random })),
  ];
}

function replacedBy(patient: Patient, survivor: string): Patient {
  return {
    ...patient,
    active: false,
    link: [{ other: { reference: `Patient/${survivor}` }, type: 'replaced-by' }],
  };
}

const mostPupils = 600;

function goesToSchool(context: RegistryContext, index: number): boolean {
  const { person, mergedInto }: DemoPerson = makeDemoPerson(context, index);
  const years = ageInYears(person.birthDay, context.asOf);
  return mergedInto === undefined && person.deceasedOn === undefined && years >= 5 && years <= 12;
}

/** The people of the demo worth opening, with their ids. */
export function listNotablePeople(): readonly (NotablePerson & { readonly id: string })[] {
  return notablePeople.map((notable, index) => ({ ...notable, id: personId('demo', index) }));
}
