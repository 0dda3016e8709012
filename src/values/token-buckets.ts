/** Who was silent may send so many seconds' worth of requests at once. */
const burstSeconds = 10;

/** So many names are remembered; past it the one that was silent the longest starts anew. */
const maxNames = 10_000;

type Bucket = { readonly tokens: number; readonly at: number };

export type TokenBuckets = {
  /** How long the name must wait, in seconds; 0 = the request may go on, and counts. */
  readonly take: (name: string) => number;
  /** Counts what the name had elsewhere. */
  readonly charge: (name: string, count: number) => void;
};

/**
 * A token bucket for each name: `perSecond` requests a second, and ten seconds' worth at once. `now` answers milliseconds
 * from any fixed moment.
 */
export function openTokenBuckets(perSecond: number, now: () => number): TokenBuckets {
  const capacity = perSecond * burstSeconds;
  const buckets = new Map<string, Bucket>();
  const tokensOf = (name: string, at: number): number => {
    const known = buckets.get(name);
    return known ? Math.min(capacity, known.tokens + ((at - known.at) / 1000) * perSecond) : capacity;
  };
  const keep = (name: string, bucket: Bucket) => {
    // The order of a Map is the order of insertion: who asked last stands last.
    buckets.delete(name);
    buckets.set(name, bucket);
    if (buckets.size > maxNames) buckets.delete(buckets.keys().next().value ?? name);
  };
  return {
    take: (name) => {
      const at = now();
      const tokens = tokensOf(name, at);
      keep(name, { tokens: tokens < 1 ? tokens : tokens - 1, at });
      return tokens < 1 ? (1 - tokens) / perSecond : 0;
    },
    charge: (name, count) => {
      const at = now();
      // A debt is never longer than the burst that made it.
      keep(name, { tokens: Math.max(tokensOf(name, at) - count, -capacity), at });
    },
  };
}
