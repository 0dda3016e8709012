import type { Gender, ObservationCode, PatientObservation } from '../../forecast/patient-history.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import { type ForecastNote, note } from './forecast-note.ts';
import { withItsLength } from './how-long-it-holds.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { type Pregnancy, pregnancyOn } from './pregnancy.ts';
import { onsetOfPregnancy, type PregnancyFact, pregnancyFacts, pregnant } from './pregnancy-facts.ts';
import { type ClinicalResource, toObservations } from './to-observations.ts';

/** What is known of the person as CDSi words it, and what of the record was not used. */
export type ObservationsReading = {
  readonly observations: readonly PatientObservation[];
  /** Where each observation code came from. */
  readonly sources: ReadonlyMap<ObservationCode, readonly string[]>;
  readonly pregnancy: Pregnancy | undefined;
  readonly notes: readonly ForecastNote[];
};

type Person = {
  readonly assessmentDate: EpochDay;
  readonly gender: Gender;
  readonly dateOfBirth: EpochDay;
};

/** Reads the clinical resources. A pregnancy is drawn from all of them together, everything else from one at a time. */
export function readObservations(
  { patient, clinical }: ClinicalRecord,
  knowledgeBase: KnowledgeBase,
  person: Person,
): ObservationsReading {
  const observations: PatientObservation[] = [];
  const sources = new Map<ObservationCode, string[]>();
  const notes: ForecastNote[] = [];
  const add = (observation: PatientObservation, references: readonly string[]) => {
    observations.push(observation);
    sources.set(observation.code, [...(sources.get(observation.code) ?? []), ...references]);
  };
  for (const each of clinical) {
    const reading = toObservations(each.resource, knowledgeBase, person.assessmentDate);
    const unused = reading.unsure ?? whyAhead(each, knowledgeBase, person.assessmentDate);
    if (unused !== undefined) {
      notes.push(note('warning', `${each.reference} was not used: ${unused}`, each.expression));
    }
    for (const observation of reading.observations) {
      if (!isOfPregnancy(observation)) add(withItsLength(observation), [each.reference]);
    }
  }
  const facts = pregnancyFacts(clinical, knowledgeBase, person.assessmentDate);
  const pregnancy = pregnancyOn(person.assessmentDate, facts, person);
  for (const observation of pregnancy?.observations ?? []) add(observation, pregnancy?.references ?? []);
  notes.push(...pregnancyNotes(pregnancy, facts, patient));
  return { observations, sources, pregnancy, notes };
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
  pregnancy: Pregnancy | undefined,
  facts: readonly PregnancyFact[],
  { expression }: ClinicalRecord['patient'],
): readonly ForecastNote[] {
  const notes = facts
    .filter(({ kind }) => kind === 'unsure')
    .map(({ reference }) =>
      note('information', `${reference} was not used: it does not say whether she is pregnant`, reference),
    );
  if (pregnancy && pregnancy.began === undefined) notes.push(note('information', unknownBegin, expression));
  return notes;
}

const unknownBegin =
  'When the pregnancy began is not known (no due date, last menstrual period, gestational age or onset): vaccines for ' +
  'certain weeks of it are dated from the day on which it was recorded';
