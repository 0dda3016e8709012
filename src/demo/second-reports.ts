import type { Immunization, Patient } from 'fhir/r4.js';
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

/** What a second clinic reports of people of the demo: a record of its own, and a dose that it only heard of. */
export function secondReports(
  options: RegistryOptions & { readonly people: number },
): readonly (Patient | Immunization)[] {
  const context = createRegistryContext(options);
  const there = reports.filter(({ index }) => index < options.people);
  return there.flatMap(({ index, written }) => {
    const [patient, ...others] = generatePerson(context, index);
    const dose = others.find(({ resourceType }) => resourceType === 'Immunization') as Immunization;
    const id = `demo-p-${personNumber(index)}-2`;
    return [toReport(id, patient as Patient, written), toTold(`demo-i-${personNumber(index)}-2`, id, dose)];
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

function toTold(id: string, patient: string, { occurrenceDateTime = '' }: Immunization): Immunization {
  return {
    resourceType: 'Immunization',
    id,
    status: 'completed',
    vaccineCode: concept('http://hl7.org/fhir/sid/cvx', '45', 'Hep B, unspecified formulation'),
    patient: { reference: `Patient/${patient}` },
    occurrenceDateTime: occurrenceDateTime.slice(0, 10),
    primarySource: false,
    performer: [{ actor: otherClinic }],
  };
}
