import type { Patient } from './patient.ts';
import type { ObservationCode } from './patient-history.ts';
import type { Immunity, ImmunityBirthDate } from './schedule.ts';

export type ImmunityEvidence =
  | { readonly by: 'clinical-history'; readonly observation: ObservationCode }
  | { readonly by: 'birth-date' };

/**
 * Is the patient immune without a vaccine? Table 7-3. A clinical history decides by itself; a birth date only where
 * nothing excludes it. A country that is asked for and not known is not taken to be the one.
 */
export function findEvidenceOfImmunity(patient: Patient, immunity: Immunity): ImmunityEvidence | undefined {
  const observation = immunity.clinicalHistory.find((code) => patient.observations.has(code));
  if (observation !== undefined) return { by: 'clinical-history', observation };
  const byBirth = immunity.birthDates.some((each) => isImmuneByBirth(patient, each));
  return byBirth ? { by: 'birth-date' } : undefined;
}

function isImmuneByBirth(patient: Patient, { before, country, exclusions }: ImmunityBirthDate): boolean {
  if (patient.dateOfBirth >= before) return false;
  if (exclusions.some((code) => patient.cautions.has(code))) return false;
  return country === undefined || country === patient.history.countryOfBirth;
}
