import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { parseStored } from '../interaction/parse-stored.ts';
import type { StoredResource } from '../store/contract/store.ts';
import { drawValues } from './draw-values.ts';
import { placeVersions } from './place-versions.ts';
import { createProgress } from './progress.ts';

const pageSize = 500;

/**
 * `jenner reindex`: draws the index values of every resource anew, after search-params/ has changed, and says of versions of
 * an earlier release whom they concern. A resource that is written meanwhile is left as it is: whoever wrote it has drawn
 * them with the new definitions or a second run will.
 */
export async function runReindex(ctx: InteractionContext, output: NodeJS.WriteStream): Promise<number> {
  const progress = createProgress(output, ctx.clock.now);
  const started = ctx.clock.now();
  let done = 0;
  let moved = 0;
  for (const type of resourceTypes) {
    const total = await ctx.store.count([type], { kind: 'and', of: [] });
    if (total === 0) continue;
    progress.start(type, total);
    let ofType = 0;
    for await (const page of pagesOf(ctx, type)) {
      const kept = await Promise.all(page.map((resource) => reindexOne(ctx, resource)));
      moved += kept.filter((isKept) => !isKept).length;
      ofType += page.length;
      progress.update(ofType, `${ofType} of ${total}`);
    }
    progress.stop();
    done += ofType;
  }
  await placeVersions(ctx);
  const seconds = Math.max(1, ctx.clock.now() - started) / 1000;
  const others = moved > 0 ? `; ${moved} were written by others meanwhile, run it again` : '';
  output.write(`reindexed ${done} resources (${seconds.toFixed(1)} s)${others}\n`);
  return moved > 0 ? 1 : 0;
}

async function* pagesOf(
  ctx: InteractionContext,
  type: ResourceType,
): AsyncGenerator<readonly StoredResource[]> {
  let after: string | undefined;
  do {
    const page = await ctx.store.scan({ type, count: pageSize, ...(after !== undefined && { after }) });
    yield page.matches;
    after = page.next;
  } while (after !== undefined);
}

async function reindexOne(ctx: InteractionContext, stored: StoredResource): Promise<boolean> {
  const { resource } = parseStored(stored);
  const { type, id, versionId } = stored;
  return ctx.store.reindex({ type, id, versionId, ...drawValues(ctx.indexResource, stored, resource) });
}
