import type { CodeableConcept, Extension, ImmunizationEvaluation } from 'fhir/r4.js';
import type { DoseEvaluation, EvaluationReason, EvaluationStatus } from '../../forecast/forecast-result.ts';
import type { AdministeredDose } from '../../forecast/patient-history.ts';
import { antigenConcept } from './antigen-codes.ts';
import { codeSystem, seriesGroupExtension, targetDoseExtension } from './code-systems.ts';
import { shared } from './shared.ts';

/** CDSi evaluation statuses beside R4's two: R4 knows no Extraneous and no Sub-standard. */
const statusConcepts: Readonly<Record<EvaluationStatus, CodeableConcept>> = {
  Valid: statusConcept('Valid', 'valid'),
  'Not Valid': statusConcept('Not Valid', 'not-valid'),
  Extraneous: statusConcept('Extraneous', 'extraneous'),
  'Sub-standard': statusConcept('Sub-standard', 'sub-standard'),
};

function statusConcept(status: EvaluationStatus, code: string): CodeableConcept {
  const r4 =
    status === 'Valid' ? { code: 'valid', display: 'Valid' } : { code: 'notvalid', display: 'Not valid' };
  return shared({
    coding: [
      { system: codeSystem.doseStatus, ...r4 },
      { system: codeSystem.jennerDoseStatus, code, display: status },
    ],
  });
}

/** ImmDS StatusReason of each CDSi reason; a reason that does not spoil a dose has none. */
const reasons: Readonly<Record<EvaluationReason, readonly [code: string | undefined, text: string]>> = {
  'too-young': ['tooyoung', 'Age: too young'],
  'too-old': ['tooold', 'Age: too old'],
  'too-soon': ['toosoon', 'Interval: too soon'],
  'vaccine-conflict': ['productconflict', 'Too soon after another live vaccine'],
  'not-preferable-or-allowable': ['inappropriate', 'Neither a preferable nor an allowable vaccine'],
  'inadvertent-vaccine': ['inappropriate', 'Inadvertent vaccine'],
  'series-already-complete': ['notevaluated', 'Series already complete'],
  'lot-expired': ['expired', 'Lot expired'],
  'dose-condition': [undefined, 'Sub-potent'],
  'age-grace-period': [undefined, 'Age: grace period'],
  'interval-grace-period': [undefined, 'Interval: grace period'],
  'volume-below-recommended': ['quantity', 'Volume below the recommended one'],
  'not-preferable-but-allowable': [undefined, 'Allowable, not preferable vaccine'],
};

/** What was wrong with a dose; where nobody says it, no code is made up. */
const conditions: Readonly<
  Record<NonNullable<AdministeredDose['condition']>, readonly [code: string | undefined, text: string]>
> = {
  recall: ['recall', 'Recalled'],
  storage: ['storage', 'Stored badly'],
  partial: ['quantity', 'Partial dose'],
  other: [undefined, 'Sub-potent; the record does not say why'],
};

/** What all evaluations of an answer have; the authority is that of whose rules judged a dose. */
type Common = Pick<ImmunizationEvaluation, 'patient' | 'date' | 'authority'>;

export function toEvaluation(
  evaluation: DoseEvaluation,
  common: Common,
  condition?: AdministeredDose['condition'],
): ImmunizationEvaluation {
  const { targetDose, doseNumber } = evaluation;
  const extension: Extension[] = [
    { url: seriesGroupExtension, valueString: `${evaluation.seriesType} ${evaluation.seriesGroup}` },
  ];
  if (targetDose !== undefined) extension.push({ url: targetDoseExtension, valueInteger: targetDose });
  const result: ImmunizationEvaluation = {
    resourceType: 'ImmunizationEvaluation',
    extension,
    status: 'completed',
    ...common,
    targetDisease: antigenConcept(evaluation.antigen),
    immunizationEvent: { reference: evaluation.doseId },
    doseStatus: statusConcepts[evaluation.status],
  };
  if (evaluation.reasons.length > 0) {
    result.doseStatusReason = evaluation.reasons.map((reason) => reasonConcept(reason, condition));
  }
  result.series = evaluation.seriesName;
  if (doseNumber !== undefined) result.doseNumberPositiveInt = doseNumber;
  result.seriesDosesPositiveInt = evaluation.seriesDoses;
  return result;
}

function reasonConcept(reason: EvaluationReason, condition: AdministeredDose['condition']): CodeableConcept {
  const isKnown = reason === 'dose-condition' && condition !== undefined;
  return toConcept(isKnown ? conditions[condition] : reasons[reason]);
}

function toConcept([code, text]: readonly [code: string | undefined, text: string]): CodeableConcept {
  return { ...(code !== undefined && { coding: [{ system: codeSystem.statusReason, code }] }), text };
}

/** A dose that was given but could not be judged: not valid as far as is known, for the reason `notevaluated`. */
export function toUnevaluated(
  reference: string,
  antigens: readonly string[] | undefined,
  { authority: _, ...common }: Common,
): readonly ImmunizationEvaluation[] {
  const diseases: readonly CodeableConcept[] =
    antigens && antigens.length > 0 ? antigens.map(antigenConcept) : [unknownDisease];
  return diseases.map((targetDisease) => ({
    resourceType: 'ImmunizationEvaluation',
    status: 'completed',
    ...common,
    targetDisease,
    immunizationEvent: { reference },
    doseStatus: {
      coding: [{ system: codeSystem.doseStatus, code: 'notvalid', display: 'Not valid' }],
      text: 'Not evaluated',
    },
    doseStatusReason: [
      { coding: [{ system: codeSystem.statusReason, code: 'notevaluated' }], text: 'Not evaluated' },
    ],
  }));
}

const unknownDisease: CodeableConcept = shared({
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
  text: 'Unknown',
});

const codesByText: ReadonlyMap<string, EvaluationReason | keyof typeof conditions> = new Map(
  [...Object.entries(reasons), ...Object.entries(conditions)].map(([name, [, text]]) => [
    text,
    name as EvaluationReason | keyof typeof conditions,
  ]),
);

/** Which reason the words of an answer are; undefined for those of nobody. */
export function reasonOfText(text: string) {
  return codesByText.get(text);
}
