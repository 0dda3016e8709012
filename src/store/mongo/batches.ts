export type Batching<Item> = {
  /** Takes the next batch out of what waits, one at least. */
  readonly take: (waiting: Item[]) => readonly Item[];
  /** Never rejects: each item is told by itself. */
  readonly send: (batch: readonly Item[]) => Promise<void>;
  /** So many batches are on their way at once; what comes meanwhile goes together. */
  readonly underWay: number;
};

/** What comes in one turn of the event loop, or while others are on their way, goes together. */
export function openBatches<Item>({ take, send, underWay: most }: Batching<Item>): (item: Item) => void {
  const waiting: Item[] = [];
  let underWay = 0;
  const next = () => {
    while (underWay < most && waiting.length > 0) {
      underWay++;
      void send(take(waiting)).finally(() => {
        underWay--;
        next();
      });
    }
  };
  return (item) => {
    waiting.push(item);
    // The others of the same turn of the event loop join the batch.
    if (waiting.length === 1) setImmediate(next);
  };
}
