import type { MatchingMode } from '../values/matching-mode.ts';
import type { InteractionContext } from './context.ts';

/**
 * What becomes of Patients whom the caller brings; `usual` is for who is no app: an import, or everybody on an open server. A store
 * without transactions keeps what comes, since a join, and a question, are written with it or not at all.
 */
export function matchingOfCaller({ caller, view }: InteractionContext, usual: MatchingMode): MatchingMode {
  if (!view.transactions) return 'off';
  return caller.kind === 'token' ? (caller.matching ?? 'off') : usual;
}
