import type { Caller, Grant } from '../access/caller.ts';
import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { openCallerView } from '../interaction/caller-view.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import { readInputs } from '../operation/read-inputs.ts';
import type { ResourceId } from '../values/resource-id.ts';

/**
 * Resources of one type as JSON texts; or why nothing can be forecast for a person, such as a date of birth that is not
 * whole.
 */
export type PersonForecast = { readonly texts: readonly string[]; readonly failure?: string };

/** What is forecast for a stored person on a day. Throws where the caller may not know. */
export type Forecasts = (
  ctx: InteractionContext,
  patient: ResourceId,
  asked: { readonly type: string; readonly asOf: string },
) => Promise<PersonForecast>;

type Answered = {
  readonly parameter?: readonly { readonly resource?: { readonly resourceType?: string } }[];
};

/** As `$immds-forecast` answers it of a stored person; undefined where it is not offered. */
export function forecastsBy(operations: readonly Operation[]): Forecasts | undefined {
  const forecast = operations.find(
    ({ code, levels }) => code === 'immds-forecast' && levels.includes('instance'),
  );
  if (!forecast) return undefined;
  return async (ctx, id, { type, asOf }) => {
    const inputs = readInputs(forecast, 'instance', { query: [['assessmentDate', asOf]] });
    try {
      const answer = await forecast.run(ctx, { type: 'Patient', id, inputs, preconditions: {} });
      return { texts: answer.kind === 'resource' ? textsIn(answer.resource as Answered, type) : [] };
    } catch (thrown) {
      if (!(thrown instanceof Problem) || !ofRecord.has(thrown.status)) throw thrown;
      return { texts: [], failure: thrown.message };
    }
  };
}

/** What lies in the record, not in who asks. */
const ofRecord: ReadonlySet<number> = new Set([400, 422]);

function textsIn({ parameter = [] }: Answered, type: string): readonly string[] {
  return parameter.flatMap(({ resource }) =>
    resource?.resourceType === type ? [JSON.stringify(resource)] : [],
  );
}

/** What a forecast reads beside the Patient. */
export const wholeRecord = [
  'Immunization',
  'Condition',
  'Observation',
  'AllergyIntolerance',
  'Procedure',
] as const;

/** Of a caller what a forecast asks it by; plain data, so that a job can keep it. */
export type ForecastReader = {
  readonly name: string;
  readonly grants: readonly (readonly [ResourceType, Grant])[];
};

/** Undefined of who sees everything. */
export function readerOf(caller: Caller): ForecastReader | undefined {
  if (caller.kind !== 'token') return undefined;
  const grants = (['Patient', ...wholeRecord] as const).flatMap((type) => {
    const grant = caller.grants.get(type);
    return grant ? [[type, grant] as const] : [];
  });
  return { name: caller.name, grants };
}

export type ForecastAsked = Parameters<Forecasts>[2] & { readonly reader?: ForecastReader | undefined };

/** The same for a job, as the caller could have read it that asked. Whom it read it tells by itself. */
export function forecastsInJob(forecasts: Forecasts, ctx: InteractionContext) {
  const known = new Map<ForecastReader, InteractionContext>();
  return async (patient: ResourceId, { reader, ...asked }: ForecastAsked): Promise<PersonForecast> => {
    if (reader && !known.has(reader)) known.set(reader, contextOf(ctx, reader));
    try {
      return await forecasts((reader && known.get(reader)) ?? ctx, patient, asked);
    } catch (thrown) {
      // Gone since the moment of the export, or out of the caller's reach.
      if (!(thrown instanceof Problem) || !isGone.has(thrown.status)) throw thrown;
      return { texts: [], failure: 'the record is no longer there' };
    }
  };
}

const isGone: ReadonlySet<number> = new Set([404, 410]);

function contextOf(ctx: InteractionContext, { name, grants }: ForecastReader): InteractionContext {
  const caller: Caller = { kind: 'token', name, grants: new Map(grants) };
  return { ...ctx, caller, view: openCallerView(ctx.door, caller, ctx.staleness) };
}
