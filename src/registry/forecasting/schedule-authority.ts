import type { Extension, Reference } from 'fhir/r4.js';
import type { AuthorityData } from '../../forecast/schedule-data.ts';
import { codeSystem, scheduleAuthorityExtension } from './code-systems.ts';

/** Whose advice the answer is, as ImmunizationEvaluation and ImmunizationRecommendation name one. */
export function toAuthority(authority: AuthorityData): Reference {
  return { identifier: identifierOf(authority), display: authority.name };
}

/** All of them, as ICE and its clients name them. */
export function toAuthorityExtension(authority: AuthorityData): Extension {
  return {
    url: scheduleAuthorityExtension,
    valueReference: { type: 'Organization', identifier: identifierOf(authority), display: authority.name },
  };
}

function identifierOf({ code }: AuthorityData) {
  return { system: codeSystem.scheduleAuthority, value: code };
}
