import { Problem } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { everyId } from '../interaction/ask-persons.ts';
import { exporterOf, tellExport } from '../interaction/audit/tell.ts';
import { openCallerView } from '../interaction/caller-view.ts';
import { type InteractionContext, requireAccess } from '../interaction/context.ts';
import type { Operation, OperationCall } from '../operation/operation.ts';
import type { OperationAnswer } from '../operation/operation-answer.ts';
import { allOf, everything, type Filter, not } from '../search/filter.ts';
import { isSource } from '../search/person-link.ts';
import { toLines } from '../store/contract/snapshot.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import { laterTurn } from '../values/turns.ts';
import { rowFormats } from '../views/row-format.ts';
import { startPacker, type ThreadedPacker } from '../views/threaded-packer.ts';
import { ViewError } from '../views/view-definition.ts';
import type { Forecasts } from './forecasts.ts';
import { groupPersons } from './group-persons.ts';
import { addPersons } from './persons-in.ts';
import type { StatesOf } from './persons-in-states.ts';
import { ofPersons } from './plan-export.ts';
import { type AskedView, readViewRequest, type ViewRequest, viewParameters } from './view-request.ts';

export type RunViewOptions = Pick<AskedView, 'views'> & {
  readonly forecasts: Forecasts | undefined;
  readonly states: StatesOf | undefined;
};

/** Answered at once; what is more is an export. */
const most = { resources: 100_000, forecasts: 5000 } as const;
const pageSize = 500;
/** Each is a thread. */
const mostAtOnce = 4;

/** SQL on FHIR 2.1, `$viewdefinition-run`: on an R4 server an operation of the system, `ViewDefinition/$run` too. */
export function runViewOperation(options: RunViewOptions): Operation {
  const running = { count: 0 };
  return {
    code: 'viewdefinition-run',
    definition: 'http://sql-on-fhir.org/OperationDefinition/$viewdefinition-run',
    description: 'Answers the rows of a ViewDefinition: of the resources that the caller may see.',
    levels: ['system'],
    types: [],
    affectsState: false,
    answersOther: true,
    parameters: viewParameters,
    run: async (ctx, call) => {
      const request = await readViewRequest({ ...options, ctx, call });
      return answerRows(ctx, call, request, options, running);
    },
  };
}

async function answerRows(
  ctx: InteractionContext,
  call: OperationCall,
  request: ViewRequest,
  options: RunViewOptions,
  running: { count: number },
): Promise<OperationAnswer> {
  const source = await sourceOf(unnoted(ctx), call, request, options);
  if (running.count >= mostAtOnce) {
    throw new Problem('busy', `${mostAtOnce} views are being run; try again`, { retryAfter: 5 });
  }
  running.count++;
  const chunks = rows(source, request, () => running.count--)[Symbol.asyncIterator]();
  try {
    // What is wrong with the view is told before anything is sent.
    const first = await chunks.next();
    return { kind: 'stream', mediaType: mediaTypeOf(request), chunks: behind(first, chunks) };
  } catch (thrown) {
    if (thrown instanceof ViewError) throw new Problem('invalid-content', thrown.message, { cause: thrown });
    throw thrown;
  }
}

/** RFC 4180, 3: whether the first line has the names of the columns. */
function mediaTypeOf({ format, header }: ViewRequest): string {
  const { mediaType } = rowFormats[format];
  return header ? mediaType : mediaType.replace('header=present', 'header=absent');
}

/** What was read is told page by page: the trail of the request has ended when the rows are. */
function unnoted(ctx: InteractionContext): InteractionContext {
  return { ...ctx, trail: undefined, view: openCallerView(ctx.door, ctx.caller, ctx.staleness) };
}

type Source = {
  readonly ctx: InteractionContext;
  /** What is searched: Patients where it is a forecast. */
  readonly type: ResourceType;
  readonly filter: Filter;
  /** Takes milliseconds for each: others come first in between. */
  readonly isForecast: boolean;
  readonly toTexts: (resource: {
    readonly id: ResourceId;
    readonly text: string;
  }) => Promise<readonly string[]>;
};

async function sourceOf(
  ctx: InteractionContext,
  call: OperationCall,
  { view, since, asOf }: ViewRequest,
  { forecasts, states }: RunViewOptions,
): Promise<Source> {
  const { resource, isForecast } = view;
  if (!isResourceType(resource)) {
    throw new Problem('not-supported', `This server keeps no ${resource.slice(0, 80)}`);
  }
  for (const interaction of ['read', 'search-type'] as const) requireAccess(ctx, interaction, resource);
  const type = isForecast ? 'Patient' : resource;
  const parts: Filter[] = [ofPersons(type, await personsOf(ctx, call, states), { level: 'patient' })];
  if (since !== undefined) parts.push({ kind: 'lastUpdated', bounds: [{ is: '>=', at: since }] });
  const readable = ctx.view.reach('read', type);
  if (readable) parts.push(readable);
  // A person is forecast once, whatever was written of it.
  const filter = allOf(isForecast ? [...parts, not(isSource)] : parts);
  await requireFew(ctx, type, filter, isForecast);
  if (!isForecast) return { ctx, type, filter, isForecast, toTexts: async ({ text }) => [text] };
  if (!forecasts) throw new Problem('not-supported', 'Nobody forecasts here');
  return {
    ctx,
    type,
    filter,
    isForecast,
    toTexts: async ({ id }) => (await forecasts(ctx, id, { type: resource, asOf })).texts,
  };
}

async function requireFew(
  ctx: InteractionContext,
  type: ResourceType,
  filter: Filter,
  isForecast: boolean,
): Promise<void> {
  const count = await ctx.view.count([type], filter, ctx.hasGone);
  const limit = isForecast ? most.forecasts : most.resources;
  if (count <= limit) return;
  const text = `${count} of ${type} are too many to answer at once (${limit}): name patient or group, or ask for $export`;
  throw new Problem('not-supported', text);
}

async function personsOf(
  ctx: InteractionContext,
  { inputs }: OperationCall,
  states: StatesOf | undefined,
): Promise<Filter> {
  const patients = await everyId(ctx.view, idsOf(ctx, inputs.objects('patient'), 'Patient'));
  const groups = idsOf(ctx, inputs.objects('group'), 'Group');
  const parts: Filter[] = [];
  if (patients.length > 0) parts.push({ kind: 'id', anyOf: patients });
  for (const id of groups) parts.push((await groupPersons(ctx, id, states)).persons);
  return parts.length === 0 ? everything : allOf(parts);
}

/** References, or `Type/id` and ids alone as a query has them. */
function idsOf(
  { baseUrl }: InteractionContext,
  given: readonly unknown[],
  type: 'Patient' | 'Group',
): readonly ResourceId[] {
  return given.map((one) => {
    const text = typeof one === 'string' ? one : (one as { readonly reference?: unknown }).reference;
    const target = typeof text === 'string' ? toLiteralReference(text, baseUrl) : undefined;
    if (target?.kind === 'local' && target.type === type) return target.id;
    const id = typeof one === 'string' ? parseResourceId(one) : undefined;
    if (id !== undefined) return id;
    throw new Problem(
      'invalid-parameter',
      `${type.toLowerCase()} must be a reference to a ${type} (${type}/id)`,
    );
  });
}

async function* rows(
  source: Source,
  { definition, format, header, limit, told }: ViewRequest,
  ended: () => void,
): AsyncGenerator<Uint8Array> {
  const { ctx } = source;
  let packer: ThreadedPacker | undefined;
  try {
    packer = await startPacker({
      definition,
      format,
      header,
      baseUrl: ctx.baseUrl,
      ...(limit !== undefined && { limit }),
    });
    let left = limit ?? Number.POSITIVE_INFINITY;
    for await (const { texts, persons } of pages(source)) {
      const packed = await packer.pack(toLines(texts));
      left -= packed.rows;
      await tell(ctx, told, persons);
      if (packed.bytes.length > 0) yield packed.bytes;
      if (left <= 0) break;
    }
    yield (await packer.finish()).bytes;
  } finally {
    ended();
    await packer?.close();
  }
}

type Page = { readonly texts: readonly string[]; readonly persons: ReadonlySet<string> };

async function* pages({ ctx, type, filter, isForecast, toTexts }: Source): AsyncGenerator<Page> {
  let after: string | undefined;
  do {
    await ctx.pace();
    const query = { types: [type], filter, sort: [], count: pageSize };
    const page = await ctx.view.search(after === undefined ? query : { ...query, after });
    const texts: string[] = [];
    const persons = new Set<string>();
    for (const match of page.matches) {
      texts.push(...(await toTexts(match)));
      addPersons(persons, type, match.text);
      await (isForecast ? laterTurn() : undefined);
      await ctx.pace();
    }
    yield { texts, persons };
    after = page.next;
  } while (after !== undefined);
}

/** Before the rows are sent. */
async function tell(ctx: InteractionContext, query: string, persons: ReadonlySet<string>): Promise<void> {
  const exporter = exporterOf(ctx.caller);
  if (!exporter || persons.size === 0) return;
  await tellExport(ctx, exporter, { query, patients: persons as ReadonlySet<ResourceId>, outcome: 0 });
}

/** A generator that was not begun would end without closing what it opened. */
function behind(
  first: IteratorResult<Uint8Array>,
  others: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let next: IteratorResult<Uint8Array> | undefined = first;
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => {
      const given = next;
      next = undefined;
      return given ?? others.next();
    },
    return: async () => {
      await others.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
