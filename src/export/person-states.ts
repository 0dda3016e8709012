import type { Operation } from '../operation/operation.ts';
import { readInputs } from '../operation/read-inputs.ts';
import type { PersonStates } from './refresh-members.ts';

type Answered = {
  readonly parameter?: readonly {
    readonly resource?: {
      readonly resourceType?: string;
      readonly recommendation?: readonly {
        readonly vaccineCode?: readonly { readonly text?: string }[];
        readonly forecastStatus?: { readonly coding?: readonly { readonly code?: string }[] };
      }[];
    };
  }[];
};

/** As `$immds-forecast` answers it of a stored person; undefined where it is not offered. */
export function personStates(operations: readonly Operation[]): PersonStates | undefined {
  const forecast = operations.find(
    ({ code, levels }) => code === 'immds-forecast' && levels.includes('instance'),
  );
  if (!forecast) return undefined;
  return async (ctx, id, asOf) => {
    const inputs = readInputs(forecast, 'instance', {
      query: asOf === undefined ? [] : [['assessmentDate', asOf]],
    });
    const answer = await forecast.run(ctx, { type: 'Patient', id, inputs, preconditions: {} });
    return answer.kind === 'resource' ? statesIn(answer.resource as Answered) : new Map();
  };
}

/** Of several series of a group the one that was chosen comes first. */
function statesIn({ parameter = [] }: Answered): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const { resource } of parameter) {
    for (const { vaccineCode, forecastStatus } of resource?.recommendation ?? []) {
      const [group, status] = [vaccineCode?.[0]?.text, forecastStatus?.coding?.[0]?.code];
      if (group !== undefined && status !== undefined && !states.has(group)) states.set(group, status);
    }
  }
  return states;
}
