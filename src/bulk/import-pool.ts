/** So many writes are under way at once: enough that the store has the next batch while it commits one, few enough for memory. */
const usualWidth = 1024;

/** Enough that a store that is open for loading gathers the next commit beside the one that it makes. */
export const loadingWidth = 8192;

export type ImportPool = {
  /** Waits for a free place, then starts the work. Rejects with the first failure of earlier work. */
  readonly run: (work: () => Promise<void>) => Promise<void>;
  /** Runs work on one resource after the work on it that came before, so that the last line of a file wins. */
  readonly inTurn: <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
  /** Resolves when nothing is under way. */
  readonly drain: () => Promise<void>;
};

export function createImportPool(width = usualWidth): ImportPool {
  const turns = new Map<string, Promise<unknown>>();
  const failures: unknown[] = [];
  let active = 0;
  let wake: (() => void) | undefined;
  const untilAtMost = async (most: number) => {
    while (active > most) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failures.length > 0) throw failures[0];
  };
  const settle = () => {
    active--;
    wake?.();
  };
  return {
    run: async (work) => {
      await untilAtMost(width - 1);
      active++;
      void work()
        .catch((failure: unknown) => void failures.push(failure))
        .finally(settle);
    },
    inTurn: async (key, work) => {
      const before = turns.get(key);
      // How the earlier work ended is told where it was started.
      const mine = before === undefined ? work() : before.catch(() => undefined).then(work);
      turns.set(key, mine);
      try {
        return await mine;
      } finally {
        if (turns.get(key) === mine) turns.delete(key);
      }
    },
    drain: () => untilAtMost(0),
  };
}
