import type { EpochDay } from '../../values/epoch-day.ts';
import type { Profile } from '../guide/profile.ts';
import type { Subject } from './subject.ts';

/** When a vaccine has been in use, and at which ages; what is not known is open. */
export type VaccineUse = {
  readonly first?: EpochDay;
  readonly expectedFirst?: EpochDay;
  readonly expectedLast?: EpochDay;
  readonly last?: EpochDay;
  readonly youngestMonths?: number;
  readonly oldestMonths?: number;
};

/** What is known of a vaccine, by its CVX code. */
export type VaccineFacts = {
  readonly useOf: (cvx: string) => VaccineUse | undefined;
  /** "Hep B, unspecified formulation". */
  readonly isUnspecified: (cvx: string) => boolean;
  /** Not so for immune globulins. */
  readonly isVaccine: (cvx: string) => boolean;
  readonly cvxOfNdc: (ndc: string) => string | undefined;
};

/** What the rules look at beside their subject. */
export type QualityContext = {
  readonly profile: Profile;
  readonly vaccines: VaccineFacts;
  readonly patient: Subject;
  readonly contacts: readonly Subject[];
  /** The day of MSH-7; today where it has none. */
  readonly sent: EpochDay;
  readonly today: EpochDay;
};

export type Rule = (subject: Subject, context: QualityContext) => boolean;
