import type { JsonObject } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { OperationCall } from '../operation/operation.ts';
import { input, type OperationParameter } from '../operation/operation-parameter.ts';
import type { EpochMs } from '../values/instant.ts';
import { requireView, type Views } from '../views/kept-views.ts';
import { readView } from '../views/read-view.ts';
import { parseRowFormat, type RowFormat, rowFormats } from '../views/row-format.ts';
import type { ViewDefinition } from '../views/view-definition.ts';
import { dayOf } from './forecast-day.ts';
import { readInstant } from './read-request.ts';

export const viewParameters: readonly OperationParameter[] = [
  input('viewResource', 'Resource', 'The ViewDefinition; it may be the body itself'),
  input('viewReference', 'Reference', 'Or ViewDefinition/NAME, or the canonical URL, of one that is kept', {
    accepts: ['string'],
  }),
  input('header', 'boolean', 'Of CSV: whether the names of the columns come first; they do'),
  input('patient', 'Reference', 'Only of these people', { max: '*', accepts: ['string'] }),
  input('group', 'Reference', 'Only of the members of these Groups', { max: '*', accepts: ['string'] }),
  input('_since', 'instant', 'Only what was written then or later', { accepts: ['string'] }),
  input('_limit', 'integer', 'So many rows at most'),
  input('asOf', 'date', 'The day that forecasts are of; today'),
];

/** What is asked for by `$viewdefinition-run`. */
export type ViewRequest = {
  readonly definition: JsonObject;
  readonly view: ViewDefinition;
  readonly format: RowFormat;
  readonly header: boolean;
  readonly since?: EpochMs;
  readonly limit?: number;
  readonly asOf: string;
  /** As the audit tells of it. */
  readonly told: string;
};

export type AskedView = {
  readonly ctx: InteractionContext;
  readonly call: OperationCall;
  readonly views: Views;
};

export async function readViewRequest({ ctx, call, views }: AskedView): Promise<ViewRequest> {
  const { inputs } = call;
  const definition = await definitionOf(call, views);
  const read = readView(definition);
  if (!read.ok) {
    const [first] = read.faults;
    const text = read.faults.map((fault) => `${fault.expression}: ${fault.text}`).join('; ');
    throw new Problem('invalid-content', text, { expression: first?.expression });
  }
  const { view } = read;
  const format = formatOf(call);
  const [since, limit] = [readInstant(call, '_since'), inputs.count('_limit')];
  if (view.isForecast && since !== undefined) {
    throw new Problem('not-supported', '_since has no meaning for a forecast, which is made anew', {
      expression: inputs.place('_since'),
    });
  }
  return {
    definition,
    view,
    format,
    header: inputs.has('header') ? inputs.flag('header') : true,
    asOf: dayOf(ctx, inputs.text('asOf')),
    told: `$viewdefinition-run ${view.name ?? view.resource} ${format}`,
    ...(since !== undefined && { since }),
    ...(limit !== undefined && { limit }),
  };
}

async function definitionOf(call: OperationCall, views: Views): Promise<JsonObject> {
  return call.view === undefined ? definitionIn(call, views) : definitionUnder(call, call.view, views);
}

/** SQL on FHIR 2.1, `ViewDefinition/[id]/$run`: the view is said already. */
async function definitionUnder({ inputs }: OperationCall, id: string, views: Views): Promise<JsonObject> {
  const twice = ['viewResource', 'viewReference'].find((name) => inputs.has(name));
  if (twice !== undefined) {
    const text = `ViewDefinition/${id.slice(0, 80)} is the view that is run: ${twice} may not be given`;
    throw new Problem('invalid-parameter', text, { expression: inputs.place(twice) });
  }
  return (await requireView(views, id)).definition;
}

async function definitionIn({ inputs }: OperationCall, views: Views): Promise<JsonObject> {
  const sent = inputs.resource<JsonObject>('viewResource');
  const named: unknown = inputs.objects('viewReference')[0];
  if ((sent === undefined) === (named === undefined)) {
    throw new Problem('missing-parameter', 'Either viewResource or viewReference must be given', {
      expression: 'viewResource',
    });
  }
  if (sent !== undefined) {
    if (sent['resourceType'] === 'ViewDefinition') return sent;
    throw new Problem('invalid-content', 'viewResource must be a ViewDefinition', {
      expression: inputs.place('viewResource'),
    });
  }
  const text = typeof named === 'string' ? named : (named as { readonly reference?: unknown }).reference;
  const found = typeof text === 'string' ? await views.find(text) : undefined;
  if (found) return found.definition;
  throw new Problem('not-found', `There is no view ${String(text).slice(0, 200)}`, {
    expression: inputs.place('viewReference'),
  });
}

/** `_format` beats Accept, in which anything but rows stands for the usual ones. */
function formatOf({ inputs, asked }: OperationCall): RowFormat {
  const named = inputs.list.findLast(([name]) => name === '_format')?.[1];
  if (named !== undefined) {
    const format = parseRowFormat(named.split(';')[0] ?? '');
    if (format) return format;
    const names = Object.keys(rowFormats).join(', ');
    throw new Problem('not-supported', `_format=${named.slice(0, 80)} is none of ${names}`, {
      expression: '_format',
    });
  }
  const accepted = (asked?.accept ?? '').split(',').map((range) => range.split(';')[0] ?? '');
  return accepted.map(parseRowFormat).find((format) => format !== undefined) ?? 'ndjson';
}
