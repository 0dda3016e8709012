import type { Parameters } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import { unknownIssues } from '../../operation/inputs.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { resourceAnswer } from '../../operation/operation-answer.ts';
import { readInputs } from '../../operation/read-inputs.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { answerInTurns } from './answer-schedules.ts';
import { knowledgeBasesOf } from './choose-knowledge-base.ts';
import type { ClinicalRecord } from './clinical-record.ts';
import { sentForecastParameters, storedForecastParameters } from './forecast-parameters.ts';
import {
  assessmentDateOf,
  type ForecastInput,
  type InputOptions,
  parseForecastInput,
} from './parse-forecast-input.ts';
import type { ScheduleSettings } from './patient-schedule.ts';
import { readClinicalRecord } from './read-clinical-record.ts';
import { schedulesFor } from './schedules-for.ts';
import { withoutRepeated } from './without-repeated.ts';

export type ForecastSettings = ScheduleSettings & {
  readonly fitsCompatible: boolean;
  /** Taken for the country of birth of who does not say it; absent: it is not known. */
  readonly countryWhereUnknown?: string | undefined;
};

/** `$immds-forecast` on the system, stateless, and on a Patient, from the stored history. */
export function forecastOperations(settings: ForecastSettings): readonly Operation[] {
  return [
    {
      ...onSystem,
      run: async (ctx, call) => resourceAnswer(await forecastSent(ctx, call, settings)),
    },
    {
      code: 'immds-forecast',
      definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-immds-forecast',
      description: 'Evaluates the stored history of a person and forecasts what is due.',
      levels: ['instance'],
      types: ['Patient'],
      affectsState: false,
      parameters: storedForecastParameters,
      run: async (ctx, call) => resourceAnswer((await forecastStored(ctx, call, settings)).answer),
    },
  ];
}

/** Clients send parameters of their own, so that one more is no reason to refuse. */
const onSystem = {
  code: 'immds-forecast',
  definition: 'http://hl7.org/fhir/us/immds/OperationDefinition/ImmDSForecastOperation',
  description: 'Evaluates a history that is sent along and forecasts what is due; nothing is kept.',
  levels: ['system'],
  types: [],
  affectsState: false,
  parameters: sentForecastParameters,
  handling: 'lenient',
} as const satisfies Omit<Operation, 'run'>;

/** Reads Parameters of the system-level operation without a server, as the command line does. */
export function readForecastInput(body: Resource, options: InputOptions): ForecastInput {
  return parseForecastInput(readInputs(onSystem, 'system', { query: [], body }), options);
}

async function forecastSent(
  ctx: InteractionContext,
  { inputs }: OperationCall,
  settings: ForecastSettings,
): Promise<object> {
  const input = parseForecastInput(inputs, {
    newReference: () => `urn:uuid:${ctx.newId()}`,
    checkStructure: ctx.validation.validator.checkStructure,
  });
  await ctx.pace();
  const { knowledgeBases, notes } = await schedulesFor(input, settings, ctx);
  const { fitsCompatible, countryWhereUnknown } = settings;
  const question = { ...input, knowledgeBases, countryWhereUnknown, notes: [...input.notes, ...notes] };
  return answerInTurns(question, fitsCompatible, ctx.pace);
}

/** What a forecast of a stored person rests on, and its answer. */
export type StoredForecast = { readonly record: ClinicalRecord; readonly answer: Parameters };

/** `$immds-forecast` on a Patient without inputs, for who tells of the record too: both are of one reading of it. */
export function forecastPerson(
  ctx: InteractionContext,
  id: ResourceId,
  settings: ForecastSettings,
): Promise<StoredForecast> {
  requireAccess(ctx, 'operation', 'Patient');
  return forecastStored(ctx, { id, inputs: noInputs }, settings);
}

const noInputs = readInputs({ parameters: storedForecastParameters }, 'instance', { query: [] });

async function forecastStored(
  ctx: InteractionContext,
  { id, inputs }: Pick<OperationCall, 'id' | 'inputs'>,
  settings: ForecastSettings,
): Promise<StoredForecast> {
  if (id === undefined) throw new Error('the instance operation was called without an id');
  const choices = knowledgeBasesOf(inputs);
  const assessmentDate = assessmentDateOf(inputs) ?? ctx.clock.today();
  const whole = await readClinicalRecord(ctx, id);
  const { record, notes: repeated } = await withoutRepeated(whole, {
    ctx,
    id,
    leftOut: settings.leftOut,
  });
  const { knowledgeBases, notes } = await schedulesFor(
    { record, assessmentDate, choices, isStored: true },
    settings,
    ctx,
  );
  const question = {
    record,
    assessmentDate,
    knowledgeBases,
    explain: inputs.flag('explain'),
    includeDistant: inputs.flag('includeDistant'),
    notes: [...unknownIssues(inputs), ...notes, ...repeated],
    countryWhereUnknown: settings.countryWhereUnknown,
  };
  return { record: whole, answer: await answerInTurns(question, settings.fitsCompatible, ctx.pace) };
}
