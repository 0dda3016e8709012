import { toLiteralReference } from '../fhir/reference.ts';
import type { ResourceType } from '../fhir/resource-type.ts';
import type { ResourceKey, StoredResource } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';
import { readInTurns } from './read-in-turns.ts';

/** As it stands in the text of a resource: the quotes of a string are escaped there, so no string looks like it. */
const references = /"reference":"([^"\\]*)"/g;

/**
 * What the resources refer to of the wanted types, in any element (also where no search parameter leads), and is not
 * among them.
 */
export async function findReferred(
  ctx: InteractionContext,
  from: readonly StoredResource[],
  wanted: ReadonlySet<ResourceType>,
): Promise<readonly StoredResource[]> {
  const known = new Set(from.map(({ type, id }) => `${type}/${id}`));
  const keys: ResourceKey[] = [];
  for (const { text } of from) {
    await ctx.pace();
    for (const [, reference = ''] of text.matchAll(references)) {
      const target = toLiteralReference(reference, ctx.baseUrl);
      if (target.kind !== 'local' || !wanted.has(target.type)) continue;
      const name = `${target.type}/${target.id}`;
      if (known.has(name)) continue;
      known.add(name);
      keys.push({ type: target.type, id: target.id });
    }
  }
  return readInTurns(ctx, keys);
}
