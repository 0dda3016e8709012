import { existsSync, readFileSync } from 'node:fs';
import type { Bundle, CodeableConcept, Immunization, Patient } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { toHistory } from './round-trip.ts';
import { toChecked } from './to-checked.ts';

const folder = new URL('../../../../../shared/data/hl7/messages/', import.meta.url);
const readText = (name: string) => readFileSync(new URL(name, folder), 'utf8');

const codes = (...concepts: readonly (CodeableConcept | undefined)[]) =>
  concepts.flatMap((concept) => concept?.coding?.map(({ code }) => code) ?? []);

/** What is said of a person, apart from names of systems and from how it is referred to. */
function factsOf(patient: Patient) {
  return {
    family: patient.name?.map(({ family }) => family),
    given: patient.name?.map(({ given }) => given),
    birthDate: patient.birthDate,
    gender: patient.gender,
    numbers: patient.identifier?.map(({ value, type }) => `${value} ${codes(type)}`),
    homes: patient.address?.map(({ line, city, state, postalCode }) => ({ line, city, state, postalCode })),
  };
}

function doseFacts(dose: Immunization) {
  return {
    status: dose.status,
    // The first code is the one that was sent.
    vaccine: codes(dose.vaccineCode)[0],
    day: dose.occurrenceDateTime?.slice(0, 10),
    lot: dose.lotNumber,
    expires: dose.expirationDate,
    route: codes(dose.route),
    site: codes(dose.site),
    eligibility: codes(...(dose.programEligibility ?? [])),
    funding: codes(dose.fundingSource),
    numbers: dose.identifier?.map(({ value }) => value).sort(),
    // The other one knows no enterer.
    performers: codes(...(dose.performer ?? []).map((one) => one.function)).filter(
      (code) => code === 'OP' || code === 'AP',
    ),
  };
}

/** Of docs/hl7v2-mapping.md, "Where others differ": what is not compared has its reason there. */
describe.skipIf(!existsSync(folder))('another converter of VXU to FHIR', () => {
  const message = '0433-vxu-z22-nist-iz-ad-2-1-send-v04-z22.hl7';

  it('says the same of the person and of each dose', () => {
    const ours = toHistory(toChecked(readText(message)));
    const { entry = [] } = JSON.parse(readText('fhir-expected/VXU-expected.json')) as Bundle;
    const theirs = entry.map(({ resource }) => resource);
    const patient = theirs.find((one) => one?.resourceType === 'Patient') as Patient;
    expect(factsOf(ours.patient)).toEqual(factsOf(patient));
    const doses = theirs.filter((one): one is Immunization => one?.resourceType === 'Immunization');
    const byNumber = (a: ReturnType<typeof doseFacts>, b: typeof a) =>
      `${a.numbers}`.localeCompare(`${b.numbers}`);
    expect(ours.doses.map(doseFacts).sort(byNumber)).toEqual(doses.map(doseFacts).sort(byNumber));
  });
});
