import type { Immunization } from 'fhir/r4.js';
import type { JsonObject } from '../../fhir/fhir-json.ts';
import { objectAt, objectsAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import { isPart, isTaskOf, partType, questionTask } from '../../operation/decision-task.ts';
import type { PairEvaluation } from './evaluate-pair.ts';

/** Whether two doses are one, told twice. */
export const doseReviewCode = 'review-dose';

/** The dose that came last, and the one beside it. */
export type AskedDoses = {
  readonly newer: Immunization;
  readonly other: Immunization;
  readonly evaluation: PairEvaluation;
};

/** Asks people whether two doses are one, and shows them what each field said; undefined where it is not known whose they are. */
export function toDoseTask(
  { id, at }: { readonly id: string; readonly at: string },
  { newer, other, evaluation }: AskedDoses,
): Resource | undefined {
  const [record, beside] = [patientIn(newer), patientIn(other)];
  if (record === undefined || beside === undefined) return undefined;
  const task = questionTask({ id, code: doseReviewCode, patients: { record, with: beside }, at });
  const { score, rule, fields } = evaluation;
  const input: JsonObject[] = [
    ...[newer, other].map((dose) => ({
      type: partType('dose'),
      valueReference: { reference: `Immunization/${dose.id}` },
    })),
    { type: partType('score'), valueDecimal: Math.round(score * 1e4) / 1e4 },
  ];
  if (rule !== undefined) input.push({ type: partType('rule'), valueString: rule });
  for (const { field, level, weight } of fields) {
    if (level !== 'absent') input.push({ type: partType('field', field), valueString: `${level} ${weight}` });
  }
  return { ...task, input } as Resource;
}

/** The id of the Patient whom a dose names. */
export function patientIn(dose: Immunization): string | undefined {
  return /^Patient\/([^/]+)$/.exec(dose.patient.reference ?? '')?.[1];
}

/** The ids of the two doses that a Task is about; undefined of any other Task. */
export function dosesOf(task: Resource): readonly [string, string] | undefined {
  if (!isTaskOf(task, doseReviewCode)) return undefined;
  const ids = objectsAt(task, 'input').flatMap((input) => {
    const reference = textAt(objectAt(input, 'valueReference'), 'reference') ?? '';
    return isPart(input, 'dose') ? (/^Immunization\/([^/]+)$/.exec(reference)?.[1] ?? []) : [];
  });
  const [a, b] = ids;
  return a === undefined || b === undefined ? undefined : [a, b];
}
