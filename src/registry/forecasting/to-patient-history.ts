import type { Immunization, Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { Gender, ObservationCode, PatientHistory } from '../../forecast/patient-history.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { writtenDayOf } from '../../values/instant.ts';
import { daysMeantBy, parseEpochDay, parsePartialDate } from '../../values/partial-date.ts';
import type { CvxCode } from '../../values/vaccine-code.ts';
import type { ClinicalRecord, Sourced } from './clinical-record.ts';
import type { FactRemark } from './fact-reading.ts';
import { type ForecastNote, note } from './forecast-note.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import type { Pregnancy } from './pregnancy.ts';
import { readObservations } from './read-observations.ts';
import { type TranslateToCvx, toDose } from './to-dose.ts';

/** A dose that was given, but that the engine cannot judge. */
export type UnevaluatedDose = { readonly reference: string; readonly cvx?: CvxCode };

export type HistoryReading = {
  readonly history: PatientHistory;
  readonly unevaluated: readonly UnevaluatedDose[];
  readonly notes: readonly ForecastNote[];
  /** Where each CDSi observation code came from. */
  readonly sources: ReadonlyMap<ObservationCode, readonly string[]>;
  readonly pregnancy: Pregnancy | undefined;
  readonly remarks: readonly FactRemark[];
};

/** Nobody has so many; the work grows faster than their number. */
const maxImmunizations = 1000;

/** Reads FHIR resources into what the engine knows of a person. Throws a Problem when a birth date is missing. */
export function toPatientHistory(
  record: ClinicalRecord,
  knowledgeBase: KnowledgeBase,
  assessmentDate: EpochDay,
): HistoryReading {
  const { patient, immunizations } = record;
  if (immunizations.length > maxImmunizations) {
    const text = `A history may hold ${maxImmunizations} immunizations; this one holds ${immunizations.length}`;
    throw new Problem('too-large', text, { expression: patient.expression });
  }
  const dateOfBirth = requireBirthDate(patient, assessmentDate);
  const country = countryOf(patient.resource);
  const countryOfBirth = country ?? record.countryWhereUnknown;
  const notes: ForecastNote[] = [];
  const doses = readDoses(immunizations, knowledgeBase.cvxOf, notes);
  const gender = genderOf(patient.resource);
  const observed = readObservations(record, knowledgeBase, {
    assessmentDate,
    gender,
    dateOfBirth,
    doses: doses.doses,
  });
  return {
    history: {
      dateOfBirth,
      gender,
      ...(countryOfBirth !== undefined && { countryOfBirth }),
      doses: doses.doses,
      observations: observed.observations,
      ...dateOfDeath(patient.resource, assessmentDate),
    },
    unevaluated: doses.unevaluated,
    notes: [
      ...notes,
      ...observed.notes,
      ...(country === undefined ? countryNotes(record, knowledgeBase, dateOfBirth) : []),
    ],
    sources: observed.sources,
    pregnancy: observed.pregnancy,
    remarks: observed.remarks,
  };
}

function requireBirthDate({ resource, expression }: Sourced<Patient>, assessmentDate: EpochDay): EpochDay {
  const text = resource.birthDate;
  const at = { expression: `${expression}.birthDate` };
  if (text === undefined) {
    throw new Problem(
      'missing-content',
      'The patient has no birthDate; a forecast counts every age from it',
      at,
    );
  }
  const day = parseEpochDay(text);
  if (day === undefined) {
    throw new Problem(
      'invalid-value',
      `birthDate ${text} is not a whole date; a forecast needs year, month and day`,
      at,
    );
  }
  if (day > assessmentDate) {
    const text = `The assessment date ${formatEpochDay(assessmentDate)} is before the birth of the patient`;
    throw new Problem('business-rule', text, at);
  }
  return day;
}

/** Who is said to be dead without a day was so before anybody asked; a year or a month means its first day. */
function dateOfDeath(
  { deceasedBoolean, deceasedDateTime }: Patient,
  assessmentDate: EpochDay,
): Pick<PatientHistory, 'dateOfDeath'> {
  if (deceasedDateTime !== undefined) {
    const date = parsePartialDate(deceasedDateTime);
    const day = writtenDayOf(deceasedDateTime) ?? (date && daysMeantBy(date).first);
    return { dateOfDeath: day ?? assessmentDate };
  }
  return deceasedBoolean === true ? { dateOfDeath: assessmentDate } : {};
}

function genderOf({ gender }: Patient): Gender {
  if (gender === 'male') return 'Male';
  return gender === 'female' ? 'Female' : 'Unknown';
}

const birthPlace = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';
const unitedStates: ReadonlySet<string> = new Set([
  'us',
  'usa',
  'u.s.',
  'u.s.a.',
  'united states',
  'united states of america',
]);

/** As the schedule writes the one country it asks for: "U.S.". */
function countryOf({ extension }: Patient): string | undefined {
  const country = extension?.find((item) => item.url === birthPlace)?.valueAddress?.country;
  if (country === undefined) return undefined;
  return unitedStates.has(country.trim().toLowerCase()) ? 'U.S.' : country;
}

/** Where the birth date would prove immunity to who was born in a certain country, it is told what was taken for it. */
function countryNotes(
  { patient, countryWhereUnknown }: ClinicalRecord,
  { immuneByBirth }: KnowledgeBase,
  dateOfBirth: EpochDay,
): readonly ForecastNote[] {
  const proving = immuneByBirth.filter(({ before }) => dateOfBirth < before);
  return proving.map(({ antigen, before, country }) => {
    const taken =
      country === countryWhereUnknown
        ? 'it was taken to be that country (JENNER_COUNTRY_UNKNOWN)'
        : 'it was not taken to be that country (JENNER_COUNTRY_UNKNOWN)';
    const text = `The country of birth is not known. Who was born before ${formatEpochDay(before)} in ${country} is immune to ${antigen}; ${taken}`;
    return note('information', text, patient.expression);
  });
}

function readDoses(
  immunizations: readonly Sourced<Immunization>[],
  translate: TranslateToCvx,
  notes: ForecastNote[],
) {
  const doses: PatientHistory['doses'][number][] = [];
  const unevaluated: UnevaluatedDose[] = [];
  for (const { resource, reference, expression } of immunizations) {
    const reading = toDose(resource, reference, translate);
    switch (reading.kind) {
      case 'dose':
        doses.push(reading.dose);
        if (reading.because !== undefined) {
          const text = `${reference} was evaluated as CVX ${reading.dose.cvx}, ${reading.because}`;
          notes.push(note('information', text, `${expression}.vaccineCode`));
        }
        break;
      case 'not-given':
        notes.push(
          note('information', `${reference} was left out: its status is ${reading.status}`, expression),
        );
        break;
      case 'unsure':
        unevaluated.push({ reference, ...(reading.cvx !== undefined && { cvx: reading.cvx }) });
        notes.push(note('warning', `${reference} was not evaluated: ${reading.because}`, expression));
        break;
    }
  }
  return { doses, unevaluated };
}
