import type { Immunization, Patient } from 'fhir/r4.js';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { readResource } from '../../interaction/read-resource.ts';
import { searchAll } from '../../interaction/search-all.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { type PrimitiveInputs, readPrimitiveInputs } from '../../operation/primitive-inputs.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { utcDayOf } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { chooseKnowledgeBase, type KnowledgeBases } from './choose-knowledge-base.ts';
import { answerForecast } from './forecast-answer.ts';
import { parseAssessmentDate, parseForecastInput } from './parse-forecast-input.ts';
import type { ClinicalResource } from './to-observations.ts';
import type { ClinicalRecord, Sourced } from './to-patient-history.ts';

export type ForecastSettings = { readonly knowledgeBases: KnowledgeBases; readonly fitsCompatible: boolean };

/** `$immds-forecast` on the system, stateless, and on a Patient, from the stored history. */
export function forecastOperations(settings: ForecastSettings): readonly Operation[] {
  return [
    {
      code: 'immds-forecast',
      level: 'system',
      types: [],
      get: false,
      definition: 'http://hl7.org/fhir/us/immds/OperationDefinition/ImmDSForecastOperation',
      run: async (ctx, call) => forecastSent(ctx, call, settings),
    },
    {
      code: 'immds-forecast',
      level: 'instance',
      types: ['Patient'],
      get: true,
      definition: 'https://jenner-iis.org/fhir/OperationDefinition/Patient-immds-forecast',
      run: (ctx, call) => forecastStored(ctx, call, settings),
    },
  ];
}

function forecastSent(ctx: InteractionContext, call: OperationCall, settings: ForecastSettings): object {
  const input = parseForecastInput(call.body, {
    strict: call.strict,
    newReference: () => `urn:uuid:${ctx.newId()}`,
    checkStructure: ctx.validation.validator.checkStructure,
  });
  const knowledgeBase = chooseKnowledgeBase(settings.knowledgeBases, input.choice);
  const explain = input.explain || asksToExplain(call);
  return answerForecast({ ...input, knowledgeBase, explain }, settings.fitsCompatible);
}

async function forecastStored(
  ctx: InteractionContext,
  call: OperationCall,
  settings: ForecastSettings,
): Promise<object> {
  if (call.id === undefined) throw new Error('the instance operation was called without an id');
  const asked = readPrimitiveInputs(call, instanceNames);
  const assessmentDate = assessmentDateOf(asked, ctx);
  const version = asked.one('knowledgeBaseVersion');
  const base = asked.one('knowledgeBase');
  const knowledgeBase = chooseKnowledgeBase(settings.knowledgeBases, {
    ...(version !== undefined && { version }),
    ...(base !== undefined && { base }),
  });
  const record = await readRecord(ctx, call.id);
  const question = {
    record,
    assessmentDate,
    knowledgeBase,
    explain: asked.one('explain') === 'true',
    notes: [],
  };
  return answerForecast(question, settings.fitsCompatible);
}

const instanceNames = {
  single: ['assessmentDate', 'explain', 'knowledgeBase', 'knowledgeBaseVersion'],
};

function assessmentDateOf(asked: PrimitiveInputs, ctx: InteractionContext): EpochDay {
  const written = asked.one('assessmentDate');
  if (written === undefined) return utcDayOf(ctx.clock.now());
  return parseAssessmentDate(written, 'assessmentDate');
}

function asksToExplain({ query }: OperationCall): boolean {
  return query.some(([name, value]) => name === 'explain' && value === 'true');
}

const clinicalTypes = ['Condition', 'Observation', 'AllergyIntolerance', 'Procedure'] as const;

/** All that the store holds of a person and the engine can use. */
async function readRecord(ctx: InteractionContext, id: ResourceId): Promise<ClinicalRecord> {
  const patient = await readResource(ctx, { type: 'Patient', id });
  const immunizations = await readOf<Immunization>(ctx, 'Immunization', id);
  const clinical: Sourced<ClinicalResource>[] = [];
  for (const type of clinicalTypes) clinical.push(...(await readOf<ClinicalResource>(ctx, type, id)));
  const reference = `Patient/${id}`;
  return {
    patient: { resource: JSON.parse(patient.text) as Patient, reference, expression: reference },
    immunizations,
    clinical,
  };
}

async function readOf<Kind>(
  ctx: InteractionContext,
  type: ResourceType,
  patient: ResourceId,
): Promise<readonly Sourced<Kind>[]> {
  const found = await searchAll(ctx, type, [['patient', `Patient/${patient}`]]);
  return found.map(({ id, text }) => {
    const reference = `${type}/${id}`;
    return { resource: JSON.parse(text) as Kind, reference, expression: reference };
  });
}
