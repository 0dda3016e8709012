import type { Address, Extension, HumanName, Identifier, Patient } from 'fhir/r4.js';
import { ageInYears, formatDay } from './calendar.ts';
import { concept, namingSystem, sharedConcept, systems } from './coding.ts';
import type { Language, Race } from './heritage.ts';
import type { Home, Person } from './person.ts';
import { clinicAt, personId, personNumber, type RegistryContext } from './registry-context.ts';

/** The person as a US Core Patient. */
export function toPatient(context: RegistryContext, person: Person): Patient {
  const clinic = clinicAt(context, person.clinic);
  const patient: Patient = {
    resourceType: 'Patient',
    id: personId(context.mode, person.index),
    extension: extensions(person),
    identifier: identifiers(person),
    active: true,
    name: names(person),
    telecom: [{ system: 'phone', value: person.phone, use: 'home' }],
    gender: person.sex,
    birthDate: formatDay(person.birthDay),
    address: addresses(person),
    communication: [{ language: languages[person.language], preferred: true }],
    generalPractitioner: [{ reference: `Practitioner/${clinic.practitionerId}` }],
    managingOrganization: { reference: `Organization/${clinic.organizationId}` },
  };
  if (person.email) patient.telecom?.push({ system: 'email', value: person.email });
  if (person.deceasedOn !== undefined) patient.deceasedDateTime = formatDay(person.deceasedOn);
  if (person.birthOrder !== undefined) patient.multipleBirthInteger = person.birthOrder;
  if (ageInYears(person.birthDay, person.lastDay) < 18) addMother(patient, person);
  return patient;
}

const structure = 'http://hl7.org/fhir/us/core/StructureDefinition';
const races: Readonly<Record<Race, Extension>> = {
  native: raceExtension('American Indian or Alaska Native', '1002-5'),
  asian: raceExtension('Asian', '2028-9'),
  black: raceExtension('Black or African American', '2054-5'),
  white: raceExtension('White', '2106-3'),
  other: raceExtension('Some other race'),
};

function raceExtension(text: string, code?: string): Extension {
  const category = {
    url: 'ombCategory',
    valueCoding: { system: systems.race, code: code ?? '', display: text },
  };
  return {
    url: `${structure}/us-core-race`,
    extension: [...(code ? [category] : []), { url: 'text', valueString: text }],
  };
}

const hispanic = ethnicityExtension('Hispanic or Latino', '2135-2');
const notHispanic = ethnicityExtension('Not Hispanic or Latino', '2186-5');

function ethnicityExtension(text: string, code: string): Extension {
  return {
    url: `${structure}/us-core-ethnicity`,
    extension: [
      { url: 'ombCategory', valueCoding: { system: systems.race, code, display: text } },
      { url: 'text', valueString: text },
    ],
  };
}

function extensions(person: Person): Extension[] {
  return [
    races[person.race],
    person.hispanic ? hispanic : notHispanic,
    { url: `${structure}/us-core-birthsex`, valueCode: person.sex === 'female' ? 'F' : 'M' },
    {
      url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
      valueString: person.mothersMaidenName,
    },
  ];
}

const recordNumber = concept(systems.identifierType, 'MR', 'Medical record number');
const medicaidNumber = concept(systems.identifierType, 'MA', 'Patient Medicaid number');

function identifiers(person: Person): Identifier[] {
  const registry: Identifier = {
    use: 'official',
    type: recordNumber,
    system: namingSystem('registry-mrn'),
    value: `R${personNumber(person.index)}`,
  };
  if (!person.medicaid) return [registry];
  // Any number does, as long as it differs from person to person and does not betray the registry's.
  const value = String((person.index * 7_919 + 1_000_003) % 1_000_000_007).padStart(10, '0');
  return [registry, { type: medicaidNumber, system: namingSystem('medicaid-id'), value }];
}

function names(person: Person): HumanName[] {
  const official: HumanName = { use: 'official', family: person.family, given: [...person.given] };
  if (person.suffix) official.suffix = [person.suffix];
  return person.nickname ? [official, { use: 'nickname', given: [person.nickname] }] : [official];
}

function addresses(person: Person): Address[] {
  const now: Address = { use: 'home', ...toAddress(person.home) };
  if (!person.formerHome) return [now];
  const moved = formatDay(person.formerHome.leftOn);
  return [
    { ...now, period: { start: moved } },
    { use: 'old', ...toAddress(person.formerHome.home), period: { end: moved } },
  ];
}

function toAddress(home: Home): Address {
  return {
    line: [...home.line],
    city: home.town.name,
    district: home.town.county,
    state: 'MA',
    postalCode: home.zip,
    country: 'US',
  };
}

const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  es: 'Spanish',
  pt: 'Portuguese',
  zh: 'Chinese',
  vi: 'Vietnamese',
  ht: 'Haitian Creole',
  km: 'Khmer',
  ar: 'Arabic',
  hi: 'Hindi',
  ru: 'Russian',
};

const languageConcept = (code: Language) => {
  const display = languageNames[code];
  return sharedConcept(display, { system: systems.language, code, display });
};

const languages = {
  en: languageConcept('en'),
  es: languageConcept('es'),
  pt: languageConcept('pt'),
  zh: languageConcept('zh'),
  vi: languageConcept('vi'),
  ht: languageConcept('ht'),
  km: languageConcept('km'),
  ar: languageConcept('ar'),
  hi: languageConcept('hi'),
  ru: languageConcept('ru'),
};

const mother = concept(systems.contactRole, 'N', 'Next-of-Kin');
const motherRelation = concept('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH', 'mother');

function addMother(patient: Patient, person: Person): void {
  patient.contact = [
    {
      relationship: [mother, motherRelation],
      name: { family: person.family, given: [person.mothersGivenName] },
      telecom: [{ system: 'phone', value: person.phone, use: 'mobile' }],
    },
  ];
}
