import type { Collection } from 'mongodb';
import { type HistoryDocument, type ResourceDocument, toHistory } from './documents.ts';
import { isDuplicateKey } from './store-errors.ts';

export type Archive = {
  /** Moves the version that the document replaced to the history; may be done twice, by anybody, with the same end. */
  readonly move: (document: ResourceDocument) => Promise<void>;
  /** The same behind the back of the writer, who has kept it in the document already. */
  readonly moveLater: (document: ResourceDocument) => Promise<void>;
  /** Resolves when nothing is under way. */
  readonly drain: () => Promise<void>;
};

/** Past it writers wait: updates must not come faster than they are put away. */
const mostUnderWay = 256;

export function openArchive(
  resources: Collection<ResourceDocument>,
  history: Collection<HistoryDocument>,
): Archive {
  const underWay = new Set<Promise<void>>();
  const move = async (document: ResourceDocument) => {
    const entry = toHistory(document);
    if (!entry) return;
    await keepHistory(history, entry);
    const { _id, version, patient } = document;
    await resources.updateOne({ _id, version, patient }, { $unset: { previous: 1 } });
  };
  return {
    move,
    moveLater: async (document) => {
      while (underWay.size >= mostUnderWay) await Promise.race(underWay);
      // Whoever writes the resource next moves it first, so a failure here loses nothing.
      const task = move(document).catch(() => undefined);
      underWay.add(task);
      void task.finally(() => underWay.delete(task));
    },
    drain: async () => {
      await Promise.all(underWay);
    },
  };
}

/** A history entry never changes: whoever comes second leaves it. */
async function keepHistory(history: Collection<HistoryDocument>, entry: HistoryDocument): Promise<void> {
  const { _id, patient, ...rest } = entry;
  try {
    await history.updateOne({ _id, patient }, { $setOnInsert: rest }, { upsert: true });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
