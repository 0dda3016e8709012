import { decidingElements, isHeldByObjections } from '../access/deciding-elements.ts';
import type { JsonObject } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { drawValues } from '../search/draw-values.ts';
import { objectionMark } from '../search/reach.ts';
import type { Change } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { type PlannedStep, type WritePlan, writtenBy } from './write-plan.ts';

/**
 * Throws 403 when the caller changes what its own access, or that of others, is decided by: deciding elements are changed by
 * who sees all of their type, and an objection is ended by who sees the person all the same.
 */
export function requireStanding(ctx: InteractionContext, { steps }: WritePlan): void {
  if (ctx.caller.kind !== 'token') return;
  for (const step of steps) {
    const { change, current } = step;
    if (!change || !current) continue;
    requireElements(ctx, change, step);
    if (change.type === 'Consent') requireObjection(ctx, change, step);
  }
}

function requireElements(ctx: InteractionContext, change: Change, { resource, current }: PlannedStep): void {
  const elements = decidingElements(change.type);
  if (elements.length === 0 || change.method === 'DELETE' || !resource) return;
  if (!ctx.view.reach(writtenBy[change.method], change.type)) return;
  // What a deleted one said is not known: who could write it anew could say anything.
  const before = current?.text === undefined ? undefined : (JSON.parse(current.text) as JsonObject);
  for (const { path, of } of elements) {
    const isSame = before && JSON.stringify(of(before)) === JSON.stringify(of(resource.resource));
    if (!isSame) throw decides(path);
  }
}

function requireObjection(ctx: InteractionContext, change: Change, { current }: PlannedStep): void {
  if (current?.text === undefined) return;
  const reach = ctx.view.reach(change.method === 'DELETE' ? 'delete' : writtenBy[change.method], 'Consent');
  if (!reach || !isHeldByObjections(reach)) return;
  const before = drawValues(ctx.indexResource, change, JSON.parse(current.text) as Resource);
  if (!before.marks.includes(objectionMark)) return;
  const stays = change.marks.includes(objectionMark);
  if (stays && before.patients.every((id) => change.patients.includes(id))) return;
  throw decides('Consent');
}

function decides(path: string): Problem {
  const text = `${path} decides who sees what: this access token does not allow to change it`;
  return new Problem('forbidden', text, { expression: path });
}
