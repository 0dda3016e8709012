import { Problem } from '../fhir/problem.ts';
import { StoreBusyError, type WriteOutcome } from '../store/contract/store.ts';

/** Enough for any honest crowd of writers; past it the resource is a hot spot and the client should wait. */
const maxAttempts = 50;

/**
 * Runs `attempt` until its unit is committed. An attempt reads what is there, prepares and writes; when somebody
 * else wrote in between, it is run again on what is there now.
 */
export async function commitWithRetry<Result>(
  attempt: () => Promise<{ readonly outcome: WriteOutcome; readonly result: Result }>,
): Promise<Result> {
  for (let count = 0; count < maxAttempts; count++) {
    const { outcome, result } = await unlessBusy(attempt);
    if (outcome.kind === 'committed') return result;
  }
  throw new Problem('busy', `The resource was written by others ${maxAttempts} times in a row; try again`);
}

export const nothingToWrite: WriteOutcome = { kind: 'committed' };

/** A store that cannot keep up is the server's state, not its fault: 503, and the client may try again. */
async function unlessBusy<Result>(attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (cause) {
    if (!(cause instanceof StoreBusyError)) throw cause;
    throw new Problem('busy', 'More is being written than the store can take; try again soon', { cause });
  }
}
