import type { CodeableConcept, Coding } from 'fhir/r4.js';
import { asObject } from '../registry/ehr-record/ehr-record.ts';
import type { DraftOrder, HookCall } from './parse-call.ts';

/** A vaccine among the draft orders. */
export type OrderedVaccine = {
  readonly cvx: string;
  /** As the order calls it, where it has a name. */
  readonly name: string;
  /** Whether the schedule has it: of what it has not (BCG) nobody can say whether it counts. */
  readonly isScheduled: boolean;
  readonly isSelected: boolean;
};

/** What the codes of vaccines mean. */
export type VaccineCodes = {
  /** The one CVX code that codings stand for: an NDC says it as well. */
  readonly cvxOf: (coding: readonly Coding[]) => string | undefined;
  /** In the schedule; undefined for what it has not. */
  readonly nameOf: (cvx: string) => string | undefined;
};

type Json = Readonly<Record<string, unknown>>;

/** Where the resources that order a vaccine say which. */
const places = ['medicationCodeableConcept', 'vaccineCode', 'code'] as const;

/** The draft orders of the patient of the hook that are told by a code of a vaccine. */
export function orderedVaccines(
  { orders, patientId }: HookCall,
  codes: VaccineCodes,
): readonly OrderedVaccine[] {
  const drafted = orders.map(({ resource }) => resource);
  return orders
    .filter(({ resource }) => isOfPatient(resource, patientId) && isToBeDone(resource))
    .flatMap((order) => toOrderedVaccine(order, drafted, codes));
}

/** What is ordered for another is judged by another history; what names nobody is of the patient of the hook. */
function isOfPatient(order: Json, patientId: string): boolean {
  const { reference } = asObject(order['subject'] ?? order['patient'] ?? order['for']) ?? {};
  if (typeof reference !== 'string') return true;
  const [, type, id] = /(?:^|\/)([A-Z][A-Za-z]+)\/([^/?#]+)(?:\/_history\/[^/]+)?$/.exec(reference) ?? [];
  return type === undefined || (type === 'Patient' && id === patientId);
}

/** R4 `doNotPerform`: an order that it be left. */
function isToBeDone({ doNotPerform, status }: Json): boolean {
  return doNotPerform !== true && status !== 'not-done' && status !== 'entered-in-error';
}

function toOrderedVaccine(
  { resource, isSelected }: DraftOrder,
  drafted: readonly Json[],
  { cvxOf, nameOf }: VaccineCodes,
): readonly OrderedVaccine[] {
  const concepts = [...places.map((place) => resource[place]), medicationOf(resource, drafted)];
  for (const concept of concepts.flatMap(toConcept)) {
    const { coding = [], text } = concept;
    const cvx = cvxOf(coding);
    if (cvx === undefined) continue;
    const scheduled = nameOf(cvx);
    const display = coding.find((one) => one.display !== undefined)?.display;
    const name = (display ?? text ?? scheduled ?? `CVX ${cvx}`).slice(0, 100);
    return [{ cvx, name, isScheduled: scheduled !== undefined, isSelected }];
  }
  return [];
}

/** The code of the Medication that an order refers to: one that it contains, or one of the drafts. */
function medicationOf(order: Json, drafted: readonly Json[]): unknown {
  const reference = asObject(order['medicationReference'])?.['reference'];
  const contained: readonly unknown[] = Array.isArray(order['contained']) ? order['contained'] : [];
  const inside = contained.map(asObject).find((one) => reference === `#${one?.['id']}`);
  const found = inside ?? drafted.find((one) => reference === `Medication/${one['id']}`);
  return found?.['code'];
}

/** As far as it has the shape of one. */
function toConcept(value: unknown): readonly CodeableConcept[] {
  const concept = asObject(value);
  if (!concept) return [];
  const { text, coding } = concept;
  const codings: readonly unknown[] = Array.isArray(coding) ? coding : [];
  return [{ coding: codings.flatMap(toCoding), ...(typeof text === 'string' && { text }) }];
}

function toCoding(value: unknown): readonly Coding[] {
  const { system, code, display } = asObject(value) ?? {};
  if (typeof system !== 'string' || typeof code !== 'string') return [];
  return [{ system, code, ...(typeof display === 'string' && { display }) }];
}
