import { Problem } from '../../fhir/problem.ts';
import type { ResourceType } from '../../fhir/resource-type.ts';
import { type InteractionContext, requireAccess, type StoredResource } from '../../interaction/context.ts';
import { readResource } from '../../interaction/read-resource.ts';
import type { Filter } from '../../search/filter.ts';
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
  const missing = types.filter((type) => !isWhole(ctx, type)).map((type) => `${type}.s`);
  if (isOutside(ctx, 'read', 'Patient')) throw outsideScopes(['Patient.r', ...missing]);
  const patient = await readResource(ctx, { type: 'Patient', id });
  if (missing.length > 0) throw outsideScopes(missing);
  return patient;
}

function outsideScopes(missing: readonly string[]): Problem {
  const lacks = 'the access token has no scope, or one for a part alone, for';
  const text = `A forecast rests on the whole record: ${lacks} ${missing.join(', ')}`;
  return new Problem('forbidden', text, { isOutsideScopes: true });
}

function isWhole(ctx: InteractionContext, type: ResourceType): boolean {
  if (isOutside(ctx, 'search-type', type)) return false;
  const reach = ctx.view.reach('search-type', type);
  return reach === undefined || !isPart(reach);
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

/** Whether it takes of one person's resources some and leaves others, as the query part of a scope does. */
function isPart(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.some(isPart);
    case 'or':
      return filter.of.length > 0 && filter.of.every(isPart);
    case 'not':
      return isPart(filter.of);
    case 'value':
      // Whose it is: of who objects to sharing everybody sees their own part, and no scope helps.
      return filter.param !== '_tag';
    case 'present':
    case 'lastUpdated':
    case 'chain':
    case 'has':
      return true;
    case 'id':
    case 'type':
    case 'concerns':
    case 'reach':
      return false;
  }
}
