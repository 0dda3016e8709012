import type { Address, Group, Location, Organization, Practitioner } from 'fhir/r4.js';
import { concept, namingSystem, systems } from './coding.ts';
import { composeSurname, generations } from './heritage.ts';
import { streetKinds, streetNames, type Town, towns } from './place.ts';
import { createRandom, type Random } from './random.ts';
import type { Clinic, RegistryContext } from './registry-context.ts';

const provider = concept(systems.organizationType, 'prov', 'Healthcare Provider');
const education = concept(systems.organizationType, 'edu', 'Educational Institute');
const providerNumber = concept(systems.identifierType, 'NPI', 'National provider identifier');
const firstClinicPin = 10_001;

/** What people refer to: each clinic with its place and its practitioner; in the demo a school too. */
export function* generateInstitutions(
  context: RegistryContext,
): Generator<Organization | Location | Practitioner> {
  for (const [index, clinic] of context.clinics.entries()) yield toOrganization(context, clinic, index);
  if (context.mode === 'demo') yield toSchool(context);
  for (const [index, clinic] of context.clinics.entries()) yield toLocation(context, clinic, index);
  for (const [index, clinic] of context.clinics.entries()) yield toPractitioner(context, clinic, index);
}

function toOrganization(context: RegistryContext, clinic: Clinic, index: number): Organization {
  const random = createRandom(context.seed, 'record', -1 - index);
  return {
    resourceType: 'Organization',
    id: clinic.organizationId,
    identifier: [{ system: namingSystem('provider-pin'), value: String(firstClinicPin + index) }],
    active: true,
    type: [provider],
    name: clinic.name,
    telecom: [{ system: 'phone', value: `${clinic.town.areaCode}-555-01${10 + (index % 90)}`, use: 'work' }],
    address: [addressIn(random, clinic.town)],
  };
}

function toSchool(context: RegistryContext): Organization {
  const [town] = towns;
  return {
    resourceType: 'Organization',
    id: context.schoolId,
    identifier: [{ system: namingSystem('school-code'), value: '00350999' }],
    active: true,
    type: [education],
    name: 'Lantern Hill Elementary School',
    telecom: [{ system: 'phone', value: `${town.areaCode}-555-0199`, use: 'work' }],
    address: [addressIn(createRandom(context.seed, 'clinic', -1), town)],
  };
}

function toLocation(context: RegistryContext, clinic: Clinic, index: number): Location {
  const random = createRandom(context.seed, 'record', -1 - index);
  return {
    resourceType: 'Location',
    id: clinic.locationId,
    identifier: [{ system: namingSystem('provider-pin'), value: String(firstClinicPin + index) }],
    status: 'active',
    name: clinic.name,
    mode: 'instance',
    address: addressIn(random, clinic.town),
    managingOrganization: { reference: `Organization/${clinic.organizationId}` },
  };
}

function addressIn(random: Random, town: Town): Address {
  return {
    use: 'work',
    line: [`${random.between(1, 400)} ${random.pick(streetNames)} ${random.pick(streetKinds)}`],
    city: town.name,
    district: town.county,
    state: 'MA',
    postalCode: random.pick(town.zips),
    country: 'US',
  };
}

function toPractitioner(context: RegistryContext, clinic: Clinic, index: number): Practitioner {
  const random = createRandom(context.seed, 'clinic', 1_000_000 + index);
  const gender = random.chance(0.6) ? 'female' : 'male';
  const generation = generations[1] ?? generations[0];
  return {
    resourceType: 'Practitioner',
    id: clinic.practitionerId,
    identifier: [{ type: providerNumber, system: systems.npi, value: inventedNpi(index) }],
    active: true,
    name: [
      {
        use: 'official',
        family: composeSurname(random.pick),
        given: [random.pickCommon(generation[gender])],
        suffix: [random.pick(['MD', 'NP', 'RN'])],
      },
    ],
    telecom: [{ system: 'phone', value: `${clinic.town.areaCode}-555-01${10 + (index % 90)}`, use: 'work' }],
    gender,
  };
}

/** Ten digits whose last is the check digit over the prefix 80840; none that begins with 2 is given out. */
export function inventedNpi(index: number): string {
  const body = `2${String(index + 1).padStart(8, '0')}`;
  let sum = 24; // what the prefix adds
  for (const [place, digit] of [...body].reverse().entries()) {
    const doubled = Number(digit) * (place % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return `${body}${(10 - (sum % 10)) % 10}`;
}

/** The school's roster; undefined while nobody goes there. */
export function toRoster(context: RegistryContext, pupils: readonly string[]): Group | undefined {
  if (pupils.length === 0) return undefined;
  return {
    resourceType: 'Group',
    id: `${context.mode}-g-school-roster`,
    identifier: [{ system: namingSystem('roster-id'), value: '00350999-all' }],
    active: true,
    type: 'person',
    actual: true,
    name: 'Lantern Hill Elementary School, all pupils',
    quantity: pupils.length,
    managingEntity: { reference: `Organization/${context.schoolId}` },
    member: pupils.map((id) => ({ entity: { reference: `Patient/${id}` } })),
  };
}
