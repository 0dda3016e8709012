import type {
  AdministeredDose,
  Gender,
  ObservationCode,
  PatientObservation,
} from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { antibodiesGiven, readAntibodyDose } from './antibodies-given.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import { completedOn } from './completed-on.ts';
import { datingOf, transplantDate } from './dated-by.ts';
import type { FactReading, FactRemark } from './fact-reading.ts';
import { type ForecastNote, note } from './forecast-note.ts';
import { withItsLength } from './how-long-it-holds.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { type Pregnancy, type PregnancyReading, pregnancyOn } from './pregnancy.ts';
import { onsetOfPregnancy, type PregnancyFact, pregnancyFacts, pregnant } from './pregnancy-facts.ts';
import { readSerology, type SerologyContext, type SourcedTest, testsOf } from './serology.ts';
import { findingOf } from './serology-tests.ts';
import { type ClinicalResource, toObservations } from './to-observations.ts';

/** What is known of the person as CDSi words it, and what of the record was not used. */
export type ObservationsReading = {
  readonly observations: readonly PatientObservation[];
  /** Where each observation code came from. */
  readonly sources: ReadonlyMap<ObservationCode, readonly string[]>;
  readonly pregnancy: Pregnancy | undefined;
  readonly notes: readonly ForecastNote[];
  readonly remarks: readonly FactRemark[];
};

type Person = {
  readonly assessmentDate: EpochDay;
  readonly gender: Gender;
  readonly dateOfBirth: EpochDay;
  readonly doses: readonly AdministeredDose[];
};

/** Reads the clinical resources. A pregnancy is drawn from all of them together, everything else from one at a time. */
export function readObservations(
  { patient, clinical }: ClinicalRecord,
  knowledgeBase: KnowledgeBase,
  person: Person,
): ObservationsReading {
  const { assessmentDate } = person;
  const facts = pregnancyFacts(clinical, knowledgeBase, assessmentDate);
  const pregnancies = pregnancyOn(assessmentDate, facts, person);
  const { pregnancy, caution } = pregnancies;
  const coded = [
    ...clinical.map((each) => readCoded(each, knowledgeBase, person)),
    ...person.doses.flatMap((dose) => readAntibodyDose(dose, knowledgeBase)),
  ];
  const tests = clinical.flatMap((each) => [
    ...testsOf(each, assessmentDate),
    ...findingsOf(each, knowledgeBase, assessmentDate),
  ]);
  const readings = [
    ...coded,
    ...(tests.length === 0 ? [] : readSerology(tests, serologyContext(coded, knowledgeBase, person))),
    {
      observations: [...(pregnancy?.observations ?? []), ...(caution ? [caution.observation] : [])],
      references: [...(pregnancy?.references ?? []), ...(caution ? [caution.reference] : [])],
      notes: pregnancyNotes(pregnancies, facts, patient),
    },
  ];
  return {
    observations: readings.flatMap(({ observations }) => observations),
    sources: sourcesOf(readings),
    pregnancy,
    notes: readings.flatMap(({ notes }) => notes),
    remarks: readings.flatMap(({ remarks = [] }) => remarks),
  };
}

function sourcesOf(readings: readonly FactReading[]): ReadonlyMap<ObservationCode, readonly string[]> {
  const sources = new Map<ObservationCode, string[]>();
  for (const { observations, references } of readings) {
    for (const { code } of observations) sources.set(code, [...(sources.get(code) ?? []), ...references]);
  }
  return sources;
}

/** By what its codes are in the schedule. */
function readCoded(
  sourced: Sourced<ClinicalResource>,
  knowledgeBase: KnowledgeBase,
  { assessmentDate }: Person,
): FactReading {
  const { resource, reference, expression } = sourced;
  const { observations, unsure, unconfirmed } = toObservations(resource, knowledgeBase, assessmentDate);
  const unused = unsure ?? whyAhead(sourced, knowledgeBase, assessmentDate);
  const notes =
    unused === undefined ? [] : [note('warning', `${reference} was not used: ${unused}`, expression)];
  if (unconfirmed !== undefined) {
    const text = `${reference} was not used as an indication or as evidence of immunity: ${unconfirmed}; what it forbids is not given`;
    notes.push(note('warning', text, expression));
  }
  const dating = datingOf(resource, observations, assessmentDate);
  if (dating.note !== undefined) notes.push(note('information', `${reference}: ${dating.note}`, expression));
  const own = observations.filter((each) => !isOfPregnancy(each)).map(withItsLength);
  return {
    observations: [...own.filter((each) => !isFinding(resource, each)), ...dating.observations],
    references: [reference],
    notes,
  };
}

/** What a laboratory found, by the codes of the schedule 018 to 023: it is asked what any other test is. */
function isFinding({ resourceType }: ClinicalResource, { code, unconfirmed }: PatientObservation): boolean {
  return resourceType === 'Observation' && code >= '018' && code <= '023' && !unconfirmed;
}

function findingsOf(
  { resource, reference, expression }: Sourced<ClinicalResource>,
  knowledgeBase: KnowledgeBase,
  assessmentDate: EpochDay,
): readonly SourcedTest[] {
  if (resource.resourceType !== 'Observation') return [];
  const { observations } = toObservations(resource, knowledgeBase, assessmentDate);
  return observations
    .filter((each) => isFinding(resource, each))
    .map(({ code, date }) => ({ ...findingOf(code, date), reference, expression }));
}

/** What antibodies that a test finds may come from but a past infection or a vaccine that took. */
function serologyContext(
  readings: readonly FactReading[],
  knowledgeBase: KnowledgeBase,
  { assessmentDate, dateOfBirth, gender, doses }: Person,
): SerologyContext {
  const observations = readings.flatMap((reading) => reading.observations);
  const transplants = observations.filter(({ code }) => code === transplantDate);
  const known = { dateOfBirth, gender, doses, observations: [] };
  return {
    assessmentDate,
    dateOfBirth,
    antibodies: antibodiesGiven(observations, doses),
    transplant: transplants.reduce<PatientObservation | undefined>(
      (last, each) => (last && (last.date ?? 0) >= (each.date ?? 0) ? last : each),
      undefined,
    ),
    hepatitisBDoses: doses.filter(({ cvx }) => knowledgeBase.antigensOf(cvx)?.includes('HepB')),
    hepatitisBComplete: once(() => completedOn('HepB', knowledgeBase.schedule, known, assessmentDate)),
  };
}

function once<Found>(find: () => Found): () => Found {
  let found: { readonly value: Found } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}

function isOfPregnancy({ code }: PatientObservation): boolean {
  return code === pregnant || code === onsetOfPregnancy;
}

/** Nobody knows on the assessment date what happens after it. */
const lastDay = 2_932_896 as EpochDay;

function whyAhead(
  { resource }: Sourced<ClinicalResource>,
  knowledgeBase: KnowledgeBase,
  assessmentDate: EpochDay,
): string | undefined {
  const { observations } = toObservations(resource, knowledgeBase, lastDay);
  const isAhead = observations.some(({ date }) => date !== undefined && date > assessmentDate);
  return isAhead ? 'it is of a day after the assessment date' : undefined;
}

function pregnancyNotes(
  { pregnancy, outdated }: PregnancyReading,
  facts: readonly PregnancyFact[],
  { expression }: ClinicalRecord['patient'],
): readonly ForecastNote[] {
  const notes = facts
    .filter(({ kind }) => kind === 'unsure')
    .map(({ reference }) =>
      note('information', `${reference} was not used: it does not say whether she is pregnant`, reference),
    );
  if (outdated !== undefined) {
    const text = `${outdated} was not used: it says that she is pregnant, but no pregnancy lasts as long as that is ago`;
    notes.push(note('information', text, outdated));
  }
  if (pregnancy && pregnancy.began === undefined) notes.push(note('information', unknownBegin, expression));
  return notes;
}

const unknownBegin =
  'When the pregnancy began is not known (no due date, last menstrual period, gestational age or onset): vaccines for ' +
  'certain weeks of it are dated from the day on which it was recorded, and doses of the 44 weeks before that day count as ' +
  'given in it';
