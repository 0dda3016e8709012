/** So many writes are under way at once: enough that the store has the next batch while it commits one, few enough for memory. */
const width = 1024;

export type ImportPool = {
  /** Waits for a free place, then starts the work. Rejects with the first failure of earlier work. */
  readonly run: (work: () => Promise<void>) => Promise<void>;
  /** Runs work on one resource after the work on it that came before, so that the last line of a file wins. */
  readonly inTurn: <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
  /** Resolves when nothing is under way. */
  readonly drain: () => Promise<void>;
};

export function createImportPool(): ImportPool {
  const active = new Set<Promise<void>>();
  const turns = new Map<string, Promise<unknown>>();
  const failures: unknown[] = [];
  const throwFailure = () => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    run: async (work) => {
      while (active.size >= width) await Promise.race(active);
      throwFailure();
      const task = work().catch((failure: unknown) => void failures.push(failure));
      active.add(task);
      void task.finally(() => active.delete(task));
    },
    inTurn: async (key, work) => {
      const before = turns.get(key);
      const mine = (async () => {
        // How the earlier work ended is told where it was started.
        await before?.catch(() => undefined);
        return work();
      })();
      turns.set(key, mine);
      try {
        return await mine;
      } finally {
        if (turns.get(key) === mine) turns.delete(key);
      }
    },
    drain: async () => {
      await Promise.all(active);
      throwFailure();
    },
  };
}
