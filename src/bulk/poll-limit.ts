/** How often the state of an export may be asked for. */
export type PollLimit = {
  /** Seconds after which to ask again; 0 = now is right. */
  readonly take: (id: string) => number;
  readonly forget: (id: string) => void;
};

/** Questions at once, and a second. */
const burst = 50;
const perSecond = 5;
const mostKnown = 10_000;

/** Each server counts for itself: whoever asks several in turn is answered more often, and harms nobody. */
export function openPollLimit(now: () => number): PollLimit {
  const known = new Map<string, { left: number; at: number }>();
  return {
    take: (id) => {
      const at = now();
      if (known.size >= mostKnown && !known.has(id)) known.clear();
      const one = known.get(id) ?? { left: burst, at };
      one.left = Math.min(burst, one.left + ((at - one.at) / 1000) * perSecond);
      one.at = at;
      known.set(id, one);
      if (one.left < 1) return 1;
      one.left--;
      return 0;
    },
    forget: (id) => void known.delete(id),
  };
}
