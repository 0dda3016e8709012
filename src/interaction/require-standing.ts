import { decidingElements, isHeldByObjections } from '../access/deciding-elements.ts';
import type { JsonObject } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { drawWithPauses } from '../search/draw-values.ts';
import { objectionMark } from '../search/reach.ts';
import type { Change, StoredVersion } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { readStoredJson } from './parse-stored.ts';
import { type PlannedStep, type WritePlan, writtenBy } from './write-plan.ts';

/**
 * Throws 403 when the caller changes what its own access, or that of others, is decided by: deciding elements are changed by
 * who sees all of their type, and an objection is ended by who sees the person all the same.
 */
export async function requireStanding(ctx: InteractionContext, { steps }: WritePlan): Promise<void> {
  if (ctx.caller.kind !== 'token') return;
  for (const step of steps) {
    const { change, current } = step;
    if (!change || !current) continue;
    await requireElements(ctx, change, step);
    if (change.type === 'Consent') await requireObjection(ctx, change, step);
  }
}

async function requireElements(
  ctx: InteractionContext,
  change: Change,
  { resource, current }: PlannedStep,
): Promise<void> {
  const elements = decidingElements(change.type);
  if (elements.length === 0 || change.method === 'DELETE' || !resource) return;
  if (!ctx.view.reach(writtenBy[change.method], change.type)) return;
  // What a deleted one said is not known: who could write it anew could say anything.
  const before = await storedBefore<JsonObject>(ctx, current);
  for (const { path, of } of elements) {
    const isSame = before && JSON.stringify(of(before)) === JSON.stringify(of(resource.resource));
    if (!isSame) throw decides(path);
  }
}

async function requireObjection(
  ctx: InteractionContext,
  change: Change,
  { current }: PlannedStep,
): Promise<void> {
  const reach = ctx.view.reach(change.method === 'DELETE' ? 'delete' : writtenBy[change.method], 'Consent');
  if (!reach || !isHeldByObjections(reach)) return;
  const stored = await storedBefore<Resource>(ctx, current);
  if (!stored) return;
  const before = await drawWithPauses(ctx.indexResource, change, stored, ctx.pace);
  if (!before.marks.includes(objectionMark)) return;
  const stays = change.marks.includes(objectionMark);
  if (stays && before.patients.every((id) => change.patients.includes(id))) return;
  throw decides('Consent');
}

async function storedBefore<Kind>(
  ctx: InteractionContext,
  current: StoredVersion | undefined,
): Promise<Kind | undefined> {
  const text = current?.text;
  return text === undefined ? undefined : readStoredJson<Kind>({ text }, ctx.pace);
}

function decides(path: string): Problem {
  const text = `${path} decides who sees what: this access token does not allow to change it`;
  return new Problem('forbidden', text, { expression: path });
}
