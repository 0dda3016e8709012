import type { GuideDocument } from './guide-document.ts';
import type { KnownCode } from './known-code.ts';
import { compileDecisions, type DecisionRow, type LocalDecisions } from './local-decision.ts';
import { compileGuide, type Profile } from './profile.ts';

/** CDC's guide, compiled: its profiles by id, and what this registry decides beside it. */
export type Guide = {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly decisions: LocalDecisions;
};

export function openGuide(
  document: GuideDocument & { readonly decisions: readonly DecisionRow[] },
  known: KnownCode,
): Guide {
  return { profiles: compileGuide(document, known), decisions: compileDecisions(document.decisions) };
}
