import type { Extension, Reference } from 'fhir/r4.js';
import type { AuthorityData } from '../../forecast/schedule-data.ts';
import { codeSystem, scheduleAuthorityExtension } from './code-systems.ts';
import type { KnowledgeBase } from './knowledge-base.ts';

/** Whose advice the answer is, as ImmunizationEvaluation and ImmunizationRecommendation name one. */
export function authorityOf({ authorities: [first] }: KnowledgeBase): Reference {
  return { identifier: identifierOf(first), display: first.name };
}

/** All of them, as ICE and its clients name them. */
export function authorityExtensions({ authorities }: KnowledgeBase): Extension[] {
  return authorities.map((each) => ({
    url: scheduleAuthorityExtension,
    valueReference: { type: 'Organization', identifier: identifierOf(each), display: each.name },
  }));
}

function identifierOf({ code }: AuthorityData) {
  return { system: codeSystem.scheduleAuthority, value: code };
}
