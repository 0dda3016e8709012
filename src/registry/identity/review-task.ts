import type { JsonObject } from '../../fhir/fhir-json.ts';
import { objectAt, textAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import {
  type Decided,
  isTaskOf,
  partType,
  questionTask,
  withDecision,
} from '../../operation/decision-task.ts';
import type { Comparison } from './matcher.ts';

/** Whether two Patients are one person. */
export const reviewCode = 'review-duplicate';
/** Whether somebody who was vaccinated by a record of two must be told. */
export const checkCode = 'check-after-unmerge';

/** The two Patients of a Task: the newer record, and who is known. */
export type Pair = { readonly record: string; readonly with: string };

/** Asks people whether two records are one person, and shows them field by field how they compare. */
export function toReviewTask(id: string, pair: Pair, comparison: Comparison, at: string): Resource {
  const task = questionTask({ id, code: reviewCode, patients: pair, at });
  return { ...task, input: comparisonInputs(comparison) } as Resource;
}

function comparisonInputs({ score, grade, points, fields, rule }: Comparison): readonly JsonObject[] {
  const inputs: JsonObject[] = [
    { type: partType('score'), valueDecimal: Math.round(score * 1e4) / 1e4 },
    { type: partType('grade'), valueCode: grade },
    { type: partType('points'), valueInteger: points },
  ];
  if (rule !== undefined) inputs.push({ type: partType('rule'), valueString: rule });
  for (const { field, level, points: worth } of fields) {
    if (level !== 'missing')
      inputs.push({ type: partType('field', field), valueString: `${level} ${worth}` });
  }
  return inputs;
}

/** A Task that was decided before anybody asked. */
export function toDecidedTask(id: string, pair: Pair, decided: Decided): Resource {
  return withDecision(questionTask({ id, code: reviewCode, patients: pair, at: decided.at }), decided);
}

/** The two Patients that a review is about; undefined of any other Task. */
export function pairOf(task: Resource): Pair | undefined {
  if (!isTaskOf(task, reviewCode)) return undefined;
  const idAt = (name: string) =>
    /^Patient\/([^/]+)$/.exec(textAt(objectAt(task, name), 'reference') ?? '')?.[1];
  const [record, other] = [idAt('for'), idAt('focus')];
  return record === undefined || other === undefined ? undefined : { record, with: other };
}
