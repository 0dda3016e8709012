import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import type { ParameterList } from '../interaction/parse-query.ts';
import type { Operation, OperationCall } from '../operation/operation.ts';
import { accepted, type OperationAnswer } from '../operation/operation-answer.ts';
import { input, type OperationParameter } from '../operation/operation-parameter.ts';
import { readInputs } from '../operation/read-inputs.ts';
import type { ResourceId } from '../values/resource-id.ts';
import type { Exports } from './exports.ts';
import type { ExportLevel } from './offered.ts';
import { type PlanGround, type PlannedExport, planExport } from './plan-export.ts';

const definitions = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';

const parameters: readonly OperationParameter[] = [
  input(
    '_outputFormat',
    'string',
    'application/fhir+ndjson, or for tables application/vnd.apache.parquet or text/csv',
  ),
  input('_view', 'string', 'Of tables: the names of views; several with commas between them too', {
    max: '*',
  }),
  input('asOf', 'date', 'Of tables: the day that forecasts are of; today'),
  input('_since', 'instant', 'Only what was written after it, and what was deleted', { accepts: ['string'] }),
  input('_until', 'instant', 'Only what was written up to it', { accepts: ['string'] }),
  input('_type', 'string', 'Only these types; several with commas between them too', { max: '*' }),
  input('_typeFilter', 'string', 'Type?search: of the type only what matches, any one of several', {
    max: '*',
  }),
  input('patient', 'Reference', 'Only these people; by POST', { max: '*' }),
  input('includeAssociatedData', 'code', 'LatestProvenanceResources or RelevantProvenanceResources', {
    max: '*',
    accepts: ['Coding'],
  }),
  input('organizeOutputBy', 'string', 'Patient: what belongs to a person stands together in a file'),
  input('allowPartialManifests', 'boolean', 'true: files may be fetched before all are there'),
];

const shared = { code: 'export', affectsState: false, parameters } as const;

/** Bulk Data Access: an export of the system, of all patients, or of a Group. */
export function exportOperations(exports: Exports, ground: PlanGround = {}): readonly Operation[] {
  const run = (level: ExportLevel) => (ctx: InteractionContext, call: OperationCall) =>
    kickOff(exports, ctx, call, () => planExport(ctx, call, level, ground));
  return [
    {
      ...shared,
      definition: `${definitions}/export`,
      description: 'Exports the registry to files, as the caller may see it.',
      levels: ['system'],
      types: [],
      run: run('system'),
    },
    {
      ...shared,
      definition: `${definitions}/patient-export`,
      description: 'Exports all people and what belongs to them to files.',
      levels: ['type'],
      types: ['Patient'],
      run: run('patient'),
    },
    {
      ...shared,
      definition: `${definitions}/group-export`,
      description: 'Exports the members of a group and what belongs to them to files.',
      levels: ['instance'],
      types: ['Group'],
      run: run('group'),
    },
  ];
}

/** Of what an export is that a command asks for. */
export type CommandedExport = { readonly ground: PlanGround } & (
  | { readonly level: 'system' }
  | { readonly level: 'group'; readonly id: ResourceId }
);

/** What a command asks for in the words of a query. */
export function planByQuery(
  ctx: InteractionContext,
  asked: CommandedExport,
  query: ParameterList,
): Promise<PlannedExport> {
  const inputs = readInputs(shared, asked.level === 'group' ? 'instance' : 'system', { query });
  const call = { inputs, preconditions: {} };
  if (asked.level === 'system') return planExport(ctx, call, 'system', asked.ground);
  return planExport(ctx, { ...call, id: asked.id }, 'group', asked.ground);
}

async function kickOff(
  exports: Exports,
  ctx: InteractionContext,
  call: OperationCall,
  plan: () => Promise<PlannedExport>,
): Promise<OperationAnswer> {
  const { asked } = call;
  if (!asked) throw new Problem('not-supported', '$export is asked for by itself, not in a Bundle');
  // RFC 9110, 9.3.2: a client that only wants to know what GET would say means to begin nothing.
  if (asked.method === 'HEAD')
    throw new Problem('method-not-allowed', 'HEAD begins no export: GET or POST does');
  const prefers = (preference: string) => asked.prefer.split(/[,;\s]+/).includes(preference);
  if (!prefers('respond-async')) {
    throw new Problem('missing-parameter', '$export is answered to Prefer: respond-async alone', {
      expression: 'http.Prefer',
    });
  }
  const planned = await plan();
  const separate = prefers('separate-export-status');
  const id = await exports.begin(ctx, planned, {
    request: `${originOf(ctx)}${asked.url}`,
    ...(separate && { separateStatus: true as const }),
  });
  return accepted({
    'content-location': statusUrl(ctx, id),
    ...(separate && { 'preference-applied': 'respond-async, separate-export-status' }),
  });
}

/** Where the state of an export is asked for. */
export function statusUrl({ baseUrl }: InteractionContext, id: string): string {
  return `${baseUrl}/bulk/${id}`;
}

function originOf({ baseUrl }: InteractionContext): string {
  return baseUrl.replace(/\/fhir$/, '');
}
