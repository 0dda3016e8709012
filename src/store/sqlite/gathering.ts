/** How long writes wait for others that are likely to come, so that one commit serves more of them. */
export type Gathering = {
  /** Milliseconds for which so many are to wait for more; 0: they are committed. */
  readonly pauseFor: (waiting: number, now: number) => number;
  /** Tells of a commit that has just been answered. */
  readonly committed: (commit: {
    readonly answered: number;
    /** How many came while it was made. */
    readonly waiting: number;
    readonly tookMs: number;
    readonly now: number;
  }) => void;
};

/** A commit of so many costs each of them hardly more than a larger one: then nobody waits. */
const enough = 32;
/** However slow the disk is. */
const longestPauseMs = 5;

/**
 * Who was answered by one commit often writes again at once. Without a pause two crowds form, each committed while the other
 * is answered, and each pays for the flush and for the pages that all touch. What waits is given half the time of the last
 * commit, counted from its end, until as many have come as were answered by it and waited behind it. Who writes alone, or
 * comes later, waits for nobody.
 */
export function openGathering(): Gathering {
  let expected = 0;
  let until = 0;
  return {
    pauseFor: (waiting, now) => (waiting >= expected ? 0 : Math.max(0, until - now)),
    committed: ({ answered, waiting, tookMs, now }) => {
      expected = Math.min(enough, answered + waiting);
      until = now + Math.min(longestPauseMs, tookMs / 2);
    },
  };
}
