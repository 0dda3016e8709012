import type { Immunization, Parameters, Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { ResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext, Operation, OperationCall } from '../../interaction/context.ts';
import { readResource } from '../../interaction/read-resource.ts';
import { searchAll } from '../../interaction/search-all.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { utcDayOf } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { chooseKnowledgeBase, type KnowledgeBases } from './choose-knowledge-base.ts';
import { answerForecast } from './forecast-answer.ts';
import { parseAssessmentDate, parseForecastInput } from './parse-forecast-input.ts';
import { theOnly } from './the-only-parameter.ts';
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
  const asked = instanceParameters(call);
  const assessmentDate = assessmentDateOf(asked, ctx);
  const version = asked.get('knowledgeBaseVersion');
  const base = asked.get('knowledgeBase');
  const knowledgeBase = chooseKnowledgeBase(settings.knowledgeBases, {
    ...(version !== undefined && { version }),
    ...(base !== undefined && { base }),
  });
  const record = await readRecord(ctx, call.id);
  const question = {
    record,
    assessmentDate,
    knowledgeBase,
    explain: asked.get('explain') === 'true',
    notes: [],
  };
  return answerForecast(question, settings.fitsCompatible);
}

const instanceNames: ReadonlySet<string> = new Set([
  'assessmentDate',
  'explain',
  'knowledgeBase',
  'knowledgeBaseVersion',
  '_format',
  '_pretty',
]);

/** The inputs of the instance operation, from the query or from Parameters; all of them are primitive. */
function instanceParameters({ query, body }: OperationCall): ReadonlyMap<string, string> {
  const asked = new Map<string, string>();
  for (const [name, value] of [...query, ...primitivesOf(body?.resource as Parameters | undefined)]) {
    if (!instanceNames.has(name)) {
      throw new Problem('unknown-parameter', `The operation has no parameter "${name}" on a patient`);
    }
    if (asked.has(name)) throw new Problem('invalid-content', `The parameter ${name} may be given once`);
    asked.set(name, value);
  }
  return asked;
}

function primitivesOf(body: Parameters | undefined): readonly (readonly [string, string])[] {
  if (!body) return [];
  if (body.resourceType !== 'Parameters') {
    throw new Problem('invalid-content', 'The body must be a Parameters resource', {
      expression: 'resourceType',
    });
  }
  const parameters = Array.isArray(body.parameter) ? body.parameter : [];
  return parameters.map((parameter) => {
    theOnly(parameters, parameter.name);
    const { valueDate, valueDateTime, valueString, valueBoolean, valueCode, valueUri, valueCanonical } =
      parameter;
    const coding = parameter.valueCodeableConcept?.coding?.[0] ?? parameter.valueCoding;
    const value =
      valueDate ??
      valueDateTime ??
      valueString ??
      valueBoolean ??
      valueCode ??
      valueUri ??
      valueCanonical ??
      coding?.code;
    if (value === undefined)
      throw new Problem('invalid-content', `The parameter ${parameter.name} has no value`);
    return [parameter.name, String(value)] as const;
  });
}

function assessmentDateOf(asked: ReadonlyMap<string, string>, ctx: InteractionContext): EpochDay {
  const written = asked.get('assessmentDate');
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
