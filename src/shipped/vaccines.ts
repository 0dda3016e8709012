import type { Immunization } from 'fhir/r4.js';
import { leftOut } from '../registry/deduplication/deduplicate.ts';
import type { Vaccines } from '../registry/deduplication/dose-event.ts';
import type { KnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import { cvxByOtherCodes } from '../registry/forecasting/to-dose.ts';
import { cvxOf } from './knowledge-bases.ts';

/** What the codes of vaccines mean, by the schedule that is followed. */
export function vaccinesOf({ antigensOf, displayOf }: KnowledgeBase): Vaccines {
  return {
    antigensOf: (cvx) => antigensOf(cvx) ?? [],
    cvxByOtherCodes: (dose) => cvxByOtherCodes(dose, cvxOf),
    isUnspecified: (cvx) => /unspecified|\bNOS\b/i.test(displayOf(cvx) ?? ''),
  };
}

/** Which doses of a stored record a forecast leaves out, since another tells of the same. */
export function leftOutBy(knowledgeBase: KnowledgeBase) {
  const vaccines = vaccinesOf(knowledgeBase);
  return (doses: readonly Immunization[]) => leftOut(doses, vaccines);
}
