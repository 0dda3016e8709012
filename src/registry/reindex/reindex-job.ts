import { type ResourceType, resourceTypes } from '../../fhir/resource-type.ts';
import type { ServerContext } from '../../interaction/context.ts';
import { parseStoredInTurns } from '../../interaction/parse-stored.ts';
import type { JobKind, JobWork } from '../../job/job-work.ts';
import { drawWithPauses } from '../../search/draw-values.ts';
import { everything } from '../../search/filter.ts';
import type { Store, StoredResource } from '../../store/contract/store.ts';
import { nextTurn } from '../../values/turns.ts';
import type { IndexState } from './index-state.ts';
import { placeVersions } from './place-versions.ts';

/** One at a time: two of them would do the same. */
export const reindexJobId = 'reindex';

/**
 * Where a run ended: the types before are done, and of this one all up to the cursor, as `definition` said. Another start of
 * the program may define it otherwise: then the type is begun anew.
 */
type Checkpoint = {
  readonly type: ResourceType;
  readonly after?: string;
  readonly definition?: string;
  readonly done: number;
};

export type ReindexOptions = {
  readonly store: Store;
  readonly context: Pick<ServerContext, 'indexResource'>;
  readonly index: IndexState;
  /** Told of every page. */
  readonly note?: (type: ResourceType, done: number, total: number) => void;
};

const pageSize = 500;

/**
 * Draws the values of every resource anew, while others read and write, and says of versions of an earlier release whom
 * they concern. The input `{ "changed": true }` leaves out types whose index is as it is drawn.
 */
export function reindexJob(options: ReindexOptions): JobKind {
  return { kind: 'reindex', resumes: true, run: (work) => reindexAll(options, work) };
}

async function reindexAll(options: ReindexOptions, work: JobWork) {
  const { store, index, context } = options;
  const from = work.checkpoint as Checkpoint | undefined;
  const { changed } = work.job.input as { readonly changed: boolean };
  const begun = from ? resourceTypes.indexOf(from.type) : 0;
  await index.refresh();
  let done = from?.done ?? 0;
  for (const [place, type] of resourceTypes.entries()) {
    // What was begun is ended; what is stale since then is drawn too, though it stands before the checkpoint.
    const isLeft = place === begun ? from !== undefined || !changed : place > begun && !changed;
    if (!isLeft && !index.pending().includes(type)) continue;
    const definition = index.definitionOf(type);
    const goesOn = type === from?.type && from.definition === definition && from.after !== undefined;
    done = await reindexType(options, work, { type, definition, done, ...(goesOn && { after: from.after }) });
    await index.built(type);
  }
  const placed = await placeVersions(context, store, (versions) => {
    work.signal.throwIfAborted();
    work.progress({ done: done + versions, note: 'resources and old versions' });
  });
  return { resources: done, versions: placed };
}

async function reindexType(options: ReindexOptions, work: JobWork, from: Checkpoint): Promise<number> {
  const { store, context, note } = options;
  const { type, definition } = from;
  let { after, done } = from;
  const total = await store.count([type], everything);
  let ofType = 0;
  do {
    work.signal.throwIfAborted();
    const page = await store.scan({ type, count: pageSize, ...(after !== undefined && { after }) });
    await Promise.all(page.matches.map((resource) => reindexOne(store, context, resource)));
    done += page.matches.length;
    ofType += page.matches.length;
    after = page.next;
    work.progress({ done, note: 'resources' });
    note?.(type, ofType, total);
    if (after !== undefined) await work.keep({ type, after, definition, done });
  } while (after !== undefined);
  return done;
}

/** Whoever wrote a newer version may have drawn it by older definitions, so that one is drawn anew too. */
async function reindexOne(
  store: Store,
  { indexResource }: ReindexOptions['context'],
  stored: StoredResource,
): Promise<void> {
  let current: StoredResource | undefined = stored;
  while (current) {
    const { type, id, versionId }: StoredResource = current;
    const { resource } = await parseStoredInTurns(current, nextTurn);
    const drawn = await drawWithPauses(indexResource, current, resource, nextTurn);
    if (await store.reindex({ type, id, versionId, ...drawn })) return;
    const [next] = await store.readMany([{ type, id }]);
    // A version that cannot be drawn again has been deleted in between.
    current = next && next.versionId > versionId ? next : undefined;
  }
}
