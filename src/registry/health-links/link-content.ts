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

/** The record as a FHIR Bundle: the person, and each dose that was given. Refusals and errors are nobody's proof. */
export function toSharedRecord({ entry = [] }: Bundle): Bundle {
  const shared = entry.flatMap(({ fullUrl, resource }): BundleEntry[] => {
    if (resource?.resourceType === 'Patient')
      return [{ ...named(fullUrl), resource: pick(resource, patientElements) }];
    if (resource?.resourceType !== 'Immunization' || resource.status !== 'completed') return [];
    return [{ ...named(fullUrl), resource: withoutContained(pick(resource, doseElements)) }];
  });
  return { resourceType: 'Bundle', type: 'collection', entry: shared };
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
