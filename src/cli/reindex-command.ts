import { type ResourceType, resourceTypes } from '../fhir/resource-type.ts';
import type { Registry } from '../interaction/context.ts';
import { parseStored } from '../interaction/parse-stored.ts';
import { drawValues } from '../search/draw-values.ts';
import type { Store, StoredResource } from '../store/contract/store.ts';
import { placeVersions } from './place-versions.ts';
import { createProgress } from './progress.ts';

const pageSize = 500;

/**
 * `jenner reindex`: draws the index values of every resource anew, after search-params/ has changed, and says of versions of
 * an earlier release whom they concern. A resource that is written meanwhile is left as it is: whoever wrote it has drawn
 * them with the new definitions or a second run will.
 */
export async function runReindex(
  registry: Registry,
  store: Store,
  output: NodeJS.WriteStream,
): Promise<number> {
  const progress = createProgress(output, registry.clock.now);
  const started = registry.clock.now();
  let done = 0;
  let moved = 0;
  for (const type of resourceTypes) {
    const total = await store.count([type], { kind: 'and', of: [] });
    if (total === 0) continue;
    progress.start(type, total);
    let ofType = 0;
    for await (const page of pagesOf(store, type)) {
      const kept = await Promise.all(page.map((resource) => reindexOne(registry, store, resource)));
      moved += kept.filter((isKept) => !isKept).length;
      ofType += page.length;
      progress.update(ofType, `${ofType} of ${total}`);
    }
    progress.stop();
    done += ofType;
  }
  await placeVersions(registry, store);
  const seconds = Math.max(1, registry.clock.now() - started) / 1000;
  const others = moved > 0 ? `; ${moved} were written by others meanwhile, run it again` : '';
  output.write(`reindexed ${done} resources (${seconds.toFixed(1)} s)${others}\n`);
  return moved > 0 ? 1 : 0;
}

async function* pagesOf(store: Store, type: ResourceType): AsyncGenerator<readonly StoredResource[]> {
  let after: string | undefined;
  do {
    const page = await store.scan({ type, count: pageSize, ...(after !== undefined && { after }) });
    yield page.matches;
    after = page.next;
  } while (after !== undefined);
}

async function reindexOne(registry: Registry, store: Store, stored: StoredResource): Promise<boolean> {
  const { resource } = parseStored(stored);
  const { type, id, versionId } = stored;
  return store.reindex({ type, id, versionId, ...drawValues(registry.indexResource, stored, resource) });
}
