import type { Brand } from '../values/brand.ts';
import type { EpochDay } from '../values/epoch-day.ts';
import type { CvxCode, MvxCode } from '../values/vaccine-code.ts';

/** CDSi observation code: three digits as text, "007". */
export type ObservationCode = Brand<string, 'ObservationCode'>;

export type Gender = 'Male' | 'Female' | 'Unknown';

/** All that the engine knows of a person. Every date is whole: the caller reports what it could not make whole. */
export type PatientHistory = {
  readonly dateOfBirth: EpochDay;
  readonly gender: Gender;
  /** As the schedule writes it ("U.S."); absent = unknown. */
  readonly countryOfBirth?: string;
  /** Any order, also within a day. */
  readonly doses: readonly AdministeredDose[];
  readonly observations: readonly PatientObservation[];
  /** From this day on nothing is due. */
  readonly dateOfDeath?: EpochDay;
};

export type AdministeredDose = {
  /** The caller's name for the dose; evaluations refer to it. Unique within a history. */
  readonly id: string;
  readonly date: EpochDay;
  readonly cvx: CvxCode;
  readonly mvx?: MvxCode;
  readonly tradeName?: string;
  /** In millilitres. */
  readonly volume?: number;
  /** The last day on which the lot may be given. */
  readonly lotExpiration?: EpochDay;
  /** Recalled, stored badly or otherwise known not to count (CDSi Logic Specification 6.1, dose condition). */
  readonly condition?: 'recall' | 'storage' | 'partial' | 'other';
};

export type PatientObservation = {
  readonly code: ObservationCode;
  /** When it was observed or began; absent = active without a date. */
  readonly date?: EpochDay;
  /** Where it has no date: the first day that it can be of, as far as anybody knows. */
  readonly notBefore?: EpochDay;
  /** The last day on which it held; absent = it still holds. */
  readonly endDate?: EpochDay;
  /** Nobody has confirmed it: it forbids what it would forbid, and neither asks for a vaccine nor proves immunity. */
  readonly unconfirmed?: true;
};

export function parseObservationCode(text: string): ObservationCode | undefined {
  return /^[0-9]{3}$/.test(text) ? (text as ObservationCode) : undefined;
}
