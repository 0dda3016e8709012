import type { CodeableConcept, Immunization } from 'fhir/r4.js';
import { parseEpochDay } from '../../values/partial-date.ts';
import type { DatedVaccine, DoseEvent, DoseSource, Vaccines } from './dose-event.ts';
import { normalLot } from './normal-lot.ts';

const cvxSystem = 'http://hl7.org/fhir/sid/cvx';
const ndcSystem = 'http://hl7.org/fhir/sid/ndc';

/** When it was given, and of what; undefined of what was not given, or was entered in error. */
export function toDatedVaccine(dose: Immunization, vaccines: Vaccines): DatedVaccine | undefined {
  if (dose.status !== 'completed' || dose.id === undefined) return undefined;
  const day = parseEpochDay((dose.occurrenceDateTime ?? '').slice(0, 10));
  const cvx = codeOf(dose.vaccineCode, cvxSystem) ?? vaccines.cvxByOtherCodes(dose);
  if (cvx === undefined) return { day, cvx, isUnspecified: false, antigens: noAntigens };
  return { day, cvx, isUnspecified: vaccines.isUnspecified(cvx), antigens: vaccines.antigensOf(cvx) };
}

/** The dose as an event; undefined of what was not given, or was entered in error. */
export function toDoseEvent(dose: Immunization, vaccines: Vaccines): DoseEvent | undefined {
  const dated = toDatedVaccine(dose, vaccines);
  if (!dated || dose.id === undefined) return undefined;
  const { day, cvx, isUnspecified, antigens } = dated;
  // Of one shape each: a person's doses are compared pair by pair.
  return {
    id: dose.id,
    day,
    cvx,
    isUnspecified,
    antigens,
    lot: dose.lotNumber === undefined ? undefined : normalLot(dose.lotNumber),
    product: codeOf(dose.vaccineCode, ndcSystem)?.replaceAll('-', ''),
    organization: organizationOf(dose),
    source: sourceOf(dose),
    isPartial: dose.isSubpotent === true,
    says: elements.filter((name) => dose[name] !== undefined).length,
    reported: dose.meta?.lastUpdated ?? '',
  };
}

const noAntigens: ReadonlySet<string> = new Set();

/** What a report of a dose should have. */
const elements = [
  'lotNumber',
  'manufacturer',
  'site',
  'route',
  'performer',
  'expirationDate',
  'doseQuantity',
] as const;

function codeOf({ coding = [] }: CodeableConcept, system: string): string | undefined {
  return coding.find((one) => one.system === system)?.code;
}

function organizationOf({ performer = [] }: Immunization): string | undefined {
  for (const { actor } of performer) {
    if (actor.reference?.startsWith('Organization/')) return actor.reference;
    if (actor.type === 'Organization') return actor.identifier?.value ?? actor.display;
  }
  return undefined;
}

/** R4 immunization.html: `primarySource` is true where who gave the dose reports it. */
function sourceOf({ primarySource }: Immunization): DoseSource | undefined {
  if (primarySource === undefined) return undefined;
  return primarySource ? 'administered' : 'historical';
}
