import { Problem } from '../fhir/problem.ts';
import type { WriteOutcome } from '../store/contract/store.ts';
import { storeProblem } from './store-problem.ts';

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
    const { outcome, result } = await refusedAsProblem(attempt);
    if (outcome.kind === 'committed') return result;
  }
  throw new Problem('busy', `The resource was written by others ${maxAttempts} times in a row; try again`);
}

export const nothingToWrite: WriteOutcome = { kind: 'committed' };

async function refusedAsProblem<Result>(attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (cause) {
    throw storeProblem(cause) ?? cause;
  }
}
