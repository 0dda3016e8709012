import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { atEntry, parseEntry } from '../interaction/parse-bundle.ts';
import { requireValid } from '../interaction/require-valid.ts';

export type EntryFault = { readonly index: number; readonly problem: Problem };

/** What is wrong with each entry of a transaction by itself: the transaction is refused at the first, and names no other. */
export function entryFaults(ctx: InteractionContext, entries: readonly unknown[]): readonly EntryFault[] {
  return entries.flatMap((entry, index) => {
    try {
      atEntry(index, () => {
        const { method, resource } = parseEntry(entry, index, ctx.baseUrl);
        if (resource && method !== 'PATCH') requireValid(ctx, resource);
      });
      return [];
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return [{ index, problem: thrown }];
    }
  });
}
