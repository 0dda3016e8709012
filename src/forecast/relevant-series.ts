import type { NotRelevant } from './explanation.ts';
import { isOfAge, type Patient } from './patient.ts';
import type { ObservationCode } from './patient-history.ts';
import type { Series } from './schedule.ts';

/** Is the series meant for this patient? Table 5-4. */
export function isRelevant(patient: Patient, series: Series): boolean {
  return reasonNotRelevant(patient, series) === undefined;
}

export function reasonNotRelevant(patient: Patient, series: Series): NotRelevant['because'] | undefined {
  if (!isOfRequiredGender(patient, series)) return 'gender';
  if (series.type !== 'Risk' || isIndicated(patient, series)) return undefined;
  return 'no-indication';
}

function isOfRequiredGender(patient: Patient, { requiredGender }: Series): boolean {
  return requiredGender.length === 0 || requiredGender.includes(patient.history.gender);
}

/** Does one of its indications apply? Table 5-5. */
function isIndicated(patient: Patient, series: Series): boolean {
  if (patient.observations.size === 0) return false;
  for (const indication of series.indications) {
    if (!patient.observations.has(indication.observation)) continue;
    if (isOfAge(patient, indication, patient.assessmentDate)) return true;
  }
  return false;
}

/** The observations for which the series is relevant. */
export function matchedIndications(patient: Patient, series: Series): readonly ObservationCode[] {
  const matched = series.indications.filter(
    (each) => patient.observations.has(each.observation) && isOfAge(patient, each, patient.assessmentDate),
  );
  return [...new Set(matched.map((each) => each.observation))];
}
