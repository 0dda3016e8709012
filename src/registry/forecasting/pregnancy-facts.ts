import type { CodeableConcept, Condition, Observation } from 'fhir/r4.js';
import { plusDays } from '../../forecast/date-arithmetic.ts';
import type { ObservationCode, PatientObservation } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { writtenDayOf } from '../../values/instant.ts';
import { tableOf } from '../../values/table-of.ts';
import type { Sourced } from './clinical-record.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { type ClinicalResource, toObservations } from './to-observations.ts';

/** CDSi observations: pregnant, and onset of pregnancy, from which the schedule counts weeks. */
export const pregnant = '007' as ObservationCode;
export const onsetOfPregnancy = '170' as ObservationCode;

/** What a resource says of a pregnancy; `day` is the day of which it says it. */
export type PregnancyFact = { readonly day: EpochDay | undefined; readonly reference: string } & (
  | { readonly kind: 'pregnant' }
  | { readonly kind: 'not-pregnant' }
  /** Possible, or not known. */
  | { readonly kind: 'unsure' }
  /** Nobody has confirmed it. */
  | { readonly kind: 'unconfirmed' }
  /** The first day of the last menstrual period; the surest way to know it has the lowest rank. */
  | { readonly kind: 'began'; readonly began: EpochDay; readonly rank: number; readonly implies: boolean }
);

const pregnancyStatus = '82810-3';
const notPregnant = '60001007';
/** SNOMED CT: possible pregnancy; pregnancy status not known. */
const unsureAnswers = ['152231000119106', '146799005'];
const termInDays = 280;

/** LOINC: estimated due date (stated, by menstruation, by ovulation, composite). */
const dueDates: ReadonlySet<string> = new Set(['11778-8', '11779-6', '11780-4', '11781-2']);
const lastMenstrualPeriod = '8665-2';
/** Gestational age: clinical, estimated, by menstruation. */
const gestationalAges: ReadonlySet<string> = new Set(['18185-9', '49051-6', '11884-4', '11885-1']);

/** All that the resources say, in their order. */
export function pregnancyFacts(
  clinical: readonly Sourced<ClinicalResource>[],
  knowledgeBase: KnowledgeBase,
  assessmentDate: EpochDay,
): readonly PregnancyFact[] {
  return clinical.flatMap(({ resource, reference }) => [
    ...coded(resource, reference, toObservations(resource, knowledgeBase, assessmentDate).observations),
    ...(resource.resourceType === 'Condition' ? ofCondition(resource, reference, knowledgeBase) : []),
    ...(resource.resourceType === 'Observation' ? ofObservation(resource, reference) : []),
  ]);
}

/** What its codes say by the schedule. */
function coded(
  resource: ClinicalResource,
  reference: string,
  read: readonly PatientObservation[],
): readonly PregnancyFact[] {
  return read.flatMap(({ code, date, unconfirmed }) => {
    if (unconfirmed && code !== pregnant) return [];
    if (unconfirmed) return [{ ...pregnantFact(resource, date, reference), kind: 'unconfirmed' }];
    if (code === pregnant) return [pregnantFact(resource, date, reference)];
    return code === onsetOfPregnancy && date !== undefined ? [beganFact(date, date, 1, reference)] : [];
  });
}

/** A condition is known from the day on which it was recorded, though it began before. */
function pregnantFact(
  resource: ClinicalResource,
  date: EpochDay | undefined,
  reference: string,
): PregnancyFact {
  const recorded = resource.resourceType === 'Condition' ? dayOf(resource.recordedDate) : undefined;
  return { kind: 'pregnant', day: recorded ?? date, reference };
}

/** Who has a due date or a gestational age is pregnant; a last menstrual period says nothing of that. */
function impliesPregnant(fact: BeganFact): PregnancyFact {
  return { ...fact, implies: true };
}

type BeganFact = Extract<PregnancyFact, { readonly kind: 'began' }>;

function beganFact(began: EpochDay, day: EpochDay | undefined, rank: number, reference: string): BeganFact {
  return { kind: 'began', began, day, rank, implies: false, reference };
}

const notSure = ['refuted', 'entered-in-error', 'unconfirmed', 'provisional', 'differential'];

/** The onset of the condition is the beginning, its abatement the end. */
function ofCondition(
  condition: Condition,
  reference: string,
  knowledgeBase: KnowledgeBase,
): readonly PregnancyFact[] {
  const means = (condition.code?.coding ?? []).flatMap(({ system, code }) =>
    code === undefined ? [] : knowledgeBase.observationsOf(system, code),
  );
  const isUnsure = (condition.verificationStatus?.coding ?? []).some(({ code }) =>
    notSure.includes(code ?? ''),
  );
  if (!means.includes(pregnant) || isUnsure) return [];
  const onset = dayOf(condition.onsetDateTime ?? condition.onsetPeriod?.start);
  const end = dayOf(
    condition.abatementDateTime ?? condition.abatementPeriod?.end ?? condition.onsetPeriod?.end,
  );
  return [
    ...(onset === undefined ? [] : [beganFact(onset, dayOf(condition.recordedDate) ?? onset, 4, reference)]),
    ...(end === undefined ? [] : [{ kind: 'not-pregnant', day: plusDays(end, 1), reference } as const]),
  ];
}

type Measured = Pick<
  Observation,
  'code' | 'valueCodeableConcept' | 'valueDateTime' | 'valueQuantity' | 'valueBoolean'
>;

/** US Core Pregnancy Status, and what dates a pregnancy, be it an observation of its own or a component. */
function ofObservation(observation: Observation, reference: string): readonly PregnancyFact[] {
  const { status, effectiveDateTime, effectivePeriod, issued, component = [] } = observation;
  if (['cancelled', 'entered-in-error', 'registered'].includes(status)) return [];
  const day = dayOf(effectiveDateTime ?? effectivePeriod?.start ?? issued);
  return [observation, ...component].flatMap((measured) => ofMeasured(measured, day, reference));
}

function ofMeasured(
  measured: Measured,
  day: EpochDay | undefined,
  reference: string,
): readonly PregnancyFact[] {
  const is = (code: string) => hasCode(measured.code, code);
  if (saysNotPregnant(measured)) return [{ kind: 'not-pregnant', day, reference }];
  if (unsureAnswers.some((code) => hasCode(measured.valueCodeableConcept, code))) {
    return [{ kind: 'unsure', day, reference }];
  }
  const date = dayOf(measured.valueDateTime);
  const isDueDate = [...dueDates].some(is);
  if (date !== undefined && isDueDate) {
    return [impliesPregnant(beganFact(plusDays(date, -termInDays), day, 0, reference))];
  }
  if (date !== undefined && is(lastMenstrualPeriod)) return [beganFact(date, day ?? date, 2, reference)];
  const age = ageInDays(measured);
  if (age === undefined || day === undefined || ![...gestationalAges].some(is)) return [];
  return [impliesPregnant(beganFact(plusDays(day, -age), day, 3, reference))];
}

function saysNotPregnant({ code, valueCodeableConcept, valueBoolean }: Measured): boolean {
  if (hasCode(valueCodeableConcept, notPregnant) || hasCode(code, notPregnant)) return true;
  const no = hasCode(valueCodeableConcept, 'LA32-8') || hasCode(valueCodeableConcept, 'N');
  return hasCode(code, pregnancyStatus) && (valueBoolean === false || no);
}

const unitsInDays: Readonly<Record<string, number>> = tableOf({
  wk: 7,
  week: 7,
  weeks: 7,
  d: 1,
  day: 1,
  days: 1,
});

function ageInDays({ valueQuantity }: Measured): number | undefined {
  const unit = unitsInDays[(valueQuantity?.code ?? valueQuantity?.unit ?? 'wk').toLowerCase()];
  if (unit === undefined || valueQuantity?.value === undefined) return undefined;
  return Math.round(valueQuantity.value * unit);
}

function hasCode(concept: CodeableConcept | undefined, code: string): boolean {
  return (concept?.coding ?? []).some((coding) => coding.code === code);
}

function dayOf(text: string | undefined): EpochDay | undefined {
  return text === undefined ? undefined : writtenDayOf(text);
}
