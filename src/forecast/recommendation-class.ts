import type { RecommendationClass } from './forecast-result.ts';
import { isOfAge, type Patient } from './patient.ts';
import type { Series } from './schedule.ts';

/** How far the series is recommended to the patient on the assessment date: the first classification that applies. */
export function recommendationClass(patient: Patient, { classifications }: Series): RecommendationClass {
  if (classifications.length === 0) return 'routine';
  const found = classifications.find(
    (each) =>
      isOfAge(patient, each, patient.assessmentDate) &&
      (each.observations?.some((code) => patient.observations.has(code)) ?? true),
  );
  return found?.as ?? 'routine';
}
