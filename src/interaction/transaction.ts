import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { Change, ResourceKey } from '../store/contract/store.ts';
import { askedBy } from './audit/asked-by.ts';
import { answerRoom, type BundleRoom, openBundleRoom, transactionRoom } from './bundle-room.ts';
import { type Condition, refuseClashes, type Written } from './clashing-conditions.ts';
import { commit } from './commit.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import {
  answerAlone,
  answerWrite,
  type BundleServices,
  type EntryAnswer,
  performGet,
} from './entry-answer.ts';
import { isWriteTarget, toIntent } from './entry-intent.ts';
import {
  atEntry,
  atEntryAsync,
  entriesOf,
  parseTransactionEntry,
  type RequestEntry,
} from './parse-bundle.ts';
import { type PlacedIntent, placeIntent, toStep } from './plan-write.ts';
import { referrerGuards, refuseNewReferrers } from './referrers.ts';
import { resolveReferences } from './resolve-references.ts';
import { type PlannedGuard, type PlannedStep, resultOf, unchanged, type WritePlan } from './write-plan.ts';
import type { WriteTarget } from './write-target.ts';

/** R4 http.html#trules: the order in which the entries take effect. */
const order: Readonly<Record<RequestEntry['method'], number>> = {
  DELETE: 0,
  POST: 1,
  PUT: 2,
  PATCH: 2,
  GET: 3,
  HEAD: 3,
};

/**
 * R4 http.html#transaction: all entries or none. Answers stand in the order of the request. When somebody writes
 * one of the resources in between, the whole is planned anew on what is there then.
 */
export async function runTransaction(
  ctx: InteractionContext,
  bundle: ParsedResource,
  services: BundleServices,
): Promise<readonly EntryAnswer[]> {
  requireAccess(ctx, 'transaction');
  ctx.trail?.ask(askedBy(bundle.resource, 'transaction'));
  const entries: RequestEntry[] = [];
  for (const [index, sent] of entriesOf(bundle.resource).entries()) {
    await ctx.pace();
    entries.push(parseTransactionEntry(sent, index, ctx.baseUrl));
  }
  for (const entry of entries) atEntry(entry.index, () => checkEntry(entry));
  const writes = entries.filter(isWrite).sort((a, b) => order[a.method] - order[b.method]);
  const written = await commit(ctx, () => planWrites(ctx, writes, bundle.exactNumbers));
  const answers = new Map(written.map((answer, at) => [writes[at]?.index, answer]));
  const inOrder: EntryAnswer[] = [];
  const room = openBundleRoom(answerRoom);
  for (const entry of entries) {
    await ctx.pace();
    const answer = answers.get(entry.index);
    inOrder.push(answer ? answerWrite(answer) : await answerRead(ctx, entry, services, room));
  }
  return inOrder;
}

async function answerRead(
  ctx: InteractionContext,
  entry: RequestEntry,
  services: BundleServices,
  room: BundleRoom,
): Promise<EntryAnswer> {
  const answer = await answerAlone(() => {
    room.require();
    return performGet(ctx, entry, services);
  });
  room.take(answer.text);
  return answer;
}

function isWrite(entry: RequestEntry): boolean {
  return entry.method !== 'GET' && entry.method !== 'HEAD';
}

function checkEntry(entry: RequestEntry): void {
  if (!isWrite(entry)) return;
  const { method, url, target, resource } = entry;
  if (!isWriteTarget(target)) {
    const text = `${method} ${url.path} cannot be part of a transaction; call it by itself`;
    throw new Problem('not-supported', text);
  }
  if (resource && method !== 'PATCH' && resource.resourceType !== url.type) {
    throw new Problem(
      'invalid-content',
      `The resource is a ${resource.resourceType}, but request.url says ${url.type}`,
    );
  }
}

type Placed = PlacedIntent & {
  readonly entry: RequestEntry;
  /** The entry before it that creates on the same condition: that one creates, and this one finds what it made. */
  readonly twin?: Placed;
};

async function planWrites(
  ctx: InteractionContext,
  writes: readonly RequestEntry[],
  exactNumbers: boolean,
): Promise<WritePlan> {
  const placed: Placed[] = [];
  const firsts = new Map<string, Placed>();
  const room = openBundleRoom(transactionRoom);
  for (const entry of writes) {
    await ctx.pace();
    const { target } = entry;
    if (!isWriteTarget(target)) throw new Error(`entry ${entry.index} writes nothing`);
    const place = () => placeIntent(ctx, toIntent(ctx, target, entry, exactNumbers));
    const intent = await atEntryAsync(entry.index, place);
    room.take((intent.target.found ?? intent.target.current)?.text);
    room.require();
    placed.push(withTwin({ entry, ...intent }, firsts));
  }
  requireDistinctTargets(placed);
  const resources = await resolveReferences(ctx, placed);
  const made = new Map<Placed, PlannedStep>();
  for (const each of placed) {
    await ctx.pace();
    const first = each.twin && made.get(each.twin);
    const { index } = each.entry;
    const planned = first
      ? unchanged(resultOf(first.answer).version)
      : atEntry(index, () => stepOf(ctx, each, resources));
    const step = planned instanceof Promise ? await atEntryAsync(index, () => planned) : planned;
    made.set(each, step);
    room.take(step.change?.text);
    room.require();
  }
  const steps = [...made.values()];
  await refuseClashes(conditionsOf(placed), writtenOf(placed, steps), ctx.pace);
  return { steps, guards: guardsOf(ctx, placed, steps), added: [], records: [] };
}

/** Of several creates on one condition the first makes it untrue for the others. */
function withTwin(each: Placed, firsts: Map<string, Placed>): Placed {
  const condition = conditionOf(each);
  if (condition === undefined) return each;
  const twin = firsts.get(condition);
  if (!twin) {
    firsts.set(condition, each);
    return each;
  }
  const { intent, entry } = each;
  return { intent, entry, twin, target: { ...each.target, key: twin.target.key, guards: [] } as WriteTarget };
}

/** Of a create that found nothing; undefined for anything else. */
function conditionOf({ intent, target }: Placed): string | undefined {
  if (intent.kind !== 'create' || !intent.ifNoneExist || target.found) return undefined;
  return JSON.stringify(target.guards.map(({ guard }) => guard));
}

function conditionsOf(placed: readonly Placed[]): readonly Condition[] {
  return placed.flatMap(({ entry, target }) =>
    target.guards.flatMap(({ guard: { type }, condition }) =>
      condition ? [{ entry: entry.index, type, noneMatch: condition }] : [],
    ),
  );
}

function writtenOf(placed: readonly Placed[], steps: readonly PlannedStep[]): readonly Written[] {
  return steps.flatMap(({ change }, at) => {
    const entry = placed[at]?.entry.index;
    return change && entry !== undefined ? [{ entry, change }] : [];
  });
}

function stepOf(
  ctx: InteractionContext,
  placed: Placed,
  resources: Awaited<ReturnType<typeof resolveReferences>>,
): PlannedStep | Promise<PlannedStep> {
  const { parsed, entry } = placed;
  const resource = resources.get(entry.index);
  return toStep(ctx, parsed && resource ? { ...placed, parsed: { ...parsed, resource } } : placed);
}

function guardsOf(
  ctx: InteractionContext,
  placed: readonly Placed[],
  steps: readonly PlannedStep[],
): readonly PlannedGuard[] {
  const changes: Change[] = [];
  const guards: PlannedGuard[] = [];
  const deletes = new Map<number, ResourceKey>();
  for (const [at, { change }] of steps.entries()) {
    const each = placed[at];
    if (!change || !each) continue;
    changes.push(change);
    guards.push(...each.target.guards);
    if (change.method === 'DELETE') deletes.set(each.entry.index, change);
  }
  refuseNewReferrers(ctx, deletes, changes);
  const entryOf = new Map([...deletes].map(([index, key]) => [key, index]));
  const blame = (key: ResourceKey, refuse: () => Promise<void>) =>
    atEntryAsync(entryOf.get(key) ?? 0, refuse);
  return [...guards, ...referrerGuards(ctx, [...deletes.values()], changes, blame)];
}

/** R4 http.html#trules: one resource must not be touched twice in a transaction. */
function requireDistinctTargets(placed: readonly Placed[]): void {
  const seen = new Map<string, number>();
  for (const { entry, target, twin } of placed) {
    if (!target.key || target.found || twin) continue;
    const name = `${target.key.type}/${target.key.id}`;
    const other = seen.get(name);
    if (other !== undefined) {
      const text = `Bundle.entry[${entry.index}] and Bundle.entry[${other}] both write ${name}`;
      throw new Problem('invalid-content', text, { expression: `Bundle.entry[${entry.index}]` });
    }
    seen.set(name, entry.index);
  }
}
