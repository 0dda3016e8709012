import { createHash } from 'node:crypto';
import { Problem } from '../fhir/problem.ts';
import type { ParsedResource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { requireKeptType } from '../interaction/prepare-change.ts';
import { resolveConditionalReferences } from '../interaction/resolve-references.ts';
import { updateResource } from '../interaction/update-resource.ts';
import { requireResourceId } from '../interaction/write-target.ts';
import { parseResourceId, type ResourceId } from '../values/resource-id.ts';
import type { ImportPool } from './import-pool.ts';

export type Imported = 'created' | 'updated' | 'unchanged';

/**
 * Writes one resource under its own id. A resource without one gets an id drawn from where it stands, so that
 * importing the same place again finds it instead of making a second.
 */
export async function importParsed(
  ctx: InteractionContext,
  parsed: ParsedResource,
  place: string,
  inTurn: ImportPool['inTurn'],
): Promise<Imported> {
  const type = requireKeptType(parsed.resource);
  const id = parsed.resource.id === undefined ? placeId(place) : requireResourceId(parsed.resource);
  const resolved = await resolveConditionalReferences(ctx, parsed.resource);
  const resource = resolved.id === id ? resolved : { ...resolved, id };
  const named = resource === parsed.resource ? parsed : { ...parsed, resource };
  const result = await inTurn(`${type}/${id}`, () => updateResource(ctx, { type, id }, named));
  return result.kind;
}

export function placeId(place: string): ResourceId {
  const id = parseResourceId(createHash('sha256').update(place).digest('hex').slice(0, 32));
  if (id === undefined) throw new Problem('invalid-content', 'No id could be made');
  return id;
}
