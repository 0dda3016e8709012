import type { ResourceKey, StoredResource } from '../store/contract/store.ts';
import type { InteractionContext } from './context.ts';

/** So many resources are looked up before others come first. */
export const lookedUpAtOnce = 50;

/** Those that are there and may be seen. */
export async function readInTurns(
  ctx: InteractionContext,
  keys: readonly ResourceKey[],
): Promise<readonly StoredResource[]> {
  const found: StoredResource[] = [];
  for (let at = 0; at < keys.length; at += lookedUpAtOnce) {
    await ctx.pace();
    found.push(...(await ctx.view.readMany(keys.slice(at, at + lookedUpAtOnce))));
  }
  return found;
}
