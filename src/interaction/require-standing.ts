import { decidingElements, isHeldByObjections } from '../access/deciding-elements.ts';
import { ownerCode, ownerSystem } from '../access/owner.ts';
import type { JsonObject, JsonValue } from '../fhir/fhir-json.ts';
import { Problem } from '../fhir/problem.ts';
import type { Resource } from '../fhir/resource.ts';
import { drawWithPauses } from '../search/draw-values.ts';
import { isBorneByOne, objectsAsLong, protectionIndicator } from '../search/reach.ts';
import type { Change, StoredVersion } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { readStoredJson } from './parse-stored.ts';
import { type PlannedStep, type WritePlan, writtenBy } from './write-plan.ts';

/**
 * Throws 403 when the caller changes what its own access, or that of others, is decided by: deciding elements are changed by
 * who sees all of their type, and an objection is ended by who sees the person all the same, or, where it is a clinic's
 * protection indicator, by that clinic.
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
  { current, resource }: PlannedStep,
): Promise<void> {
  const reach = ctx.view.reach(change.method === 'DELETE' ? 'delete' : writtenBy[change.method], 'Consent');
  if (!reach || !isHeldByObjections(reach)) return;
  const stored = await storedBefore<Resource>(ctx, current);
  if (!stored) return;
  const before = await drawWithPauses(ctx.indexResource, change, stored, ctx.pace);
  if (!before.marks.some(isBorneByOne)) return;
  if (isReportedBy(ctx, stored)) return;
  const stays = objectsAsLong(change.marks, before.marks) && !isIndicator(resource?.resource);
  if (stays && before.patients.every((id) => change.patients.includes(id))) return;
  throw decides('Consent');
}

/** HL7 v2 PD1-12: protection is what a clinic says of its own record, so that it may say otherwise. */
function isReportedBy({ caller }: InteractionContext, consent: Resource): boolean {
  if (caller.kind !== 'token' || caller.owner === undefined) return false;
  return isIndicator(consent) && has(consent.meta?.['tag'], ownerSystem, ownerCode(caller.owner));
}

function isIndicator(consent: Resource | undefined): boolean {
  const categories = (consent?.['category'] ?? []) as readonly (JsonObject | null)[];
  const { system, code } = protectionIndicator;
  return categories.some((category) => has(category?.['coding'], system, code));
}

function has(codings: JsonValue | undefined, system: string, code: string): boolean {
  if (!Array.isArray(codings)) return false;
  return (codings as readonly (JsonObject | null)[]).some(
    (coding) => coding?.['system'] === system && coding['code'] === code,
  );
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
