import type { Bundle, BundleEntry, Immunization, Patient } from 'fhir/r4.js';

/** What a link tells of a person: whose record it is. No number, address, phone or relative is handed to who has a link. */
const patientElements = ['resourceType', 'id', 'name', 'birthDate', 'gender'] as const;

/** What is told of a dose: what a clinic or a school needs of it, and nothing of who paid or may be paid for. */
const doseElements = [
  'resourceType',
  'id',
  'status',
  'vaccineCode',
  'patient',
  'occurrenceDateTime',
  'occurrenceString',
  'primarySource',
  'manufacturer',
  'lotNumber',
  'expirationDate',
  'site',
  'route',
  'doseQuantity',
  'performer',
  'isSubpotent',
  'subpotentReason',
] as const;

/** What a CVX code is called; undefined where it is not known. */
export type VaccineName = (cvx: string) => string | undefined;

/**
 * The record as a FHIR Bundle: the person, and each dose that was given, its vaccine by name, since whoever has a link may know
 * no codes. Refusals and errors are nobody's proof.
 */
export function toSharedRecord({ entry = [] }: Bundle, nameOf: VaccineName): Bundle {
  const shared = entry.flatMap(({ fullUrl, resource }): BundleEntry[] => {
    if (resource?.resourceType === 'Patient')
      return [{ ...named(fullUrl), resource: pick(resource, patientElements) }];
    if (resource?.resourceType !== 'Immunization' || resource.status !== 'completed') return [];
    const dose = withoutContained(pick(resource, doseElements));
    return [{ ...named(fullUrl), resource: withName(dose, nameOf) }];
  });
  return { resourceType: 'Bundle', type: 'collection', entry: shared };
}

const cvxSystem = 'http://hl7.org/fhir/sid/cvx';

function withName(dose: Immunization, nameOf: VaccineName): Immunization {
  const { coding = [] } = dose.vaccineCode;
  const told = coding.map((one) => {
    if (one.display !== undefined || one.system !== cvxSystem) return one;
    const display = nameOf(one.code ?? '');
    return display === undefined ? one : { ...one, display };
  });
  return { ...dose, vaccineCode: { ...dose.vaccineCode, ...(coding.length > 0 && { coding: told }) } };
}

function named(fullUrl: string | undefined) {
  return fullUrl === undefined ? {} : { fullUrl };
}

function pick<Kind extends Patient | Immunization>(resource: Kind, elements: readonly string[]): Kind {
  const kept = Object.entries(resource).filter(([name]) => elements.includes(name.replace(/^_/, '')));
  return Object.fromEntries(kept) as unknown as Kind;
}

/** What is referred to within the resource was left out with it. */
function withoutContained({ manufacturer, performer = [], ...dose }: Immunization): Immunization {
  const isInside = (reference: string | undefined) => reference?.startsWith('#') === true;
  const known = performer.filter(({ actor }) => !isInside(actor.reference));
  return {
    ...dose,
    ...(manufacturer && !isInside(manufacturer.reference) && { manufacturer }),
    ...(known.length > 0 && { performer: known }),
  };
}
