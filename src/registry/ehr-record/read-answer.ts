import type {
  CodeableConcept,
  ImmunizationEvaluation,
  ImmunizationRecommendation,
  ImmunizationRecommendationRecommendation,
} from 'fhir/r4.js';
import type { Asked } from './ask-forecast.ts';

type Recommendation = ImmunizationRecommendationRecommendation;

/** A vaccine group as a card tells it. */
export type Row = {
  readonly group: string;
  readonly doseNumber: number | undefined;
  readonly status: string;
  readonly urgency: 'overdue' | 'due' | undefined;
  /** Of what is overdue. */
  readonly since: string | undefined;
  readonly earliest: string | undefined;
  /** In the order in which they are to be offered. */
  readonly vaccines: readonly CodeableConcept[];
  readonly forbidden: readonly CodeableConcept[];
  /** What is known of the person that decided, in words. */
  readonly because: readonly string[];
};

const recommendationStatus = 'http://terminology.hl7.org/CodeSystem/immunization-recommendation-status';
const behindSince = 'https://jenner-iis.org/fhir/StructureDefinition/behind-since';
const cvx = 'http://hl7.org/fhir/sid/cvx';

/** The forecast that stands for each vaccine group. */
export function rowsOf({ parameters }: Asked): readonly Row[] {
  const all = recommendationIn(parameters)?.recommendation ?? [];
  const byGroup = new Map<string, Row>();
  for (const one of all) {
    const row = toRow(one);
    if (!byGroup.has(row.group)) byGroup.set(row.group, row);
  }
  return [...byGroup.values()];
}

/** Whose schedule was followed. */
export function scheduleOf({ parameters }: Asked): string {
  const { display = 'CDC' } = recommendationIn(parameters)?.authority ?? {};
  const version = parameters.find(({ name }) => name === 'knowledgeBaseVersionUsed')?.valueString ?? '';
  return `${display} schedule ${version}`.trim();
}

function recommendationIn(parameters: Asked['parameters']) {
  const found = parameters.find(({ name }) => name === 'recommendation')?.resource;
  return found as ImmunizationRecommendation | undefined;
}

function toRow(one: Recommendation): Row {
  const [group, ...vaccines] = one.vaccineCode ?? [];
  const urgency = urgencyOf(one);
  return {
    group: group?.text ?? group?.coding?.[0]?.display ?? 'vaccine',
    doseNumber: one.doseNumberPositiveInt,
    status: one.forecastStatus.text ?? '',
    urgency,
    since: urgency === 'overdue' ? sinceOf(one) : undefined,
    earliest: dateOf(one, '30981-5'),
    vaccines,
    forbidden: one.contraindicatedVaccineCode ?? [],
    because: (one.supportingPatientInformation ?? []).flatMap(({ display }) => display ?? []),
  };
}

/** What is left to patient and clinician, or permissive by age, is due to nobody. */
function urgencyOf({ forecastStatus, forecastReason = [] }: Recommendation): Row['urgency'] {
  const code = forecastStatus.coding?.find(({ system }) => system === recommendationStatus)?.code;
  if (code === 'overdue') return 'overdue';
  return code === 'due' && forecastReason.length === 0 ? 'due' : undefined;
}

function sinceOf(one: Recommendation): string | undefined {
  return one.extension?.find(({ url }) => url === behindSince)?.valueDate ?? dateOf(one, '59778-1');
}

function dateOf({ dateCriterion = [] }: Recommendation, loinc: string): string | undefined {
  return dateCriterion.find(({ code }) => code.coding?.some((coding) => coding.code === loinc))?.value;
}

export function cvxOf({ coding = [] }: CodeableConcept): string | undefined {
  return coding.find(({ system }) => system === cvx)?.code;
}

/** What became of a vaccine that would be given today: whether it counts against anything, and why not. */
export function verdictOn({ parameters }: Asked, id: string): 'counts' | readonly string[] | undefined {
  const judged = parameters.flatMap(({ name, resource }) =>
    name === 'evaluation' && isOf(resource as ImmunizationEvaluation, id)
      ? [resource as ImmunizationEvaluation]
      : [],
  );
  if (judged.length === 0) return undefined;
  if (judged.some(({ doseStatus }) => doseStatus.coding?.[0]?.code === 'valid')) return 'counts';
  const reasons = judged.flatMap(({ doseStatusReason = [] }) => doseStatusReason.map(textOf));
  return [...new Set(reasons.filter((text) => text !== ''))];
}

/** Vaccine groups, or vaccines of one, that must not be given, and what is known of the person that says so. */
export function forbiddenIn(asked: Asked): readonly Forbidden[] {
  return rowsOf(asked).flatMap(({ group, status, vaccines, forbidden, because }) => {
    // Of a group that is needed all the same there are vaccines that may be given.
    if (status === 'Contraindicated' && vaccines.length === 0) return [{ group, vaccines: [], because }];
    if (forbidden.length === 0) return [];
    return [{ group, vaccines: forbidden.map(textOf), because }];
  });
}

export type Forbidden = {
  readonly group: string;
  /** Which of them; empty: all. */
  readonly vaccines: readonly string[];
  readonly because: readonly string[];
};

function isOf({ immunizationEvent }: ImmunizationEvaluation, id: string): boolean {
  return immunizationEvent.reference === `Immunization/${id}`;
}

function textOf({ text, coding }: CodeableConcept): string {
  return text ?? coding?.[0]?.display ?? coding?.[0]?.code ?? '';
}
