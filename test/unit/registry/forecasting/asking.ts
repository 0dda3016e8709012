import { readFileSync } from 'node:fs';
import type {
  ImmunizationEvaluation,
  ImmunizationRecommendation,
  ImmunizationRecommendationRecommendation,
  OperationOutcome,
  Parameters,
} from 'fhir/r4.js';
import { compileSchedule } from '../../../../src/forecast/compile-schedule.ts';
import { readScheduleData } from '../../../../src/forecast/read-schedule-data.ts';
import type { Sourced } from '../../../../src/registry/forecasting/clinical-record.ts';
import {
  answerForecast,
  type ForecastQuestion,
} from '../../../../src/registry/forecasting/forecast-answer.ts';
import { toKnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import type { EpochDay } from '../../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../../src/values/partial-date.ts';

export const data = readScheduleData(JSON.parse(readFileSync('schedules/4.64-508.json', 'utf8')));
const knowledgeBase = toKnowledgeBase(data, compileSchedule(data));

export const today = '2026-11-28';
export const day = (text: string) => parseEpochDay(text) as EpochDay;

export type Person = {
  readonly born: string;
  readonly on?: string;
  readonly gender?: 'female' | 'male';
  readonly patient?: object;
  /** Dates and CVX codes. */
  readonly doses?: readonly (readonly [date: string, cvx: string])[];
  /** What every dose has besides. */
  readonly dose?: object;
  readonly clinical?: readonly object[];
  readonly includeDistant?: boolean;
};

const patientReference = { reference: 'Patient/p' };

function sourced<Kind>(resource: object, reference: string): Sourced<Kind> {
  return { resource: resource as Kind, reference, expression: reference };
}

/** What a client of `$immds-forecast` reads. */
export function ask(person: Person, settings: Partial<ForecastQuestion> = {}): Answer {
  const { born, gender = 'female', doses = [], clinical = [], on = today } = person;
  const record = {
    patient: sourced<never>(
      { resourceType: 'Patient', id: 'p', birthDate: born, gender, ...person.patient },
      'Patient/p',
    ),
    immunizations: doses.map(([occurrenceDateTime, cvx], i) =>
      sourced<never>(
        {
          resourceType: 'Immunization',
          status: 'completed',
          patient: patientReference,
          occurrenceDateTime,
          vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] },
          ...person.dose,
        },
        `Immunization/d${i}`,
      ),
    ),
    clinical: clinical.map((resource, i) => sourced<never>(resource, `Observation/c${i}`)),
  };
  const question = {
    record,
    assessmentDate: day(on),
    knowledgeBase,
    explain: false,
    includeDistant: person.includeDistant ?? true,
    notes: [],
    ...settings,
  };
  return new Answer(answerForecast(question, false));
}

export class Answer {
  readonly parameters: Parameters;
  constructor(parameters: Parameters) {
    this.parameters = parameters;
  }

  private resources<Kind>(name: string): readonly Kind[] {
    const named = (this.parameters.parameter ?? []).filter((parameter) => parameter.name === name);
    return named.map(({ resource }) => resource as unknown as Kind);
  }

  get evaluations(): readonly ImmunizationEvaluation[] {
    return this.resources<ImmunizationEvaluation>('evaluation');
  }

  /** All forecasts of a vaccine group, the one that stands for it first. */
  all(group: string): readonly ImmunizationRecommendationRecommendation[] {
    const [recommendation] = this.resources<ImmunizationRecommendation>('recommendation');
    return (recommendation?.recommendation ?? []).filter(
      ({ vaccineCode }) => vaccineCode?.[0]?.text === group,
    );
  }

  of(group: string): ImmunizationRecommendationRecommendation {
    const [first] = this.all(group);
    if (!first) throw new Error(`no recommendation of ${group}`);
    return first;
  }

  get notes(): readonly string[] {
    const [outcome] = this.resources<OperationOutcome>('operationOutcome');
    return (outcome?.issue ?? []).map(({ details }) => details?.text ?? '');
  }
}

type Recommendation = ImmunizationRecommendationRecommendation;

/** Earliest, recommended, past due and latest by their LOINC codes. */
const dateCodes = { earliest: '30981-5', due: '30980-7', overdue: '59778-1', latest: '59777-3' } as const;

export function dateOf(recommendation: Recommendation, which: keyof typeof dateCodes): string | undefined {
  return recommendation.dateCriterion?.find(({ code }) =>
    code.coding?.some((coding) => coding.code === dateCodes[which]),
  )?.value;
}

/** `due`, `overdue` or what else R4 has; nothing for what lies ahead. */
export function r4StatusOf({ forecastStatus }: Recommendation): string | undefined {
  return forecastStatus.coding?.find(({ system }) => system?.includes('recommendation-status'))?.code;
}

/** The vaccines that are named beside the group, in their order. */
export function vaccinesOf({ vaccineCode = [] }: Recommendation): readonly (string | undefined)[] {
  return vaccineCode.slice(1).map(({ coding }) => coding?.[0]?.code);
}
