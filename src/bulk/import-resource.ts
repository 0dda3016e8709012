import type { ParsedResource } from '../fhir/resource.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseLater } from '../interaction/parse-body.ts';
import { placeId } from '../interaction/place-id.ts';
import type { Ahead } from '../interaction/prepare-ahead.ts';
import { requireKeptType } from '../interaction/prepare-change.ts';
import { resolveConditionalReferences } from '../interaction/resolve-references.ts';
import { updateAhead, updateResource } from '../interaction/update-resource.ts';
import { requireResourceId } from '../interaction/write-target.ts';
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
  const { kind } = await inTurn(`${type}/${id}`, async () => {
    const resolved = await resolveConditionalReferences(ctx, parsed.resource);
    const resource = resolved.id === id ? resolved : { ...resolved, id };
    const named = resource === parsed.resource ? parsed : { ...parsed, resource };
    return updateResource(ctx, { type, id }, named);
  });
  return kind;
}

/** The same of a line that was prepared in another thread. */
export async function importAhead(
  ctx: InteractionContext,
  ahead: Ahead,
  text: string,
  inTurn: ImportPool['inTurn'],
): Promise<Imported> {
  const { type, id } = ahead;
  return (await inTurn(`${type}/${id}`, () => updateAhead(ctx, ahead, parseLater(text)))).kind;
}
