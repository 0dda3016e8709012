import type { Parameters, ParametersParameter } from 'fhir/r4.js';
import type { VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { unknownIssues } from '../../operation/inputs.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { resourceAnswer } from '../../operation/operation-answer.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { answerInTurns } from './answer-schedules.ts';
import { knowledgeBasesOf } from './choose-knowledge-base.ts';
import { readHistory, withoutForecast } from './forecast-answer.ts';
import type { ForecastSettings } from './forecast-operations.ts';
import type { KnowledgeBase } from './knowledge-base.ts';
import { assessmentDateOf } from './parse-forecast-input.ts';
import { type NextVisit, planVisit, type VisitPlan } from './plan-visit.ts';
import { readClinicalRecord } from './read-clinical-record.ts';
import { schedulesFor } from './schedules-for.ts';
import { withSent, withSupposed } from './supposed-doses.ts';
import { vaccineStatus } from './vaccine-status.ts';
import { whatIfParameters } from './what-if-parameters.ts';
import { withoutRepeated } from './without-repeated.ts';

/** What would be due if these doses had been given, and what could be given today. Nothing is written. */
export function whatIfOperation(settings: ForecastSettings): Operation {
  return {
    code: 'immds-what-if',
    definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-immds-what-if',
    description:
      'Forecasts what a person would be due if further doses were given, and answers the fewest injections that ' +
      'cover what is due on the day, and the next visit. Nothing is kept.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: false,
    parameters: whatIfParameters,
    run: async (ctx, call) => resourceAnswer(await answerWhatIf(ctx, call, settings)),
  };
}

async function answerWhatIf(
  ctx: InteractionContext,
  { id, inputs }: OperationCall,
  settings: ForecastSettings,
): Promise<Parameters> {
  if (id === undefined) throw new Error('the instance operation was called without an id');
  const choices = knowledgeBasesOf(inputs);
  const day = assessmentDateOf(inputs) ?? ctx.clock.today();
  const { leftOut, fitsCompatible, countryWhereUnknown } = settings;
  const newReference = () => `urn:uuid:${ctx.newId()}`;
  const { checkStructure } = ctx.validation.validator;
  const stored = await readClinicalRecord(ctx, id);
  const known = withSent(inputs, { record: stored, newReference, checkStructure });
  const { record: once, notes: repeated } = await withoutRepeated(known, { ctx, id, leftOut });
  const record = withSupposed(inputs, { record: once, day, newReference });
  const asked = { record: stored, assessmentDate: day, choices, isStored: true } as const;
  const { knowledgeBases, notes } = await schedulesFor(asked, settings, ctx);
  const question = {
    record,
    assessmentDate: day,
    knowledgeBases,
    explain: false,
    includeDistant: inputs.flag('includeDistant'),
    notes: [...unknownIssues(inputs), ...notes, ...repeated],
    countryWhereUnknown,
  };
  const [knowledgeBase] = knowledgeBases;
  const reading = readHistory({ ...question, knowledgeBase });
  const available = inputs.has('available') ? new Set(inputs.codes('available')) : undefined;
  const withheld = new Set(inputs.texts('withheld'));
  const plan = await planVisit({ reading, knowledgeBase, day, available, withheld }, ctx.pace);
  const { parameter = [] } = inputs.flag('onlyVisit')
    ? withoutForecast({ ...question, knowledgeBase }, reading, plan.dataProblems)
    : await answerInTurns(question, fitsCompatible, ctx.pace);
  return {
    resourceType: 'Parameters',
    parameter: [...parameter, ...nextVisitOf(plan.ifNoMore), ...toFewest(plan, day, knowledgeBase)],
  };
}

function toFewest(
  plan: VisitPlan,
  day: EpochDay,
  knowledgeBase: KnowledgeBase,
): readonly ParametersParameter[] {
  const injections = plan.injections.map(({ cvx, covers }) => ({
    name: 'injection',
    part: [
      { name: 'vaccineCode', valueCodeableConcept: knowledgeBase.inAnswers.vaccineOf(cvx) },
      ...groupsOf(
        'vaccineGroup',
        covers.map(({ vaccineGroup }) => vaccineGroup),
      ),
    ],
  }));
  const part = [
    ...plan.due.map((row) => toDue(row, day)),
    ...injections,
    ...groupsOf(
      'notCovered',
      plan.uncovered.map(({ vaccineGroup }) => vaccineGroup),
    ),
    ...nextVisitOf(plan.after),
  ];
  // R4 inv-1: a parameter has a value, a resource or parts.
  return part.length > 0 ? [{ name: 'fewestInjections', part }] : [];
}

function toDue(row: VaccineGroupForecast, day: EpochDay): ParametersParameter {
  const { since } = vaccineStatus(row, day);
  return {
    name: 'due',
    part: [
      ...doseParts(row),
      ...(since === undefined ? [] : [{ name: 'overdueSince', valueDate: formatEpochDay(since) }]),
    ],
  };
}

function nextVisitOf(visit: NextVisit | undefined): readonly ParametersParameter[] {
  if (!visit) return [];
  const { earliest, mayBeGiven, recommended, isRecommended } = visit;
  const part: ParametersParameter[] = [
    { name: 'earliest', valueDate: formatEpochDay(earliest) },
    ...groupsOf('mayBeGiven', mayBeGiven),
    { name: 'recommended', valueDate: formatEpochDay(recommended) },
    ...isRecommended.map((row) => ({ name: 'dose', part: [...doseParts(row)] })),
  ];
  return [{ name: 'nextVisit', part }];
}

function doseParts({ vaccineGroup, doseNumber }: VaccineGroupForecast): readonly ParametersParameter[] {
  return [
    { name: 'vaccineGroup', valueString: vaccineGroup },
    ...(doseNumber === undefined ? [] : [{ name: 'doseNumber', valuePositiveInt: doseNumber }]),
  ];
}

function groupsOf(name: string, groups: readonly string[]): readonly ParametersParameter[] {
  return [...new Set(groups)].map((valueString) => ({ name, valueString }));
}
