import type { EpochDay } from '../values/epoch-day.ts';
import type { ForecastReason, SeriesStatus } from './forecast-result.ts';

export type NeedFacts = {
  readonly isImmune: boolean;
  readonly isContraindicated: boolean;
  /** A target dose is not satisfied. */
  readonly hasTarget: boolean;
  readonly hasSatisfied: boolean;
  readonly assessmentDate: EpochDay;
  readonly seasonEnd: EpochDay;
  /** First day on which the patient is too old for the target dose. */
  readonly maximumAge: EpochDay;
  readonly earliest: EpochDay;
};

export type Need = { readonly status: SeriesStatus; readonly reason: ForecastReason | undefined };

const immune: Need = { status: 'Immune', reason: 'immune' };
const contraindicated: Need = { status: 'Contraindicated', reason: 'contraindicated' };
const complete: Need = { status: 'Complete', reason: 'complete' };
const allSkipped: Need = { status: 'Not Recommended', reason: 'past-immunization-history' };
const seasonOver: Need = { status: 'Not Recommended', reason: 'past-seasonal-end' };
const tooOld: Need = { status: 'Aged Out', reason: 'past-maximum-age' };
const tooLate: Need = { status: 'Aged Out', reason: 'cannot-finish-before-maximum-age' };
const needed: Need = { status: 'Not Complete', reason: undefined };

/** Is a dose needed? Table 7-10: the first row that fits decides. */
export function decideNeed(facts: NeedFacts): Need {
  if (facts.isImmune) return immune;
  if (facts.isContraindicated) return contraindicated;
  if (!facts.hasTarget) return facts.hasSatisfied ? complete : allSkipped;
  if (facts.assessmentDate > facts.seasonEnd) return seasonOver;
  if (facts.assessmentDate >= facts.maximumAge) return tooOld;
  return facts.earliest >= facts.maximumAge ? tooLate : needed;
}
