import type { CodeableConcept, ImmunizationEvaluation, Parameters, ParametersParameter } from 'fhir/r4.js';
import { toOperationOutcome } from '../../fhir/problem.ts';

import { explainingForecast, forecast } from '../../forecast/forecast.ts';
import type { KnownAntigens } from '../../forecast/forecast-patient.ts';
import type { DataProblem, Forecast, UnjudgedDose } from '../../forecast/forecast-result.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import type { ClinicalRecord } from './clinical-record.ts';
import { codeSystem } from './code-systems.ts';
import { type NearForecast, withoutDistant } from './distant.ts';
import { explanationParameter } from './explanation-parameter.ts';
import { toFitsEvaluation, toFitsRecommendation } from './fits-compatibility.ts';
import { forPregnancies } from './for-pregnancy.ts';
import { type ForecastNote, note } from './forecast-note.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { sameDayNotes } from './same-day-notes.ts';
import { toEvaluation, toUnevaluated } from './to-evaluation.ts';
import { type HistoryReading, toPatientHistory } from './to-patient-history.ts';
import { toRecommendation } from './to-recommendation.ts';

export type ForecastQuestion = {
  readonly record: ClinicalRecord;
  readonly assessmentDate: EpochDay;
  readonly knowledgeBase: KnowledgeBase;
  readonly explain: boolean;
  /** Whether what is due in twenty years or more is answered too. */
  readonly includeDistant: boolean;
  readonly notes: readonly ForecastNote[];
  /** Taken for the country of birth of who does not say it; absent: it is not known. */
  readonly countryWhereUnknown?: string | undefined;
};

/** What the answers by several schedules of one release have in common. */
export type SharedWork = { readonly reading: HistoryReading; readonly antigens: KnownAntigens };

/** The answer of `$immds-forecast`: evaluations, one recommendation, the knowledge base used, and what was left out. */
export function answerForecast(
  question: ForecastQuestion,
  fitsCompatible: boolean,
  shared?: SharedWork,
): Parameters {
  const steps = answeringForecast(question, fitsCompatible, shared);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in steps, for a long history. */
export function* answeringForecast(
  question: ForecastQuestion,
  fitsCompatible: boolean,
  shared?: SharedWork,
): Generator<void, Parameters> {
  const { record, assessmentDate, knowledgeBase } = question;
  const reading = shared?.reading ?? readHistory(question);
  yield;
  const { schedule } = knowledgeBase;
  const explained = question.explain
    ? yield* explainingForecast(schedule, reading.history, assessmentDate)
    : undefined;
  const whole =
    explained?.forecast ??
    forecast(schedule, reading.history, assessmentDate, shared && { known: shared.antigens });
  yield;
  const ofPerson = forPregnancies(whole, reading.pregnancy, schedule);
  const near: NearForecast = question.includeDistant
    ? { forecast: ofPerson, leftOut: [] }
    : withoutDistant(ofPerson);
  const result = near.forecast;
  const evaluations = yield* evaluationsOf(result, reading, question, fitsCompatible);
  const recommendation = recommendationOf(near, reading, question, fitsCompatible);
  yield;
  const parameter: ParametersParameter[] = [
    // ImmDS gives them no order: what is asked for first, except to NIST's client.
    ...(fitsCompatible ? [...evaluations, recommendation] : [recommendation, ...evaluations]),
    ...knowledgeBaseUsed(knowledgeBase),
  ];
  if (explained) parameter.push(yield* explanationParameter(explained.explanation));
  yield;
  const expressionOf = expressionsIn(record);
  const notes = [
    ...knowledgeBase.warningsOn(assessmentDate).map((text) => note('warning', text, 'Parameters')),
    ...amendmentNotes(knowledgeBase),
    ...question.notes,
    ...reading.notes,
    ...result.dataProblems.map((problem) => problemNote(problem, expressionOf)),
    ...result.unjudgedDoses.map((dose) => unjudgedNote(dose, expressionOf)),
    ...sameDayNotes(reading.history, knowledgeBase, expressionOf),
  ];
  if (notes.length > 0) parameter.push(outcomeOf(notes));
  return { resourceType: 'Parameters', parameter };
}

/** What an answer says besides evaluations and recommendation: the knowledge base that was used, and what was left out. */
export function withoutForecast(
  { record, knowledgeBase, notes }: ForecastQuestion,
  reading: HistoryReading,
  dataProblems: readonly DataProblem[],
): Parameters {
  const expressionOf = expressionsIn(record);
  const problems = dataProblems.map((problem) => problemNote(problem, expressionOf));
  const told = [...notes, ...reading.notes, ...problems];
  const outcome = told.length > 0 ? [outcomeOf(told)] : [];
  return { resourceType: 'Parameters', parameter: [...knowledgeBaseUsed(knowledgeBase), ...outcome] };
}

/** What was imported over a release bears the release's name, so that it must be told. */
function amendmentNotes({ amendment, title }: KnowledgeBase): readonly ForecastNote[] {
  if (amendment === undefined) return [];
  return [
    note('information', `Schedule ${title} is followed as its amendment ${amendment} has it`, 'Parameters'),
  ];
}

/** What the question says of the person. */
export function readHistory(
  question: Pick<ForecastQuestion, 'record' | 'assessmentDate' | 'knowledgeBase' | 'countryWhereUnknown'>,
): HistoryReading {
  const { record, assessmentDate, knowledgeBase, countryWhereUnknown } = question;
  const known = countryWhereUnknown === undefined ? record : { countryWhereUnknown, ...record };
  return toPatientHistory(known, knowledgeBase, assessmentDate);
}

/** So many evaluations are written at a step. */
const evaluationsPerStep = 250;

function* evaluationsOf(
  result: Forecast,
  reading: HistoryReading,
  { record, assessmentDate, knowledgeBase }: ForecastQuestion,
  fitsCompatible: boolean,
): Generator<void, readonly ParametersParameter[]> {
  const common = {
    patient: { reference: record.patient.reference },
    date: formatEpochDay(assessmentDate),
    authority: knowledgeBase.inAnswers.authority,
  };
  // The first of an id, as `find` would have it.
  const doses = new Map(reading.history.doses.toReversed().map((dose) => [dose.id, dose]));
  const cvxOf = (doseId: string | undefined) => doses.get(doseId ?? '')?.cvx;
  const unusable = [
    ...reading.unevaluated,
    ...result.dataProblems.map(({ doseId }) => ({ reference: doseId, cvx: cvxOf(doseId) })),
  ];
  const judged: ImmunizationEvaluation[] = [];
  for (const evaluation of result.evaluations) {
    judged.push(toEvaluation(evaluation, common, doses.get(evaluation.doseId)?.condition));
    if (judged.length % evaluationsPerStep === 0) yield;
  }
  const evaluations = [
    ...judged,
    ...result.unjudgedDoses.flatMap(({ doseId, antigen }) => toUnevaluated(doseId, [antigen], common)),
    ...unusable.flatMap(({ reference, cvx }) =>
      toUnevaluated(reference, cvx === undefined ? undefined : knowledgeBase.antigensOf(cvx), common),
    ),
  ];
  return evaluations.map((evaluation) => ({
    name: 'evaluation',
    resource: fitsCompatible
      ? toFitsEvaluation(evaluation, cvxOf(evaluation.immunizationEvent.reference))
      : evaluation,
  }));
}

function recommendationOf(
  { forecast: result, leftOut }: NearForecast,
  reading: HistoryReading,
  { record, assessmentDate, knowledgeBase }: ForecastQuestion,
  fitsCompatible: boolean,
): ParametersParameter {
  const recommendation = toRecommendation(result.forecasts, {
    patient: { reference: record.patient.reference },
    assessmentDate,
    dateOfBirth: reading.history.dateOfBirth,
    knowledgeBase,
    sources: reading.sources,
    leftOut,
    pregnancy: reading.pregnancy,
    remarks: reading.remarks,
  });
  return {
    name: 'recommendation',
    resource: fitsCompatible ? toFitsRecommendation(recommendation) : recommendation,
  };
}

function knowledgeBaseUsed({ id, version }: KnowledgeBase): readonly ParametersParameter[] {
  const concept: CodeableConcept = {
    coding: [{ system: codeSystem.knowledgeBase, code: id }],
  };
  return [
    { name: 'knowledgeBaseUsed', valueCodeableConcept: concept },
    { name: 'knowledgeBaseVersionUsed', valueString: version },
  ];
}

const problemTexts: Readonly<Record<DataProblem['problem'], string>> = {
  'unknown-cvx': 'the schedule does not know its CVX code',
  'before-birth': 'it was given before the patient was born',
  'after-assessment': 'it was given after the assessment date',
  repeated: 'the same vaccine of the same day is there already; one dose counts once',
};

type ExpressionOf = (doseId: string) => string;

function unjudgedNote({ doseId, antigen }: UnjudgedDose, expressionOf: ExpressionOf): ForecastNote {
  const text = `${doseId} was not evaluated for ${antigen}: no series of it applies to this patient`;
  return note('information', text, expressionOf(doseId));
}

/** Of several immunizations with one reference, the first. */
function expressionsIn({ immunizations }: ClinicalRecord): ExpressionOf {
  const byReference = new Map(
    immunizations.toReversed().map(({ reference, expression }) => [reference, expression]),
  );
  return (doseId) => byReference.get(doseId) ?? doseId;
}

function problemNote({ doseId, problem }: DataProblem, expressionOf: ExpressionOf): ForecastNote {
  return note('warning', `${doseId} was not evaluated: ${problemTexts[problem]}`, expressionOf(doseId));
}

function outcomeOf(notes: readonly ForecastNote[]): ParametersParameter {
  const outcome = toOperationOutcome(notes);
  return {
    name: 'operationOutcome',
    resource: outcome as unknown as NonNullable<ParametersParameter['resource']>,
  };
}
