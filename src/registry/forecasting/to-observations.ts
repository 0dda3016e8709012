import type { AllergyIntolerance, CodeableConcept, Condition, Observation, Procedure } from 'fhir/r4.js';
import type { ObservationCode, PatientObservation } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { writtenDayOf } from '../../values/instant.ts';
import { daysMeantBy, parsePartialDate } from '../../values/partial-date.ts';
import { canonicalSystem, codeSystem } from './code-systems.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

export type ClinicalResource = AllergyIntolerance | Condition | Observation | Procedure;

/** What a clinical resource says to the engine, and what of it was not sure enough to use. */
export type ObservationReading = {
  readonly observations: readonly PatientObservation[];
  readonly unsure?: string;
  /** Why nobody has confirmed it; it is used as a caution alone. */
  readonly unconfirmed?: string;
};

const nothing: ObservationReading = { observations: [] };

/**
 * Maps the codings of a resource through the schedule's observations. What is ended, refuted or entered in error
 * says nothing, but evidence of immunity outlasts the disease. What nobody has confirmed is a caution alone: it opens no
 * risk series and proves no immunity. An allergy counts unconfirmed too, as nearly all are recorded. A date that is not whole is used only as far as it
 * decides: where the first and the last day it may mean lie on two sides of the assessment date, the observation
 * is left out and reported.
 */
export function toObservations(
  resource: ClinicalResource,
  knowledgeBase: KnowledgeBase,
  assessmentDate: EpochDay,
): ObservationReading {
  if (!isTrue(resource)) return nothing;
  const because = whyUnconfirmed(resource);
  if (because === undefined) return read(resource, knowledgeBase, assessmentDate);
  const reading = read(resource, knowledgeBase, assessmentDate);
  return {
    ...reading,
    observations: reading.observations.map((each) => ({ ...each, unconfirmed: true })),
    ...(reading.observations.length > 0 && { unconfirmed: because }),
  };
}

function read(
  resource: ClinicalResource,
  knowledgeBase: KnowledgeBase,
  assessmentDate: EpochDay,
): ObservationReading {
  const { codes, needsVaccine } = codesOf(resource, knowledgeBase);
  if (codes.length === 0)
    return needsVaccine === undefined ? nothing : { observations: [], unsure: needsVaccine };
  const lasting = codes.filter((code) => knowledgeBase.outlastsTheDisease(code));
  const { begin, end } = spanOf(resource);
  const began = toDay(begin, assessmentDate);
  const ended = isOver(resource) ? 'before' : toDay(end, assessmentDate);
  if (began === 'after') return nothing;
  if (began === 'unsure') return unsureOf(begin);
  const start = typeof began === 'number' ? { date: began } : {};
  const always = lasting.map((code) => ({ code, ...start }));
  if (ended === 'before') return { observations: always };
  if (ended === 'unsure') return { ...unsureOf(end), observations: always };
  const finish = typeof ended === 'number' ? { endDate: ended } : {};
  const now = codes.filter((code) => !lasting.includes(code)).map((code) => ({ code, ...start, ...finish }));
  return { observations: [...always, ...now] };
}

function unsureOf(text: string | undefined): ObservationReading {
  return { observations: [], unsure: `${text} may lie before or after the assessment date` };
}

type Codes = {
  readonly codes: readonly ObservationCode[];
  /** A code means a reaction to a vaccine, but the resource names none. */
  readonly needsVaccine?: string;
};

/**
 * CDC's local codes for reactions stand for an observation of every vaccine: which one is told by the CVX beside it. A CVX
 * by itself says that only in an AllergyIntolerance.
 */
function codesOf(resource: ClinicalResource, knowledgeBase: KnowledgeBase): Codes {
  const codings = conceptsOf(resource).flatMap((concept) => concept.coding ?? []);
  const found = codings.map(({ system, code }) => ({
    system: canonicalSystem(system),
    code,
    means: code === undefined ? [] : knowledgeBase.observationsOf(system, code),
  }));
  const ofVaccine = found.filter(({ system }) => system === codeSystem.cvx).flatMap(({ means }) => means);
  const others = found.filter(({ system }) => system !== codeSystem.cvx);
  const isGeneral = (item: (typeof found)[number]) =>
    item.system === codeSystem.cdcLocal && item.means.length > 1;
  const codes = others.flatMap((item) =>
    isGeneral(item) ? item.means.filter((code) => ofVaccine.includes(code)) : item.means,
  );
  const own = resource.resourceType === 'AllergyIntolerance' ? ofVaccine : [];
  const general = others.find(isGeneral);
  return {
    codes: [...new Set([...codes, ...own])],
    ...(general && {
      needsVaccine: `${general.code} needs a CVX code beside it that says which vaccine is meant`,
    }),
  };
}

function conceptsOf(resource: ClinicalResource): readonly CodeableConcept[] {
  const concepts = resource.code ? [resource.code] : [];
  switch (resource.resourceType) {
    case 'Observation':
      return resource.valueCodeableConcept ? [...concepts, resource.valueCodeableConcept] : concepts;
    case 'AllergyIntolerance':
      return [...concepts, ...(resource.reaction ?? []).flatMap((reaction) => reaction.substance ?? [])];
    case 'Condition':
    case 'Procedure':
      return concepts;
  }
}

/** SNOMED CT, LOINC and v2 answers that say no: negative, not detected, absent, no, no (LOINC), N. */
const negativeAnswers: ReadonlySet<string> = new Set([
  '260385009',
  '260415000',
  '2667000',
  '373067005',
  'LA32-8',
  'LA6577-6',
  'N',
  'NEG',
  'ND',
]);

function isTrue(resource: ClinicalResource): boolean {
  switch (resource.resourceType) {
    case 'Observation':
      return isPositive(resource);
    case 'Procedure':
      return resource.status === 'completed' || resource.status === 'in-progress';
    case 'Condition':
    case 'AllergyIntolerance':
      return !hasCode(resource.verificationStatus, ['refuted', 'entered-in-error']);
  }
}

/** R4 condition-ver-status; a preliminary result may still change. */
function whyUnconfirmed(resource: ClinicalResource): string | undefined {
  if (resource.resourceType === 'Observation') {
    return resource.status === 'preliminary' ? 'it is preliminary' : undefined;
  }
  if (resource.resourceType !== 'Condition') return undefined;
  const code = ['unconfirmed', 'provisional', 'differential'].find((each) =>
    hasCode(resource.verificationStatus, [each]),
  );
  return code === undefined ? undefined : `it is ${code}`;
}

/** Ended at some time not after now, even where no date says when. */
function isOver(resource: ClinicalResource): boolean {
  if (resource.resourceType !== 'Condition' && resource.resourceType !== 'AllergyIntolerance') return false;
  const dated = resource.resourceType === 'Condition' && spanOf(resource).end !== undefined;
  return !dated && hasCode(resource.clinicalStatus, ['inactive', 'resolved', 'remission']);
}

function isPositive({ status, valueBoolean, valueCodeableConcept, dataAbsentReason }: Observation): boolean {
  if (['cancelled', 'entered-in-error', 'registered'].includes(status)) return false;
  if (valueBoolean === false || dataAbsentReason) return false;
  return !(valueCodeableConcept?.coding ?? []).some((coding) => negativeAnswers.has(coding.code ?? ''));
}

function hasCode(concept: CodeableConcept | undefined, codes: readonly string[]): boolean {
  return (concept?.coding ?? []).some((coding) => coding.code !== undefined && codes.includes(coding.code));
}

type Span = { readonly begin?: string | undefined; readonly end?: string | undefined };

/** When it began and ended, as it is written. */
export function spanOf(resource: ClinicalResource): Span {
  switch (resource.resourceType) {
    case 'Condition':
      return {
        begin: resource.onsetDateTime ?? resource.onsetPeriod?.start ?? resource.recordedDate,
        end: resource.abatementDateTime ?? resource.abatementPeriod?.end ?? resource.onsetPeriod?.end,
      };
    case 'AllergyIntolerance':
      return { begin: resource.onsetDateTime ?? resource.onsetPeriod?.start ?? resource.recordedDate };
    case 'Procedure':
      return { begin: resource.performedDateTime ?? resource.performedPeriod?.start };
    case 'Observation':
      return {
        begin: resource.effectiveDateTime ?? resource.effectivePeriod?.start ?? resource.valueDateTime,
        end: resource.effectivePeriod?.end,
      };
  }
}

/** A whole day; or on which side of the assessment date a partial date lies; undefined without a date. */
function toDay(
  text: string | undefined,
  assessmentDate: EpochDay,
): EpochDay | 'before' | 'after' | 'unsure' | undefined {
  if (text === undefined) return undefined;
  const day = writtenDayOf(text);
  if (day !== undefined) return day;
  const date = parsePartialDate(text);
  if (!date) return 'unsure';
  const { first, last } = daysMeantBy(date);
  if (last < assessmentDate) return 'before';
  return first > assessmentDate ? 'after' : 'unsure';
}
