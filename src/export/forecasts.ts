import { Problem } from '../fhir/problem.ts';
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

/** The same for a job. */
export function forecastsOfAll(forecasts: Forecasts, ctx: InteractionContext) {
  return (patient: ResourceId, asked: Parameters<Forecasts>[2]) => forecasts(ctx, patient, asked);
}
