import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { RequestName } from '../request/request-target.ts';
import type { Change, Guard, ResourceKey, StoredVersion } from '../store/contract/store.ts';
import { commitWithRetry } from './commit.ts';
import { type InteractionContext, requireAccess } from './context.ts';
import { prepareDelete } from './delete-resource.ts';
import { type BundleServices, type EntryAnswer, entryAnswerOf, performGet } from './entry-answer.ts';
import { parseEntryPatch } from './entry-patch.ts';
import { checkIfMatch, checkIfNoneMatch } from './if-match.ts';
import { atEntry, atEntryAsync, parseEntries, type RequestEntry } from './parse-bundle.ts';
import { applyPatch, requirePresent, requireProcessable } from './patch-resource.ts';
import { isUnchanged, prepareChange } from './prepare-change.ts';
import { referrerGuards, refuseNewReferrers, refuseReferred } from './referrers.ts';
import { resolveReferences } from './resolve-references.ts';
import { type EntryTarget, findEntryTarget } from './transaction-target.ts';
import { storedResource } from './write-result.ts';

/** R4 http.html#trules: the order in which the entries take effect. */
const order: Readonly<Record<RequestEntry['method'], number>> = {
  DELETE: 0,
  POST: 1,
  PUT: 2,
  PATCH: 2,
  GET: 3,
  HEAD: 3,
};

/** A write entry and what it will do. */
type Step = {
  readonly entry: RequestEntry;
  readonly target: EntryTarget;
  readonly current: StoredVersion | undefined;
  /** Of what a patch made: the resource of the entry then is the patched one. */
  readonly exactNumbers?: boolean;
};

type Plan = {
  readonly changes: readonly Change[];
  readonly guards: readonly Guard[];
  /** What is deleted, by place of the entry. */
  readonly deletes: ReadonlyMap<number, ResourceKey>;
  readonly answers: ReadonlyMap<number, EntryAnswer>;
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
  const entries = parseEntries(bundle.resource, ctx.baseUrl);
  for (const entry of entries) atEntry(entry.index, () => checkEntry(ctx, entry));
  const writes = entries.filter(isWrite).sort((a, b) => order[a.method] - order[b.method]);
  const written = await commitWithRetry(async () => {
    const plan = await planWrites(ctx, writes, bundle.exactNumbers);
    const { changes, deletes } = plan;
    if (changes.length === 0) return { outcome: { kind: 'committed' }, result: plan.answers };
    refuseNewReferrers(ctx, deletes, changes);
    const guards = [...plan.guards, ...referrerGuards(ctx, [...deletes.values()], changes)];
    const outcome = await ctx.store.write({ changes, guards });
    if (outcome.kind === 'guarded' && outcome.guard >= plan.guards.length) {
      for (const [index, key] of deletes) {
        await atEntryAsync(index, () => refuseReferred(ctx, key, changes));
      }
    }
    return { outcome, result: plan.answers };
  });
  const answers: EntryAnswer[] = [];
  for (const entry of entries) {
    const answer = written.get(entry.index);
    answers.push(answer ?? (await atEntryAsync(entry.index, () => performGet(ctx, entry, services))));
  }
  return answers;
}

function isWrite(entry: RequestEntry): boolean {
  return entry.method !== 'GET' && entry.method !== 'HEAD';
}

function checkEntry(ctx: InteractionContext, entry: RequestEntry): void {
  const { method, url, target, resource } = entry;
  if (!isWrite(entry)) return;
  if (!writes.has(target.name) || url.type === undefined) {
    const text = `${method} ${url.path} cannot be part of a transaction; call it by itself`;
    throw new Problem('not-supported', text);
  }
  if (resource && method !== 'PATCH' && resource.resourceType !== url.type) {
    throw new Problem(
      'invalid-content',
      `The resource is a ${resource.resourceType}, but request.url says ${url.type}`,
    );
  }
  requireAccess(ctx, interactionOf[method], url.type);
}

const writes: ReadonlySet<RequestName> = new Set([
  'create',
  'update',
  'patch',
  'delete',
  'conditional-update',
  'conditional-patch',
  'conditional-delete',
] as const);

const interactionOf = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
} as const;

async function planWrites(
  ctx: InteractionContext,
  writes: readonly RequestEntry[],
  exactNumbers: boolean,
): Promise<Plan> {
  const steps: Step[] = [];
  for (const entry of writes) {
    steps.push(await atEntryAsync(entry.index, () => planStep(ctx, entry, exactNumbers)));
  }
  requireDistinctTargets(steps);
  const resources = await resolveReferences(ctx, steps);
  const changes: Change[] = [];
  const guards: Guard[] = [];
  const deletes = new Map<number, ResourceKey>();
  const answers = new Map<number, EntryAnswer>();
  for (const step of steps) {
    const { entry, target } = step;
    const resource = resources.get(entry.index);
    const effect = atEntry(entry.index, () =>
      effectOf(ctx, step, resource && { resource, exactNumbers: step.exactNumbers ?? exactNumbers }),
    );
    if (effect.change) {
      changes.push(effect.change);
      guards.push(...target.guards);
      if (effect.change.text === undefined) deletes.set(entry.index, effect.change);
    }
    answers.set(entry.index, effect.answer);
  }
  return { changes, guards, deletes, answers };
}

async function planStep(ctx: InteractionContext, entry: RequestEntry, exactNumbers: boolean): Promise<Step> {
  const target = await findEntryTarget(ctx, entry);
  if (target.found || !target.key) return { entry, target, current: target.found };
  const current = await ctx.store.read(target.key);
  checkIfMatch(entry.ifMatch, current, target.key);
  checkIfNoneMatch(entry.ifNoneMatch, current, target.key);
  if (entry.method !== 'PATCH' || !entry.resource) return { entry, target, current };
  const patch = parseEntryPatch(ctx, { resource: entry.resource, exactNumbers });
  const patched = applyPatch(patch, requirePresent(current, target.key), target.key);
  return {
    entry: { ...entry, resource: patched.resource },
    target,
    current,
    exactNumbers: patched.exactNumbers,
  };
}

/** R4 http.html#trules: one resource must not be touched twice in a transaction. */
function requireDistinctTargets(steps: readonly Step[]): void {
  const seen = new Map<string, number>();
  for (const { entry, target } of steps) {
    if (!target.key || target.found) continue;
    const name = nameOf(target.key);
    const other = seen.get(name);
    if (other !== undefined) {
      const text = `Bundle.entry[${entry.index}] and Bundle.entry[${other}] both write ${name}`;
      throw new Problem('invalid-content', text, { expression: `Bundle.entry[${entry.index}]` });
    }
    seen.set(name, entry.index);
  }
}

type Effect = { readonly change?: Change; readonly answer: EntryAnswer };

function effectOf(ctx: InteractionContext, step: Step, parsed: ParsedResource | undefined): Effect {
  const { entry, target, current } = step;
  if (target.found) return { answer: entryAnswerOf('unchanged', target.found) };
  if (!target.key) return { answer: { status: '204 No Content' } };
  if (entry.method === 'DELETE') return deleteEffect(ctx, target.key, current);
  if (!parsed) throw new Error(`entry ${entry.index} lost its resource`);
  if (current && isUnchanged(parsed, current)) {
    return { answer: entryAnswerOf('unchanged', storedResource(current)) };
  }
  const place = { ...target.key, current };
  const change =
    entry.method === 'PATCH'
      ? requireProcessable(() => prepareChange(ctx, parsed, { ...place, method: 'PATCH' }))
      : prepareChange(ctx, parsed, { ...place, method: entry.method === 'POST' ? 'POST' : 'PUT' });
  const kind = current?.text === undefined ? 'created' : 'updated';
  return { change, answer: entryAnswerOf(kind, storedResource(change)) };
}

function deleteEffect(ctx: InteractionContext, key: ResourceKey, current: StoredVersion | undefined): Effect {
  if (current?.text === undefined) return { answer: { status: '204 No Content' } };
  const change = prepareDelete(ctx, key, current);
  return { change, answer: { status: '204 No Content', version: change } };
}

function nameOf(key: ResourceKey): string {
  return `${key.type}/${key.id}`;
}
