import type { Coding } from 'fhir/r4.js';
import type { InteractionContext } from '../interaction/context.ts';
import { leftOut } from '../registry/deduplication/deduplicate.ts';
import type { Vaccines } from '../registry/deduplication/dose-event.ts';
import { deduplicateStored } from '../registry/deduplication/dose-reviews.ts';
import { reviewDoses } from '../registry/deduplication/review-doses.ts';
import type { KnowledgeBase } from '../registry/forecasting/knowledge-base.ts';
import { cvxByOtherCodes, cvxOfCodings } from '../registry/forecasting/to-dose.ts';
import type { LeftOut } from '../registry/forecasting/without-repeated.ts';
import { remember } from '../values/remember.ts';
import type { ResourceId } from '../values/resource-id.ts';
import { cvxOf, shippedSchedules } from './knowledge-bases.ts';
import { once } from './package-files.ts';

/** What the codes of vaccines mean, by the schedule that is followed. */
export function vaccinesOf({ antigensOf, displayOf }: KnowledgeBase): Vaccines {
  const known = (cvx: string): KnownVaccine => ({
    antigens: new Set(antigensOf(cvx)),
    isUnspecified: /unspecified|\bNOS\b/i.test(displayOf(cvx) ?? ''),
  });
  const vaccineOf = remember(codesKept, known);
  return {
    antigensOf: (cvx) => vaccineOf(cvx).antigens,
    cvxByOtherCodes: (dose) => cvxByOtherCodes(dose, cvxOf),
    isUnspecified: (cvx) => vaccineOf(cvx).isUnspecified,
  };
}

type KnownVaccine = { readonly antigens: ReadonlySet<string>; readonly isUnspecified: boolean };

/** CVX has some three hundred; senders make up more. */
const codesKept = 1000;

/** The same by the newest schedule that ships: what a code is against hardly differs from one to the next. */
export const shippedVaccines = once(() => vaccinesOf(shippedSchedules()[0]));

/** The one CVX code that codings stand for, and its name. */
export const shippedVaccineCodes = {
  cvxOf: (coding: readonly Coding[]) => cvxOfCodings(coding, cvxOf),
  nameOf: (cvx: string) => shippedSchedules()[0].displayOf(cvx),
};

/** Asks of the doses of a person which of them are one. */
export function doseReviewer() {
  return (ctx: InteractionContext, patientId: ResourceId) => reviewDoses(ctx, patientId, shippedVaccines());
}

/** Which doses of a stored record a forecast leaves out, since another tells of the same. */
export function leftOutBy(knowledgeBase: KnowledgeBase): LeftOut {
  const vaccines = vaccinesOf(knowledgeBase);
  return async (ctx, patientId, doses) =>
    leftOut(doses, await deduplicateStored(ctx, patientId, doses, vaccines));
}
