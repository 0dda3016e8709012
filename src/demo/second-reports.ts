import type { Immunization, Patient } from 'fhir/r4.js';
import { parseEpochDay } from '../values/partial-date.ts';
import { addDays, formatDay } from './calendar.ts';
import { concept } from './coding.ts';
import { generatePerson } from './generate-registry.ts';
import { createRegistryContext, personNumber, type RegistryOptions } from './registry-context.ts';

const otherClinic = { reference: 'Organization/demo-o-0002' };
const mrn = 'https://jenner-iis.org/fhir/NamingSystem/demo-o-0002-mrn';

type Report = {
  readonly index: number;
  /** How the other clinic writes of the same person. */
  readonly written: (patient: Patient) => Partial<Patient>;
};

/** People of whom another clinic reports too: the one is certain, the other is for people to decide. */
const reports: readonly Report[] = [
  {
    index: 3,
    written: ({ address = [] }) => ({ address: address.map((one) => ({ ...one, use: 'home' as const })) }),
  },
  {
    index: 9,
    written: ({ name = [], birthDate = '' }) => ({
      name: name.map((one) => ({ ...one, given: one.given?.slice(0, 1) ?? [] })),
      birthDate: `${birthDate.slice(0, 8)}${birthDate.endsWith('2') ? '21' : '12'}`,
      address: [{ line: ['4 Mill Street'], city: 'Lowell', state: 'MA', postalCode: '01852' }],
      telecom: [],
    }),
  },
];

/** Of whom the card that the other clinic saw has a dose in two places. */
const twiceOnCard = 9;

/** What a second clinic reports of people of the demo: a record of its own, and a dose that it only heard of. */
export function secondReports(
  options: RegistryOptions & { readonly people: number },
): readonly (Patient | Immunization)[] {
  const context = createRegistryContext(options);
  const there = reports.filter(({ index }) => index < options.people);
  return there.flatMap(({ index, written }) => {
    const [patient, ...others] = generatePerson(context, index);
    const dose = others.find(({ resourceType }) => resourceType === 'Immunization') as Immunization;
    const number = personNumber(index);
    const id = `demo-p-${number}-2`;
    const told = { patient: id, on: dose.occurrenceDateTime?.slice(0, 10) ?? '' };
    return [
      toReport(id, patient as Patient, written),
      toTold(`demo-i-${number}-2`, { ...told, cvx: '45' }),
      // The card has it by the brand too, a day later: one dose or two, people say.
      ...(index === twiceOnCard
        ? [toTold(`demo-i-${number}-3`, { ...told, on: dayAfter(told.on), cvx: '08' })]
        : []),
    ];
  });
}

function toReport(id: string, patient: Patient, written: Report['written']): Patient {
  const { identifier: _, generalPractitioner: __, extension: ___, ...said } = patient;
  const changed = { ...said, ...written(patient) };
  const { telecom, ...rest } = changed;
  return {
    ...rest,
    ...(telecom && telecom.length > 0 && { telecom }),
    id,
    identifier: [{ system: mrn, value: id }],
    managingOrganization: otherClinic,
  };
}

function dayAfter(on: string): string {
  const day = parseEpochDay(on);
  return day === undefined ? on : formatDay(addDays(day, 1));
}

type Told = { readonly patient: string; readonly on: string; readonly cvx: '45' | '08' };

const displays = { '45': 'Hep B, unspecified formulation', '08': 'Hep B, adolescent or pediatric' } as const;

function toTold(id: string, { patient, on, cvx }: Told): Immunization {
  return {
    resourceType: 'Immunization',
    id,
    status: 'completed',
    vaccineCode: concept('http://hl7.org/fhir/sid/cvx', cvx, displays[cvx]),
    patient: { reference: `Patient/${patient}` },
    occurrenceDateTime: on,
    primarySource: false,
    performer: [{ actor: otherClinic }],
  };
}
