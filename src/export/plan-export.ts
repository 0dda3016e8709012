import { decide } from '../access/decide.ts';
import { isJudgeable, toVersionFilter } from '../access/restrict-filter.ts';
import { Problem } from '../fhir/problem.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import { everyId } from '../interaction/ask-persons.ts';
import { tellAskedThrough } from '../interaction/asked-through.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseCriteria } from '../interaction/find-matches.ts';
import { requireBuilt } from '../interaction/search-request.ts';
import type { OperationCall } from '../operation/operation.ts';
import { compartmentParams } from '../search/compartment.ts';
import { allOf, anyOf, everything, type Filter, not, nothing } from '../search/filter.ts';
import { isSource } from '../search/person-link.ts';
import { paramsOfFilter } from '../search/used-params.ts';
import type { Views } from '../views/kept-views.ts';
import type { ExportPart, ExportPlan, PlannedDeletes } from './export-plan.ts';
import { groupPersons, type Members } from './group-persons.ts';
import { requireModestCost } from './modest-cost.ts';
import { directoryTypes, type ExportLevel, offeredOn } from './offered.ts';
import { outsideLevel, unknownElements } from './passed-over.ts';
import type { StatesOf } from './persons-in-states.ts';
import { planViews, type Wanted } from './plan-views.ts';
import { type ExportRequest, readExportRequest } from './read-request.ts';

/** Of whom or what an export is, before a moment is chosen. */
export type PlannedExport = Pick<
  ExportPlan,
  'parts' | 'deletes' | 'issues' | 'watched' | 'organizedBy' | 'isPartial'
> &
  Pick<ExportRequest, 'since'>;

/** The pages of a registry's own book-keeping: nobody's data, and exported only where they are asked for. */
const onlyAsked: ReadonlySet<ResourceType> = new Set(['AuditEvent']);

/** These always have exactly one patient. */
const ofOnePatient: ReadonlySet<ResourceType> = new Set([
  'Immunization',
  'ImmunizationEvaluation',
  'ImmunizationRecommendation',
]);

/** What a plan is made with; absent where nobody has it. */
export type PlanGround = {
  readonly states?: StatesOf | undefined;
  readonly views?: Views | undefined;
};

export async function planExport(
  ctx: InteractionContext,
  call: OperationCall,
  level: ExportLevel,
  { states, views }: PlanGround = {},
): Promise<PlannedExport> {
  const request = readExportRequest(call, ctx.baseUrl);
  requireTimes(ctx, request);
  const { persons, watched, issues: ofGroup } = await personsOf(ctx, { call, level, request, states });
  const parts: ExportPart[] = [];
  const deletes: PlannedDeletes[] = [];
  const wanted = await wantedOf(ctx, level, request, views);
  const passedOver = [...outsideLevel(level, request), ...unknownElements(ctx, request, wanted)];
  for (const { type, view } of wanted) {
    const whose = { level, persons, isForecast: view?.asOf !== undefined, ...(call.id && { id: call.id }) };
    const filter = await filterOf(ctx, request, type, whose);
    const elements = elementsOf(request, type);
    const isRestricted = (['search-type', 'read'] as const).some((each) => ctx.view.reach(each, type));
    parts.push({
      type,
      filter,
      ...(isRestricted && { isRestricted: true as const }),
      ...(elements && !view && { elements }),
      ...(view && { view }),
    });
    if (!deletes.some((one) => one.type === type)) deletes.push(deletesOf(ctx, type));
  }
  const { since } = request;
  const issues = [...request.issues, ...passedOver, ...ofGroup];
  return {
    parts,
    deletes: since === undefined ? [] : deletes,
    issues,
    ...(watched.length > 0 && { watched }),
    ...(request.isByPatient && { organizedBy: { persons: reachable(ctx, persons) } }),
    ...(request.isPartial && isTellable(parts, watched) && { isPartial: true as const }),
    ...(since !== undefined && { since }),
  };
}

/** What is told at the end, of changed Groups and of who cannot be forecast, would change manifests that were shown. */
function isTellable(parts: readonly ExportPart[], watched: Members['watched']): boolean {
  return watched.length === 0 && parts.every(({ view }) => view?.asOf === undefined);
}

async function wantedOf(
  ctx: InteractionContext,
  level: ExportLevel,
  request: ExportRequest,
  views: Views | undefined,
): Promise<readonly Wanted[]> {
  const { table } = request;
  if (!table) return typesOf(ctx, level, request).map((type) => ({ type }));
  if (!views) throw new Problem('not-supported', 'There are no views here');
  const offered = offeredOn(level);
  const requireType = (type: ResourceType) => {
    if (!offered.includes(type))
      throw new Problem('invalid-parameter', `${type} does not belong to a patient`);
    requireSeen(ctx, type);
  };
  return planViews(ctx, { request, table, views, requireType });
}

/** Whoever of these the caller may see: the blocks of others would tell that they are there. */
function reachable(ctx: InteractionContext, persons: Filter = everything): Filter {
  requireSeen(ctx, 'Patient');
  requireJudged(ctx, 'Patient', persons);
  const readable = ctx.view.reach('read', 'Patient');
  return ctx.view.findable('Patient', allOf([persons, ...(readable ? [readable] : [])]));
}

/** An instant that has not come cannot be met. */
function requireTimes({ clock }: InteractionContext, { since, until }: ExportRequest): void {
  const now = clock.now();
  const ahead = since !== undefined && since > now + mostAhead;
  if (ahead) throw new Problem('invalid-parameter', '_since lies in the future', { expression: '_since' });
  if (since === undefined || until === undefined || since < until) return;
  throw new Problem('invalid-parameter', '_until is not after _since', { expression: '_until' });
}

/** Milliseconds: the moment of an earlier export may be by the clock of another server. */
const mostAhead = 2000;

type Asked = {
  readonly call: OperationCall;
  readonly level: ExportLevel;
  readonly request: ExportRequest;
  readonly states: StatesOf | undefined;
};

type Persons = Omit<Members, 'persons'> & {
  /** Undefined: not by persons. */
  readonly persons: Filter | undefined;
};

async function personsOf(ctx: InteractionContext, { call, level, request, states }: Asked): Promise<Persons> {
  const { id } = call;
  const { patients } = request;
  if (level === 'system') {
    if (patients.length === 0) return { persons: undefined, watched: [], issues: [] };
    throw new Problem('not-supported', 'patient has no meaning in an export of the system', {
      expression: 'patient',
    });
  }
  const all: Members =
    level === 'group' && id !== undefined
      ? await groupPersons(ctx, id, states)
      : { persons: everything, watched: [], issues: [] };
  if (patients.length === 0) return all;
  const ids = [...new Set(patients)];
  const named = allOf([all.persons, { kind: 'id', anyOf: ids }]);
  const found = await ctx.view.count(['Patient'], named);
  if (found === ids.length) {
    const persons: Filter = { kind: 'id', anyOf: await everyId(ctx.view, ids) };
    return { persons, watched: [], issues: all.issues };
  }
  throw await missingPatient(ctx, all.persons, ids, level);
}

/** Names the first, since up to a thousand were sent. */
async function missingPatient(
  ctx: InteractionContext,
  persons: Filter,
  ids: readonly string[],
  level: ExportLevel,
): Promise<Problem> {
  const where = level === 'group' ? 'is no member of the Group' : 'is not known';
  const isMissing = async (id: string) =>
    (await ctx.view.count(['Patient'], allOf([persons, { kind: 'id', anyOf: [id] }]))) === 0;
  let missing = 'A patient that was named';
  for (const id of ids) {
    if (!(await isMissing(id))) continue;
    missing = `Patient/${id}`;
    break;
  }
  return new Problem('invalid-parameter', `patient: ${missing} ${where}`, { expression: 'patient' });
}

function typesOf(
  ctx: InteractionContext,
  level: ExportLevel,
  { types, withProvenance }: ExportRequest,
): readonly ResourceType[] {
  const offered = offeredOn(level);
  const asked = types && withProvenance ? [...types, 'Provenance' as const] : types;
  for (const type of types ?? []) requireSeen(ctx, type);
  const isWanted = (type: ResourceType) =>
    asked ? asked.includes(type) : !onlyAsked.has(type) && maySee(ctx, type);
  return [...new Set(offered)].filter(isWanted).sort();
}

function maySee({ caller }: InteractionContext, type: ResourceType): boolean {
  return [decide(caller, 'read', type), decide(caller, 'search-type', type)].every(
    ({ kind }) => kind !== 'deny',
  );
}

function requireSeen(ctx: InteractionContext, type: ResourceType): void {
  if (maySee(ctx, type)) return;
  throw new Problem('forbidden', `The access token has no scope to read and search ${type}`, {
    isOutsideScopes: true,
  });
}

/** `id` of the Group. */
type Whose = {
  readonly level: ExportLevel;
  readonly persons: Filter | undefined;
  readonly isForecast: boolean;
  readonly id?: string;
};

/** What was asked for, of what the caller may both search and read. */
async function filterOf(
  ctx: InteractionContext,
  { typeFilters, until }: ExportRequest,
  type: ResourceType,
  whose: Whose,
): Promise<Filter> {
  const asked: Filter[] = [];
  for (const { criteria } of typeFilters.filter((one) => one.type === type)) {
    const filter = await parseCriteria(ctx, type, criteria);
    await tellAskedThrough(ctx, [type], filter);
    asked.push(filter);
  }
  requireModestCost(asked, '_typeFilter');
  const parts: Filter[] = asked.length === 0 ? [] : [await ctx.view.ofPersons([type], anyOf(asked))];
  if (until !== undefined) parts.push({ kind: 'lastUpdated', bounds: [{ is: '<=', at: until }] });
  if (whose.persons) parts.push(ofPersons(type, whose.persons, whose));
  // A person is forecast once, whatever was written of it.
  if (whose.isForecast) parts.push(not(isSource));
  requireJudged(ctx, type, allOf(parts));
  const readable = ctx.view.reach('read', type);
  return ctx.view.findable(type, allOf([...parts, ...(readable ? [readable] : [])]));
}

/** What is missing in an index would be missing in the export, and nobody would know. */
function requireJudged(ctx: InteractionContext, type: ResourceType, asked: Filter): void {
  requireBuilt(ctx, paramsOfFilter(asked, type));
  if ((['search-type', 'read'] as const).every((each) => ctx.view.isDecided(each, type))) return;
  const text = `The index by which it is judged what you may see of ${type} is being built anew; try again later`;
  throw new Problem('busy', text, { retryAfter: 30 });
}

/** R4 compartmentdefinition-patient.html, of those who are asked for. */
export function ofPersons(
  type: ResourceType,
  persons: Filter,
  { level, id }: Pick<Whose, 'level' | 'id'>,
): Filter {
  if (type === 'Patient') return persons;
  if (directoryTypes.includes(type)) return everything;
  const isAll = persons === everything;
  if (isAll && ofOnePatient.has(type)) return everything;
  // Other Groups tell of people beside those who are exported.
  if (type === 'Group' && !isAll) {
    return level === 'group' && id !== undefined ? { kind: 'id', anyOf: [id] } : nothing;
  }
  const of = compartmentParams(type).map(
    (param): Filter => ({ kind: 'chain', param, type: 'Patient', of: persons }),
  );
  return anyOf(of);
}

/** Judged by whom they concern; where the values decide, by those of the last version. */
function deletesOf(ctx: InteractionContext, type: ResourceType): PlannedDeletes {
  const parts = (['history-type', 'read'] as const).flatMap((each) => ctx.view.reach(each, type) ?? []);
  if (parts.length === 0) return { type };
  const reach = allOf(parts);
  return isJudgeable(reach) ? { type, only: toVersionFilter(reach) } : { type, was: reach };
}

function elementsOf({ elements }: ExportRequest, type: ResourceType): readonly string[] | undefined {
  const own = [...(elements.get('*') ?? []), ...(elements.get(type) ?? [])];
  return own.length === 0 ? undefined : own;
}
