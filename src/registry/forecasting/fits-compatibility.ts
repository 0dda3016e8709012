import type { CodeableConcept, ImmunizationEvaluation, ImmunizationRecommendation } from 'fhir/r4.js';
import { codeSystem } from './code-systems.ts';

/**
 * What NIST's FITS client reads: the first coding of each concept, with its own words in it. Off by default,
 * because a client of the standard would be misled (setting JENNER_IMMDS_FITS).
 */
export function toFitsEvaluation(
  evaluation: ImmunizationEvaluation,
  cvx: string | undefined,
): ImmunizationEvaluation {
  const finer = evaluation.doseStatus.coding?.find((coding) => coding.system === codeSystem.jennerDoseStatus);
  return {
    ...evaluation,
    doseStatus: withFirstCode(evaluation.doseStatus, finer?.display?.replace('-', ' ') ?? 'Not Valid'),
    targetDisease:
      cvx === undefined
        ? evaluation.targetDisease
        : withFirstCode(evaluation.targetDisease, cvx, codeSystem.cvx),
  };
}

export function toFitsRecommendation(recommendation: ImmunizationRecommendation): ImmunizationRecommendation {
  return {
    ...recommendation,
    recommendation: recommendation.recommendation.map((group) => {
      const { doseNumberPositiveInt, ...rest } = group;
      const [first, ...others] = group.vaccineCode ?? [];
      const cvx = first?.coding?.[0]?.code;
      return {
        ...rest,
        ...(first && { vaccineCode: [{ ...first, ...(cvx !== undefined && { text: cvx }) }, ...others] }),
        ...(doseNumberPositiveInt !== undefined && { doseNumberString: String(doseNumberPositiveInt) }),
        forecastStatus: withFirstCode(group.forecastStatus, fitsStatus(group.forecastStatus)),
      };
    }),
  };
}

/** FITS tells due from overdue; for the rest it takes the CDSi status in lower case. */
function fitsStatus(status: CodeableConcept): string {
  const hl7 = status.coding?.find((coding) => coding.system === codeSystem.recommendationStatus)?.code;
  return hl7 === 'due' || hl7 === 'overdue' ? hl7 : (status.text ?? '').toLowerCase();
}

function withFirstCode(concept: CodeableConcept, code: string, system?: string): CodeableConcept {
  return {
    ...concept,
    coding: [{ ...(system !== undefined && { system }), code }, ...(concept.coding ?? [])],
  };
}
