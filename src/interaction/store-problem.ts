import { Problem } from '../fhir/problem.ts';
import {
  ResourceTooLargeError,
  StoreBusyError,
  TransactionUnsupportedError,
  WriteUnknownError,
} from '../store/contract/store.ts';

/** What the store could not do, for the caller; undefined for what is no such thing. */
export function storeProblem(cause: unknown): Problem | undefined {
  // A store that cannot keep up or be reached is the server's state, not its fault: 503, and the client may try again.
  if (cause instanceof StoreBusyError) {
    return new Problem('busy', 'The store cannot take more now, or cannot be reached; try again soon', {
      cause,
    });
  }
  if (cause instanceof WriteUnknownError) {
    const text =
      'The store was lost before it answered: the write may have been kept; read before trying again';
    return new Problem('busy', text, { cause });
  }
  if (cause instanceof ResourceTooLargeError) return new Problem('too-large', cause.message, { cause });
  if (cause instanceof TransactionUnsupportedError) {
    const text =
      'This server keeps no transactions as its database is deployed: send the entries as a batch or one by one';
    return new Problem('not-supported', text, { cause });
  }
  return undefined;
}

/** Whether nothing was kept of what failed so, for sure: it may be tried again. */
export function wasRefused(thrown: unknown): boolean {
  return thrown instanceof Problem && !(thrown.cause instanceof WriteUnknownError);
}
