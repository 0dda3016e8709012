import { Problem } from '../../fhir/problem.ts';
import type { ResourceType } from '../../fhir/resource-type.ts';
import { type InteractionContext, requireAccess, type StoredResource } from '../../interaction/context.ts';
import { readResource } from '../../interaction/read-resource.ts';
import { typesInPart } from '../../interaction/whole-person.ts';
import { takesPart } from '../../search/takes-part.ts';
import type { ResourceId } from '../../values/resource-id.ts';

/**
 * Reads the Patient; throws 403 `insufficient_scope` when the caller's scopes leave out a part of what a forecast rests on, and
 * names all that is missing: who is told what is due on less than is known may be told to vaccinate where it must not be
 * done. Whom the caller does not see is 404 before that.
 */
export async function readForWholeRecord(
  ctx: InteractionContext,
  id: ResourceId,
  types: readonly ResourceType[],
): Promise<StoredResource> {
  const missing = missingFor(ctx, types);
  if (isOutside(ctx, 'read', 'Patient')) throw outsideScopes(['Patient.r', ...missing]);
  const patient = await readResource(ctx, { type: 'Patient', id });
  if (missing.length > 0) throw outsideScopes(missing);
  await requireOfAll(ctx, [patient.id], types);
  return patient;
}

/** The same for many persons, none of whom is read yet. */
export function requireWholeRecords(ctx: InteractionContext, types: readonly ResourceType[]): void {
  const patient = isOutside(ctx, 'read', 'Patient') ? ['Patient.r'] : [];
  const missing = [...patient, ...missingFor(ctx, types)];
  if (missing.length > 0) throw outsideScopes(missing);
}

function missingFor(ctx: InteractionContext, types: readonly ResourceType[]): readonly string[] {
  return types.filter((type) => !isWhole(ctx, type)).map((type) => `${type}.s`);
}

/** What scopes have of somebody, they may not have of each of these, who are seen. */
export async function requireOfAll(
  ctx: InteractionContext,
  patients: readonly ResourceId[],
  types: readonly ResourceType[],
): Promise<void> {
  const inPart = await typesInPart(ctx, 'search-type', types, patients);
  if (inPart.length > 0) throw outsideScopes(inPart.map((type) => `${type}.s`));
}

function outsideScopes(missing: readonly string[]): Problem {
  const lacks = 'the access token has no scope, or one for a part alone, for';
  const text = `A forecast rests on the whole record: ${lacks} ${missing.join(', ')}`;
  return new Problem('forbidden', text, { isOutsideScopes: true });
}

function isWhole(ctx: InteractionContext, type: ResourceType): boolean {
  if (isOutside(ctx, 'search-type', type)) return false;
  const reach = ctx.view.reach('search-type', type);
  return reach === undefined || !takesPart(reach);
}

function isOutside(
  ctx: InteractionContext,
  interaction: 'read' | 'search-type',
  type: ResourceType,
): boolean {
  try {
    requireAccess(ctx, interaction, type);
    return false;
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.isOutsideScopes) return true;
    throw thrown;
  }
}
