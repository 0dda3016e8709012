import type {
  ImmunizationRecommendation,
  OperationOutcome,
  Parameters,
  ParametersParameter,
} from 'fhir/r4.js';
import { forecastAhead } from '../../forecast/forecast.ts';
import type { ScheduleData } from '../../forecast/schedule-data.ts';
import type { Pace } from '../../values/turns.ts';
import type { KnowledgeBases } from './choose-knowledge-base.ts';
import { codeSystem } from './code-systems.ts';
import {
  answerForecast,
  answeringForecast,
  type ForecastQuestion,
  readHistory,
  type SharedWork,
} from './forecast-answer.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { type ScheduleAnswer, scheduleDifferences } from './schedule-difference.ts';

export type SchedulesQuestion = Omit<ForecastQuestion, 'knowledgeBase'> & {
  readonly knowledgeBases: KnowledgeBases;
};

/**
 * The answer by the first schedule, as `answerForecast` gives it. Of several, behind it what each says and where the others
 * differ from the first. Only the first is explained.
 */
export function answerSchedules(question: SchedulesQuestion, fitsCompatible: boolean): Parameters {
  const steps = answering(question, fitsCompatible);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same; between two schedules, and two antigens of a long history, others come first. */
export async function answerInTurns(
  question: SchedulesQuestion,
  fitsCompatible: boolean,
  pace: Pace,
): Promise<Parameters> {
  const steps = answering(question, fitsCompatible);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await pace();
  }
}

/** More doses are looked at in steps; nobody has so many that were not reported twice. */
const longHistory = 150;

/** A step a part of the answer by each schedule; of a long history one an antigen besides. */
function* answering(question: SchedulesQuestion, fitsCompatible: boolean): Generator<void, Parameters> {
  const { knowledgeBases, ...rest } = question;
  const [first, ...others] = knowledgeBases;
  const isLong = question.record.immunizations.length > longHistory;
  if (others.length === 0 && !isLong) {
    return answerForecast({ knowledgeBase: first, ...rest }, fitsCompatible);
  }
  const share = sharing(question);
  if (isLong) {
    for (const each of knowledgeBases) {
      const { reading, antigens } = share(each);
      yield* forecastAhead(each.schedule, reading.history, question.assessmentDate, antigens);
    }
  }
  const ask = (knowledgeBase: KnowledgeBase, explain: boolean) =>
    answeringForecast({ ...rest, knowledgeBase, explain }, fitsCompatible, share(knowledgeBase));
  const answer = yield* ask(first, rest.explain);
  yield;
  if (others.length === 0) return answer;
  const answers = [toScheduleAnswer(first, answer)];
  for (const each of others) {
    answers.push(toScheduleAnswer(each, yield* ask(each, false)));
    yield;
  }
  return yield* compared(answer, answers);
}

/** What the first says, what each says, where they differ, and what was said of any. */
function* compared(
  { parameter = [] }: Parameters,
  answers: readonly ScheduleAnswer[],
): Generator<void, Parameters> {
  const differences = yield* scheduleDifferences(answers);
  return {
    resourceType: 'Parameters',
    parameter: [
      ...parameter.filter(({ name }) => name !== 'operationOutcome'),
      ...answers.map(toSchedulePart),
      ...differences,
      ...outcomeOf(answers),
    ],
  };
}

/** Schedules in which the same codes stand for the same observations read one history. */
function sharing({
  knowledgeBases: _,
  ...question
}: SchedulesQuestion): (knowledgeBase: KnowledgeBase) => SharedWork {
  const byObservations = new Map<ScheduleData['observations'], SharedWork>();
  return (knowledgeBase) => {
    const { observations } = knowledgeBase.data;
    const known = byObservations.get(observations);
    if (known) return known;
    const reading = readHistory({ ...question, knowledgeBase });
    const made = { reading, antigens: new Map() };
    byObservations.set(observations, made);
    return made;
  };
}

function toScheduleAnswer(knowledgeBase: KnowledgeBase, { parameter = [] }: Parameters): ScheduleAnswer {
  const named = (name: string) => parameter.filter((each) => each.name === name);
  const [recommendation] = named('recommendation');
  const [outcome] = named('operationOutcome');
  return {
    knowledgeBase,
    evaluations: named('evaluation'),
    recommendation: recommendation?.resource as ImmunizationRecommendation,
    issues: (outcome?.resource as OperationOutcome | undefined)?.issue ?? [],
  };
}

function toSchedulePart({ knowledgeBase, evaluations, recommendation }: ScheduleAnswer): ParametersParameter {
  return {
    name: 'schedule',
    part: [
      { name: 'knowledgeBase', valueCodeableConcept: conceptOf(knowledgeBase) },
      { name: 'version', valueString: knowledgeBase.version },
      ...evaluations,
      { name: 'recommendation', resource: recommendation },
    ],
  };
}

function conceptOf({ id }: KnowledgeBase) {
  return { coding: [{ system: codeSystem.knowledgeBase, code: id }] };
}

/** What was said of any of the answers, once. */
function outcomeOf(answers: readonly ScheduleAnswer[]): readonly ParametersParameter[] {
  const byText = new Map(answers.flatMap(({ issues }) => issues.map((each) => [each.diagnostics, each])));
  if (byText.size === 0) return [];
  const resource: OperationOutcome = { resourceType: 'OperationOutcome', issue: [...byText.values()] };
  return [{ name: 'operationOutcome', resource }];
}
