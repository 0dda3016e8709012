import type { Patient } from 'fhir/r4.js';
import { type Comparison, compareRecords } from '../../../../src/registry/matching/compare-records.ts';
import { shippedModel } from '../../../../src/registry/matching/shipped-model.ts';
import { toMatchRecord } from '../../../../src/registry/matching/to-match-record.ts';

const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/** Somebody of whom much is known. */
export const ada: Patient = {
  resourceType: 'Patient',
  identifier: [
    { system: 'http://hl7.org/fhir/sid/us-ssn', value: '401-22-7193' },
    { type: { coding: [{ system: v2, code: 'MR' }] }, system: 'urn:clinic:a', value: 'A-77120' },
  ],
  name: [{ family: 'Okonkwo', given: ['Adaeze', 'Ruth'] }],
  gender: 'female',
  birthDate: '2019-03-07',
  telecom: [{ system: 'phone', value: '(617) 482-9931' }],
  address: [{ line: ['14 Hawthorn Street'], city: 'Lowell', state: 'MA', postalCode: '01852' }],
  contact: [{ name: { family: 'Okonkwo', given: ['Chidi'] } }],
  extension: [
    { url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName', valueString: 'Eze' },
  ],
};

/** Name, sex and birth date alone. */
export function bare({ name, gender, birthDate }: Patient): Patient {
  return {
    resourceType: 'Patient',
    ...(name && { name }),
    ...(gender && { gender }),
    ...(birthDate !== undefined && { birthDate }),
  };
}

export function compare(a: Patient, b: Patient): Comparison {
  return compareRecords(shippedModel, toMatchRecord(a), toMatchRecord(b));
}

export function levelOf({ fields }: Comparison, field: string): string | undefined {
  return fields.find((each) => each.field === field)?.level;
}
