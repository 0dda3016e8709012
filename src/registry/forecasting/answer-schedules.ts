import type {
  ImmunizationRecommendation,
  OperationOutcome,
  Parameters,
  ParametersParameter,
} from 'fhir/r4.js';
import type { KnowledgeBases } from './choose-knowledge-base.ts';
import { codeSystem } from './code-systems.ts';
import { answerForecast, type ForecastQuestion } from './forecast-answer.ts';
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
  const { knowledgeBases, ...rest } = question;
  const [first, ...others] = knowledgeBases;
  const answer = answerForecast({ ...rest, knowledgeBase: first }, fitsCompatible);
  if (others.length === 0) return answer;
  const answers = [
    toScheduleAnswer(first, answer),
    ...others.map((knowledgeBase) =>
      toScheduleAnswer(
        knowledgeBase,
        answerForecast({ ...rest, knowledgeBase, explain: false }, fitsCompatible),
      ),
    ),
  ];
  const own = answer.parameter ?? [];
  const parameter: ParametersParameter[] = [
    ...own.filter(({ name }) => name !== 'operationOutcome'),
    ...answers.map(toSchedulePart),
    ...scheduleDifferences(answers),
    ...outcomeOf(answers),
  ];
  return { resourceType: 'Parameters', parameter };
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
