import type { IndexState } from './index-state.ts';

/** Milliseconds between two looks whether another process has drawn the index anew. */
const indexLookMs = 10_000;

/**
 * A stale index is mended, or made stale, by whichever process has the job; all of them must come to know. Answers what
 * ends the looking.
 */
export function watchIndex(index: IndexState, onFailure: (err: unknown) => void): () => void {
  const timer = setInterval(() => index.refresh().catch(onFailure), indexLookMs).unref();
  return () => clearInterval(timer);
}
