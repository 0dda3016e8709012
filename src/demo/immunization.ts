import type { CodeableConcept, Immunization, Quantity, Reference } from 'fhir/r4.js';
import type { EpochDay } from '../values/epoch-day.ts';
import { addDays, ageInYears, earlierOf, easternOffset, formatDay } from './calendar.ts';
import { concept, namingSystem, sharedConcept, systems } from './coding.ts';
import type { DoseEvent, DoseSource, Refusal } from './dose-event.ts';
import type { Person } from './person.ts';
import { listOf, type NonEmpty, type Random } from './random.ts';
import { clinicAt, personId, personNumber, type RegistryContext } from './registry-context.ts';
import { makers, type Route, type VaccineProduct } from './vaccine-product.ts';

/** The event as the registry would hold it. `nth` counts the person's events from 1. */
export function toImmunization(
  context: RegistryContext,
  person: Person,
  event: DoseEvent,
  { nth, random }: { readonly nth: number; readonly random: Random },
): Immunization {
  const { product, source } = event;
  const id = `${context.mode}-i-${personNumber(person.index)}-${nth < 10 ? '0' : ''}${nth}`;
  const clinic = clinicAt(context, event.clinic);
  const resource: Immunization = {
    resourceType: 'Immunization',
    id,
    identifier: [{ system: namingSystem('immunization-id'), value: id }],
    status: event.status,
    vaccineCode: vaccineConcept(product, source === 'clinic'),
    patient: { reference: `Patient/${personId(context.mode, person.index)}` },
    occurrenceDateTime: occurrence(event, random),
    recorded: formatDay(recordedOn(person, event)),
    primarySource: source === 'clinic',
    location: { reference: `Location/${clinic.locationId}` },
  };
  if (event.refusal) resource.statusReason = refusals[event.refusal];
  const origin = origins[source];
  if (origin) resource.reportOrigin = origin;
  if (event.status !== 'not-done') addProduct(resource, event, random);
  if (event.status !== 'not-done' && source === 'clinic') {
    addAdministration(resource, person, event, random);
    resource.performer = [
      { function: administering, actor: { reference: `Practitioner/${clinic.practitionerId}` } },
    ];
  }
  return resource;
}

const refusals: Readonly<Record<Refusal, CodeableConcept>> = {
  'parent-objects': concept(systems.actReason, 'PATOBJ', 'patient objection'),
  religion: concept(systems.actReason, 'RELIG', 'religious objection'),
  immune: concept(systems.actReason, 'IMMUNE', 'immunity'),
  'medical-precaution': concept(systems.actReason, 'MEDPREC', 'medical precaution'),
  'out-of-stock': concept(systems.actReason, 'OSTOCK', 'product out of stock'),
};

const origins: Readonly<Record<DoseSource, CodeableConcept | undefined>> = {
  clinic: undefined,
  'other-provider': concept(systems.origin, 'provider', 'Other Provider'),
  'paper-record': concept(systems.origin, 'record', 'Written Record'),
  'parent-recall': concept(systems.origin, 'recall', 'Parent/Guardian/Patient Recall'),
  'school-record': concept(systems.origin, 'school', 'School Record'),
};

const administering = concept(systems.performerFunction, 'AP', 'Administering Provider');

const vaccineConcepts = new Map<VaccineProduct, CodeableConcept>();
const historicalConcepts = new Map<VaccineProduct, CodeableConcept>();

/** CVX first; the clinic that opened the box knows the NDC too. */
function vaccineConcept(product: VaccineProduct, knowsPackage: boolean): CodeableConcept {
  const concepts = knowsPackage ? vaccineConcepts : historicalConcepts;
  const known = concepts.get(product);
  if (known) return known;
  const cvx = { system: systems.cvx, code: product.cvx, display: product.name };
  const ndc = { system: systems.ndc, code: product.ndc ?? '' };
  const made =
    knowsPackage && product.ndc
      ? sharedConcept(product.trade ?? product.name, cvx, ndc)
      : sharedConcept(product.name, cvx);
  concepts.set(product, made);
  return made;
}

function occurrence(event: DoseEvent, random: Random): string {
  const day = formatDay(event.day);
  switch (event.precision) {
    case 'year':
      return day.slice(0, 4);
    case 'month':
      return day.slice(0, 7);
    case 'day':
      return day;
    case 'time': {
      const minutes = random.between(8 * 12, 17 * 12 + 11) * 5;
      const hour = Math.floor(minutes / 60);
      return `${day}T${two(hour)}:${two(minutes - hour * 60)}:00${easternOffset(event.day)}`;
    }
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function recordedOn(person: Person, event: DoseEvent): EpochDay {
  const later = event.source === 'clinic' ? 1 : 400;
  return earlierOf(addDays(event.day, later), person.lastDay);
}

const lotLetters = listOf('A, B, C, D, E, F, H, J, K, M, N, P, R, T, U, W, X, Y');

function addProduct(resource: Immunization, { product, day, source, flaw }: DoseEvent, random: Random): void {
  const { mvx } = product;
  if (!mvx) return;
  resource.manufacturer = manufacturer(mvx);
  if (source !== 'clinic' && random.chance(0.6)) return;
  // A lot lasts some months and goes to many people, so that a recall finds more than one.
  const lotSeason = Math.floor(day / 120);
  const letter = lotLetters[(lotSeason + Number(product.cvx)) % lotLetters.length] ?? lotLetters[0];
  resource.lotNumber = `${letter}${mvx[0] ?? 'Z'}${String((lotSeason * 37 + Number(product.cvx) * 11) % 10_000).padStart(4, '0')}`;
  const untilExpiry = flaw === 'lot-expired' ? -25 : 120 + ((lotSeason * 53) % 400);
  resource.expirationDate = formatDay(addDays(day, untilExpiry));
}

const manufacturers = new Map<string, Reference>();

/** Known by MVX code only: there is no Organization to point to. */
function manufacturer(mvx: string): Reference {
  const known = manufacturers.get(mvx);
  if (known) return known;
  const made = Object.freeze({
    identifier: Object.freeze({ system: systems.mvx, value: mvx }),
    display: makers[mvx] ?? mvx,
  });
  manufacturers.set(mvx, made);
  return made;
}

const routes: Readonly<Record<Route, CodeableConcept>> = {
  IM: concept(systems.route, 'IM', 'Injection, intramuscular'),
  SQ: concept(systems.route, 'SQ', 'Injection, subcutaneous'),
  PO: concept(systems.route, 'PO', 'Swallow, oral'),
  NASINHL: concept(systems.route, 'NASINHL', 'Inhalation, nasal'),
};

const thighs: NonEmpty<CodeableConcept> = [
  concept(systems.actSite, 'LT', 'left thigh'),
  concept(systems.actSite, 'RT', 'right thigh'),
];
const arms: NonEmpty<CodeableConcept> = [
  concept(systems.actSite, 'LA', 'left arm'),
  concept(systems.actSite, 'RA', 'right arm'),
  concept(systems.actSite, 'LD', 'left deltoid'),
];

const partialDose = concept(systems.subpotent, 'partial', 'Partial Dose');

function addAdministration(resource: Immunization, person: Person, event: DoseEvent, random: Random): void {
  const { route, millilitres } = event.product;
  resource.route = routes[route];
  if (route === 'IM' || route === 'SQ') {
    resource.site = random.pick(event.day - person.birthDay < 550 ? thighs : arms);
  }
  resource.doseQuantity = quantity(event.flaw === 'half-dose' ? millilitres / 2 : millilitres);
  if (event.flaw === 'half-dose') {
    resource.isSubpotent = true;
    resource.subpotentReason = [partialDose];
  }
  addProgram(resource, person, event);
}

function quantity(value: number): Quantity {
  return { value, unit: 'mL', system: systems.ucum, code: 'mL' };
}

const publicFunds = concept(systems.funding, 'public', 'Public');
const privateFunds = concept(systems.funding, 'private', 'Private');
const medicaidEligible = sharedConcept('VFC eligible: Medicaid', {
  system: systems.financialClass,
  code: 'V02',
  display: 'VFC eligible-Medicaid/Medicaid managed care',
});
const notEligible = sharedConcept(
  'Not VFC eligible',
  { system: systems.financialClass, code: 'V01', display: 'Not VFC eligible' },
  { system: systems.eligibility, code: 'ineligible', display: 'Not Eligible' },
);

/** Who paid. The federal programme for children ends with their 19th birthday. */
function addProgram(resource: Immunization, person: Person, event: DoseEvent): void {
  if (event.day - person.birthDay > 20 * 365 || ageInYears(person.birthDay, event.day) >= 19) return;
  resource.fundingSource = person.medicaid ? publicFunds : privateFunds;
  resource.programEligibility = [person.medicaid ? medicaidEligible : notEligible];
}
