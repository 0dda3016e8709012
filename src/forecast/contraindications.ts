import { isOfAge, type Patient } from './patient.ts';
import type { ObservationCode } from './patient-history.ts';
import type { Antigen, CvxNumber, SeriesDose } from './schedule.ts';

/** What may not be given to this patient, and because of which observations. */
export type Contraindications = {
  /** Against the antigen as a whole. */
  readonly observations: readonly ObservationCode[];
  /** Against single vaccines. */
  readonly vaccines: ReadonlyMap<CvxNumber, readonly ObservationCode[]>;
};

const none: Contraindications = { observations: [], vaccines: new Map() };

/** Tables 7-5 and 7-6, CALCDTCI-1 and -2: the ages are asked of the assessment date. */
export function findContraindications(patient: Patient, antigen: Antigen): Contraindications {
  if (patient.cautions.size === 0) return none;
  const observations = antigen.contraindications
    .filter((each) => patient.cautions.has(each.observation))
    .filter((each) => isOfAge(patient, each, patient.assessmentDate))
    .map((each) => each.observation);
  return { observations: [...new Set(observations)], vaccines: contraindicatedVaccines(patient, antigen) };
}

function contraindicatedVaccines(
  patient: Patient,
  antigen: Antigen,
): ReadonlyMap<CvxNumber, readonly ObservationCode[]> {
  const byVaccine = new Map<CvxNumber, ObservationCode[]>();
  for (const { observation, vaccines } of antigen.vaccineContraindications) {
    if (!patient.cautions.has(observation)) continue;
    for (const vaccine of vaccines) {
      if (!isOfAge(patient, vaccine, patient.assessmentDate)) continue;
      const known = byVaccine.get(vaccine.cvx);
      if (known) known.push(observation);
      else byVaccine.set(vaccine.cvx, [observation]);
    }
  }
  return byVaccine;
}

/**
 * Table 7-7: the antigen is contraindicated, or every vaccine that the next target dose prefers is. Where none is left a
 * vaccine that may not be given changes nothing.
 */
export function isContraindicated(
  target: SeriesDose | undefined,
  { observations, vaccines }: Contraindications,
): boolean {
  if (observations.length > 0) return true;
  if (vaccines.size === 0 || !target || target.preferableVaccines.length === 0) return false;
  return target.preferableVaccines.every(({ cvx }) => vaccines.has(cvx));
}
