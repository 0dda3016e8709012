export type InPlace = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** So many at once; who comes later is let in, in the order they came, as others end. */
export function openPlaces(count: number): InPlace {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place is handed over, so that nobody who comes meanwhile takes it.
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
