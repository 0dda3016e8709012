import type { Immunization } from 'fhir/r4.js';
import type { EpochDay } from '../../values/epoch-day.ts';

/** How a dose came to be known: who gave it reports it, or somebody tells of it later. */
export type DoseSource = 'administered' | 'historical';

/** When a dose was given, and of what: by that it is decided whether it is compared with another. */
export type DatedVaccine = {
  /** Undefined where only a month or a year is known: a date is never guessed. */
  readonly day?: EpochDay | undefined;
  readonly cvx?: string | undefined;
  /** Whether the code says no more than against what it is ("DTaP, unspecified formulation"). */
  readonly isUnspecified: boolean;
  readonly antigens: ReadonlySet<string>;
};

/** A dose as it is compared with others of the same person. */
export type DoseEvent = DatedVaccine & {
  readonly id: string;
  /** In its normal form. */
  readonly lot?: string | undefined;
  /** NDC. */
  readonly product?: string | undefined;
  readonly organization?: string | undefined;
  readonly source?: DoseSource | undefined;
  /** Only a part of the dose was given. */
  readonly isPartial: boolean;
  /** How many of the elements are there that a report should have. */
  readonly says: number;
  /** Instant of its version. */
  readonly reported: string;
};

/** What the codes of vaccines mean; the schedule knows. */
export type Vaccines = {
  readonly antigensOf: (cvx: string) => ReadonlySet<string>;
  readonly isUnspecified: (cvx: string) => boolean;
  /** The CVX code of a dose that was sent with other codes alone; undefined where they do not say which. */
  readonly cvxByOtherCodes: (dose: Immunization) => string | undefined;
};
