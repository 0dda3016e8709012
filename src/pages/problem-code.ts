import type { ProblemCode } from './auth-pages.ts';

/** What a page says of a status that it has no words of its own for: whose fault it is, and what helps. */
export function problemCodeOf(status: number): ProblemCode {
  if (status === 429 || status === 503) return 'busy';
  return status < 500 ? 'unreadable' : 'failed';
}
