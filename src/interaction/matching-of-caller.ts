import type { Caller } from '../access/caller.ts';
import type { MatchingMode } from '../values/matching-mode.ts';

/** What becomes of Patients whom the caller brings; `usual` is for who is no app: an import, or everybody on an open server. */
export function matchingOfCaller(caller: Caller, usual: MatchingMode): MatchingMode {
  return caller.kind === 'token' ? (caller.matching ?? 'off') : usual;
}
