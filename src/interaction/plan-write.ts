import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { Change, ResourceKey, StoredVersion } from '../store/contract/store.ts';
import { commit } from './commit.ts';
import type { InteractionContext } from './context.ts';
import { parseStoredInTurns } from './parse-stored.ts';
import {
  isLargeUnchanged,
  isUnchanged,
  prepareChange,
  prepareDelete,
  prepareLargeChange,
  type Target,
} from './prepare-change.ts';
import { referrerGuards } from './referrers.ts';
import { isLarge } from './resource-bounds.ts';
import {
  type Patch,
  type PlannedStep,
  unchanged,
  type WriteAnswer,
  type WriteIntent,
  type WritePlan,
} from './write-plan.ts';
import { storedResource } from './write-result.ts';
import { findTarget, type WriteTarget } from './write-target.ts';

/** An intent, the resource that it means, and what would be kept of it: of a patch what it makes. */
export type PlacedIntent = {
  readonly intent: WriteIntent;
  readonly target: WriteTarget;
  readonly parsed?: ParsedResource;
};

/** Writes one thing: a transaction of one. */
export async function writeOne(ctx: InteractionContext, intent: WriteIntent): Promise<WriteAnswer> {
  const [answer] = await commit(ctx, () => planWrite(ctx, intent));
  if (!answer) throw new Error('a write was answered with nothing');
  return answer;
}

async function planWrite(ctx: InteractionContext, intent: WriteIntent): Promise<WritePlan> {
  const placed = await placeIntent(ctx, intent);
  const planned = toStep(ctx, placed);
  const step = planned instanceof Promise ? await planned : planned;
  const { change } = step;
  if (!change) return { steps: [step], guards: [], added: [], records: [] };
  const deletes = change.method === 'DELETE' ? [change] : [];
  const guards = [...placed.target.guards, ...referrerGuards(ctx, deletes, deletes)];
  return { steps: [step], guards, added: [], records: [] };
}

export async function placeIntent(ctx: InteractionContext, intent: WriteIntent): Promise<PlacedIntent> {
  const target = await findTarget(ctx, intent);
  switch (intent.kind) {
    case 'create':
    case 'update':
      return { intent, target, parsed: intent.parsed };
    case 'patch':
      return { intent, target, parsed: await applyPatch(ctx, intent.patch, target) };
    case 'delete':
      return { intent, target };
  }
}

/** What becomes of the intent, on what is there now; of a large resource it takes several turns. */
export function toStep(ctx: InteractionContext, placed: PlacedIntent): PlannedStep | Promise<PlannedStep> {
  const { intent, target, parsed } = placed;
  const { key, found, current } = target;
  if (found) return unchanged(found);
  if (intent.kind === 'delete') return deleteStep(ctx, key, current);
  if (!key || !parsed) throw new Error(`a ${intent.kind} has no resource to write`);
  const place: Target = { type: key.type, id: key.id, method: methods[intent.kind], current };
  const made = intent.kind === 'update' && !current ? intent.ahead?.() : undefined;
  if (made) return stepOf(parsed, place, made);
  if (isLarge(parsed.resource)) return toLargeStep(ctx, parsed, place);
  if (current && isUnchanged(ctx, parsed, current)) return unchanged(storedResource(current));
  return stepOf(parsed, place, changeOf(ctx, parsed, place));
}

async function toLargeStep(
  ctx: InteractionContext,
  parsed: ParsedResource,
  place: Target,
): Promise<PlannedStep> {
  const { current, method } = place;
  if (current && (await isLargeUnchanged(ctx, parsed, current))) return unchanged(storedResource(current));
  const prepared = prepareLargeChange(ctx, parsed, place);
  return stepOf(parsed, place, await (method === 'PATCH' ? prepared.catch(refuseUnprocessable) : prepared));
}

function stepOf(resource: ParsedResource, { current }: Target, change: Change): PlannedStep {
  const kind = current?.text === undefined ? 'created' : 'updated';
  const answer = { kind, version: storedResource(change) } as const;
  return current ? { change, resource, answer, current } : { change, resource, answer };
}

const methods = { create: 'POST', update: 'PUT', patch: 'PATCH' } as const;

function changeOf(ctx: InteractionContext, parsed: ParsedResource, target: Target): Change {
  if (target.method !== 'PATCH') return prepareChange(ctx, parsed, target);
  return requireProcessable(() => prepareChange(ctx, parsed, target));
}

function deleteStep(
  ctx: InteractionContext,
  key: ResourceKey | undefined,
  current: StoredVersion | undefined,
): PlannedStep {
  if (!key || current?.text === undefined) return { answer: { kind: 'deleted' } };
  const change = prepareDelete(ctx, key, current);
  return { change, current, answer: { kind: 'deleted', version: change } };
}

/** R4 http.html#patch: the result is judged as an update would be; id and type stay. */
async function applyPatch(
  { pace }: InteractionContext,
  patch: Patch,
  { key, current }: WriteTarget,
): Promise<ParsedResource> {
  if (!key || !current) throw new Error('a patch has no resource to change');
  const stored = await parseStoredInTurns(storedResource(current), pace);
  await pace();
  const patched = patch(stored);
  // A patch is worked on at a stretch.
  await pace();
  const { resourceType, id } = patched.resource;
  if (resourceType === key.type && id === key.id) return patched;
  throw new Problem('business-rule', 'A patch must leave resourceType and id as they are', {
    expression: `${key.type}.id`,
  });
}

function requireProcessable<Result>(prepare: () => Result): Result {
  try {
    return prepare();
  } catch (thrown) {
    return refuseUnprocessable(thrown);
  }
}

/** R4 http.html#patch: the body was read, so what it makes of the resource is 422 where an update would be 400. */
function refuseUnprocessable(thrown: unknown): never {
  if (!(thrown instanceof Problem) || thrown.kind !== 'invalid-content') throw thrown;
  throw new Problem('invalid-value', thrown.message, { cause: thrown, issues: thrown.issues });
}
