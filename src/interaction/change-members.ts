import { type JsonObject, withMembers } from '../fhir/fhir-json.ts';
import type { Resource } from '../fhir/resource.ts';
import type { ResourceKey } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { parseStored } from './parse-stored.ts';
import { updateResource } from './update-resource.ts';

/**
 * Sets members of a resource as it stands: all else stays as it was written, digits of numbers included. Throws 412 where
 * somebody changes it in between, so that whoever asked looks again. False: it is not there for the caller, or `change`
 * leaves it.
 */
export async function changeMembers(
  ctx: InteractionContext,
  key: ResourceKey,
  change: (resource: Resource) => JsonObject | undefined,
): Promise<boolean> {
  const there = await ctx.view.read(key);
  if (there?.text === undefined) return false;
  const { resource, exactNumbers } = parseStored({ ...there, text: there.text });
  const members = change(resource);
  if (members === undefined) return false;
  const parsed = { resource: withMembers(resource, members) as Resource, exactNumbers };
  await updateResource(ctx, key, parsed, { ifMatch: `W/"${there.versionId}"` });
  return true;
}
