import type { Condition, Immunization, Observation, Patient } from 'fhir/r4.js';
import { type ForecastForm, showForecast } from '../../../../src/cli/forecast-command.ts';
import type { ClinicalRecord } from '../../../../src/registry/forecasting/clinical-record.ts';
import { codeSystem } from '../../../../src/registry/forecasting/code-systems.ts';
import type { KnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import { loadKnowledgeBases } from '../../../../src/shipped/knowledge-bases.ts';
import { day } from '../../forecast/small-schedule.ts';

export type ToldPerson = {
  readonly born: string;
  /** Date, CVX code and what else a test says of it. */
  readonly doses?: readonly (readonly [date: string, cvx: string, more?: Partial<Immunization>])[];
  /** CDSi observations since a day, as conditions. */
  readonly conditions?: readonly (readonly [code: string, since: string, text?: string])[];
  readonly observations?: readonly Partial<Observation>[];
  readonly patient?: Partial<Patient>;
  /** The first is followed, the others are compared with it. */
  readonly schedules?: readonly string[];
  readonly form?: Partial<ForecastForm>;
};

/** What `jenner forecast` says of a person on a day, by the schedules that ship. */
export function tellPerson(date: string, person: ToldPerson): string {
  const { schedules = ['USA-CDC-CDSI'], form } = person;
  const [knowledgeBase, ...others] = schedules.map(scheduleNamed);
  if (!knowledgeBase) throw new Error('no schedule');
  const question = { record: recordOf(person), assessmentDate: day(date), knowledgeBase, others };
  return showForecast(
    { ...question, explain: false, includeDistant: false, notes: [] },
    { json: false, explain: false, fitsCompatible: false, ...form },
  );
}

function scheduleNamed(id: string): KnowledgeBase {
  const found = loadKnowledgeBases('no-such-folder').find((each) => each.id === id);
  if (!found) throw new Error(`no schedule ${id}`);
  return found;
}

/** The rows of a vaccine group, each with the lines below it. */
export function rowsOf(text: string, group: string): readonly string[] {
  return text.split(/\n(?! {6})/).filter((row) => new RegExp(`^ {2}${group}(?: |:)`).test(row));
}

function recordOf({
  born,
  doses = [],
  conditions = [],
  observations = [],
  patient,
}: ToldPerson): ClinicalRecord {
  const resource: Patient = { resourceType: 'Patient', birthDate: born, gender: 'female', ...patient };
  const clinical = [...conditions.map(conditionOf), ...observations.map(observationOf)];
  return {
    patient: { resource, expression: 'Patient/p', reference: 'Patient/p' },
    immunizations: doses.map((dose, i) => sourced(doseOf(dose), i + 1)),
    clinical: clinical.map((each, i) => sourced(each, i + 1)),
  };
}

function sourced<Kind extends { readonly resourceType: string }>(resource: Kind, number: number) {
  const reference = `${resource.resourceType}/${number}`;
  return { resource, expression: reference, reference };
}

function doseOf([date, cvx, more]: NonNullable<ToldPerson['doses']>[number]): Immunization {
  return {
    resourceType: 'Immunization',
    status: 'completed',
    patient: { reference: 'Patient/p' },
    vaccineCode: { coding: [{ system: codeSystem.cvx, code: cvx }] },
    occurrenceDateTime: date,
    ...more,
  };
}

function conditionOf([code, since, text]: NonNullable<ToldPerson['conditions']>[number]): Condition {
  return {
    resourceType: 'Condition',
    subject: { reference: 'Patient/p' },
    code: { coding: [{ system: codeSystem.cdsiObservation, code }], ...(text !== undefined && { text }) },
    recordedDate: since,
  };
}

function observationOf(more: Partial<Observation>): Observation {
  return { resourceType: 'Observation', status: 'final', code: {}, ...more };
}
