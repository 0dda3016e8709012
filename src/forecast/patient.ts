import { type EpochDay, toCivilDate } from '../values/epoch-day.ts';
import { addMonths, beginOfTime, endOfTime } from './date-arithmetic.ts';
import type {
  AdministeredDose,
  ObservationCode,
  PatientHistory,
  PatientObservation,
} from './patient-history.ts';
import { compareDoses, repeatedDoses } from './same-day.ts';
import {
  type AgeIndex,
  type AgeWindow,
  type CvxNumber,
  noBeginAge,
  noEndAge,
  type Schedule,
  type TextOffset,
} from './schedule.ts';

/** A patient on one assessment date, with all that is asked again and again worked out once. */
export type Patient = {
  readonly schedule: Schedule;
  readonly history: PatientHistory;
  readonly dateOfBirth: EpochDay;
  readonly assessmentDate: EpochDay;
  /** The doses that can be judged, by date, each once. */
  readonly doses: readonly Dose[];
  /** Active observations, with the most recent date if any has one. */
  readonly observations: ReadonlyMap<ObservationCode, EpochDay | undefined>;
  /** The same with those that nobody has confirmed. */
  readonly cautions: ReadonlyMap<ObservationCode, EpochDay | undefined>;
  /** The day on which the patient reaches each age of the schedule. */
  readonly ageDays: Int32Array;
  /** Whether every rule is to note what it did. */
  readonly explains: boolean;
};

export type Dose = {
  /** Place in `Patient.doses`. */
  readonly index: number;
  readonly date: EpochDay;
  readonly cvx: CvxNumber;
  readonly given: AdministeredDose;
};

export function toPatient(
  schedule: Schedule,
  history: PatientHistory,
  assessment: { readonly date: EpochDay; readonly explains: boolean },
): Patient {
  const observations = activeObservations(history.observations.filter(isConfirmed), assessment.date);
  const isSure = history.observations.every(isConfirmed);
  return {
    schedule,
    history,
    dateOfBirth: history.dateOfBirth,
    assessmentDate: assessment.date,
    doses: evaluableDoses(history, assessment.date),
    observations,
    cautions: isSure ? observations : activeObservations(history.observations, assessment.date),
    ageDays: reachedAges(schedule.ages, history.dateOfBirth),
    explains: assessment.explains,
  };
}

/**
 * A patient to look ahead with: the day and the doses can be moved on, and no rule is noted. Written out, because V8 would
 * give a copy by `...` another shape, and all that looks at patients would be slower for it.
 */
export function quietCopyOf(
  patient: Patient,
): Omit<Patient, 'assessmentDate' | 'doses'> & { assessmentDate: EpochDay; readonly doses: Dose[] } {
  return {
    schedule: patient.schedule,
    history: patient.history,
    dateOfBirth: patient.dateOfBirth,
    assessmentDate: patient.assessmentDate,
    doses: [...patient.doses],
    observations: patient.observations,
    cautions: patient.cautions,
    ageDays: patient.ageDays,
    explains: false,
  };
}

/** As it was on an earlier day, when no more was known than had happened by then. */
export function asOf(patient: Patient, day: EpochDay): Patient {
  const { history } = patient;
  const observations = activeObservations(history.observations.filter(isConfirmed), day);
  const isSure = patient.observations === patient.cautions;
  return {
    schedule: patient.schedule,
    history,
    dateOfBirth: patient.dateOfBirth,
    assessmentDate: day,
    doses: patient.doses.filter(({ date }) => date <= day),
    observations,
    cautions: isSure ? observations : activeObservations(history.observations, day),
    ageDays: patient.ageDays,
    explains: false,
  };
}

function evaluableDoses(history: PatientHistory, assessmentDate: EpochDay): readonly Dose[] {
  const inTime = history.doses.filter(({ date }) => date >= history.dateOfBirth && date <= assessmentDate);
  inTime.sort(compareDoses);
  const repeated = repeatedDoses(inTime);
  const distinct = repeated.size === 0 ? inTime : inTime.filter((dose) => !repeated.has(dose));
  return distinct.map((given, index) => ({ index, date: given.date, cvx: Number(given.cvx), given }));
}

function isConfirmed({ unconfirmed }: PatientObservation): boolean {
  return unconfirmed !== true;
}

/** Present, and not ended by the assessment date. One that begins later is not there yet. */
function activeObservations(
  observations: readonly PatientObservation[],
  assessmentDate: EpochDay,
): ReadonlyMap<ObservationCode, EpochDay | undefined> {
  const active = new Map<ObservationCode, EpochDay | undefined>();
  for (const { code, date, endDate } of observations) {
    if (endDate !== undefined && endDate < assessmentDate) continue;
    if (date !== undefined && date > assessmentDate) continue;
    const known = active.get(code);
    active.set(code, known !== undefined && (date === undefined || known > date) ? known : date);
  }
  return active;
}

function reachedAges(ages: readonly TextOffset[], dateOfBirth: EpochDay): Int32Array {
  const birth = toCivilDate(dateOfBirth);
  const days = new Int32Array(ages.length);
  for (let i = 0; i < ages.length; i++) {
    const age = ages[i];
    if (age) days[i] = age.months === 0 ? dateOfBirth + age.days : addMonths(birth, age);
  }
  days[noBeginAge] = beginOfTime;
  days[noEndAge] = endOfTime;
  return days;
}

export function reachesAge(patient: Patient, age: AgeIndex): EpochDay {
  return patient.ageDays[age] as EpochDay;
}

/** The same, but nothing where the schedule gives no age. */
export function givenAge(patient: Patient, age: AgeIndex): EpochDay | undefined {
  return age === noBeginAge || age === noEndAge ? undefined : reachesAge(patient, age);
}

export function ageText(patient: Patient, age: AgeIndex): string {
  return patient.schedule.ages[age]?.text ?? '';
}

/** Half-open: from the day of the begin age to the day before the end age. */
export function isOfAge(patient: Patient, window: AgeWindow, day: EpochDay): boolean {
  return reachesAge(patient, window.beginAge) <= day && day < reachesAge(patient, window.endAge);
}
