import type { JsonObject } from '../../fhir/fhir-json.ts';
import type { Resource } from '../../fhir/resource.ts';
import { objectAt, objectsAt, textAt } from './json-members.ts';
import type { Comparison } from './matcher.ts';

/** What a Task of the registry asks for. */
export const taskSystem = 'https://jenner-iis.org/fhir/CodeSystem/task';
/** Whether two Patients are one person. */
export const reviewCode = 'review-duplicate';
/** Whether somebody who was vaccinated by a record of two must be told. */
export const checkCode = 'check-after-unmerge';
/** What a Task tells of a comparison, and what was decided. */
export const reviewSystem = 'https://jenner-iis.org/fhir/CodeSystem/duplicate-review';

/** What people decide of two records. */
export const decisions = ['same', 'not-same', 'later'] as const;
export type Decision = (typeof decisions)[number];

/** The two Patients of a Task: the newer record, and who is known. */
export type Pair = { readonly record: string; readonly with: string };

/** Asks people whether two records are one person, and shows them field by field how they compare (R4 task.html). */
export function toReviewTask(id: string, pair: Pair, comparison: Comparison, at: string): Resource {
  return {
    ...taskHead(id, pair, at),
    status: 'requested',
    input: comparisonInputs(comparison),
  };
}

function taskHead(id: string, pair: Pair, at: string) {
  return {
    resourceType: 'Task',
    id,
    intent: 'proposal',
    code: { coding: [{ system: taskSystem, code: reviewCode }] },
    for: { reference: `Patient/${pair.record}` },
    focus: { reference: `Patient/${pair.with}` },
    authoredOn: at,
    lastModified: at,
  };
}

function comparisonInputs({ score, grade, points, fields, rule }: Comparison): readonly JsonObject[] {
  const inputs: JsonObject[] = [
    { type: typeOf('score'), valueDecimal: Math.round(score * 1e4) / 1e4 },
    { type: typeOf('grade'), valueCode: grade },
    { type: typeOf('points'), valueInteger: points },
  ];
  if (rule !== undefined) inputs.push({ type: typeOf('rule'), valueString: rule });
  for (const { field, level, points: worth } of fields) {
    if (level !== 'missing') inputs.push({ type: typeOf('field', field), valueString: `${level} ${worth}` });
  }
  return inputs;
}

function typeOf(code: string, text?: string): JsonObject {
  const coding = [{ system: reviewSystem, code }];
  return text === undefined ? { coding } : { coding, text };
}

/** Who decides what nobody is asked. */
export const byMatching = 'matching';
export const byDedupe = 'jenner dedupe';
const models: readonly string[] = [byMatching, byDedupe];

/** Whether nobody has answered yet, or somebody put it aside. */
export function isUndecided(task: Resource): boolean {
  return decisionIn(task) === undefined || decisionIn(task) === 'later';
}

/** Whether people, and no model, have answered it last: also that they will, later. */
export function isSettledByPeople(task: Resource): boolean {
  const last = objectsAt(task, 'note').at(-1);
  return decisionIn(task) !== undefined && !models.includes(textAt(last, 'authorString') ?? '');
}

function decisionIn(task: Resource): string | undefined {
  return textAt(objectsAt(task, 'output').find(isDecision), 'valueCode');
}

/** What R4 calls the state of a Task by what was decided. */
const statuses: Readonly<Record<Decision, string>> = {
  same: 'completed',
  'not-same': 'completed',
  later: 'on-hold',
};

export type Decided = {
  readonly decision: Decision;
  readonly reason?: string | undefined;
  readonly by: string;
  readonly at: string;
};

/** The Task with what was decided, and by whom; each decision stays in its notes. */
export function withDecision(task: Resource, { decision, reason, by, at }: Decided): Resource {
  const said = reason === undefined ? decision : `${decision}: ${reason}`;
  const notes = [...objectsAt(task, 'note'), { authorString: by, time: at, text: said }];
  const others = objectsAt(task, 'output').filter((output) => !isDecision(output));
  return {
    ...task,
    status: statuses[decision],
    lastModified: later(at, textAt(task, 'authoredOn')),
    note: notes,
    output: [...others, { type: typeOf('decision'), valueCode: decision }],
  } as Resource;
}

/** R4 task.html, inv-1: also where the clocks of two servers differ. */
function later(at: string, authored = ''): string {
  return authored > at ? authored : at;
}

/** A Task that was decided before anybody asked. */
export function toDecidedTask(id: string, pair: Pair, decided: Decided): Resource {
  return withDecision({ ...taskHead(id, pair, decided.at) } as Resource, decided);
}

function isDecision(output: JsonObject): boolean {
  const coding = objectsAt(objectAt(output, 'type'), 'coding');
  return coding.some(({ system, code }) => system === reviewSystem && code === 'decision');
}

/** The two Patients that a review is about; undefined of any other Task. */
export function pairOf(task: Resource): Pair | undefined {
  const coding = objectsAt(objectAt(task, 'code'), 'coding');
  if (!coding.some(({ system, code }) => system === taskSystem && code === reviewCode)) return undefined;
  const idAt = (name: string) =>
    /^Patient\/([^/]+)$/.exec(textAt(objectAt(task, name), 'reference') ?? '')?.[1];
  const [record, other] = [idAt('for'), idAt('focus')];
  return record === undefined || other === undefined ? undefined : { record, with: other };
}
