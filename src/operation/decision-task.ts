import type { JsonObject } from '../fhir/fhir-json.ts';
import { objectAt, objectsAt, textAt } from '../fhir/json-members.ts';
import type { Resource } from '../fhir/resource.ts';
import { taskSystem } from '../interaction/task-system.ts';

/** What such a Task tells of a comparison, and what was decided. */
const reviewSystem = 'https://jenner-iis.org/fhir/CodeSystem/duplicate-review';

/** What people decide of two of which it is asked whether they are one. */
export const decisions = ['same', 'not-same', 'later'] as const;
export type Decision = (typeof decisions)[number];

export type Decided = {
  readonly decision: Decision;
  readonly reason?: string | undefined;
  readonly by: string;
  readonly at: string;
};

export type Question = {
  readonly id: string;
  /** Of `taskSystem`. */
  readonly code: string;
  /** Ids of the Patients of whom it is. */
  readonly patients: { readonly record: string; readonly with: string };
  /** Instant. */
  readonly at: string;
};

/** A Task that asks whether two are one, or says so (R4 task.html). */
export function questionTask({ id, code, patients, at }: Question): Resource {
  return {
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'proposal',
    code: { coding: [{ system: taskSystem, code }] },
    for: { reference: `Patient/${patients.record}` },
    focus: { reference: `Patient/${patients.with}` },
    authoredOn: at,
    lastModified: at,
  } as Resource;
}

/** What an input or output of such a Task is. */
export function partType(code: string, text?: string): JsonObject {
  const coding = [{ system: reviewSystem, code }];
  return text === undefined ? { coding } : { coding, text };
}

export function isPart(part: JsonObject, code: string): boolean {
  const coding = objectsAt(objectAt(part, 'type'), 'coding');
  return coding.some((one) => one['system'] === reviewSystem && one['code'] === code);
}

export function isTaskOf(task: Resource, code: string): boolean {
  const coding = objectsAt(objectAt(task, 'code'), 'coding');
  return coding.some((one) => one['system'] === taskSystem && one['code'] === code);
}

/** What R4 calls the state of a Task by what was decided. */
const statuses: Readonly<Record<Decision, string>> = {
  same: 'completed',
  'not-same': 'completed',
  later: 'on-hold',
};

function statusCoding(code: string): JsonObject {
  return { system: reviewSystem, code };
}

/** The Task with what was decided, and by whom; each decision stays in its notes. */
export function withDecision(task: Resource, { decision, reason, by, at }: Decided): Resource {
  const said = reason === undefined ? decision : `${decision}: ${reason}`;
  const notes = [...objectsAt(task, 'note'), { authorString: by, time: at, text: said }];
  const others = objectsAt(task, 'output').filter((output) => !isPart(output, 'decision'));
  return {
    ...task,
    status: statuses[decision],
    // A search parameter looks at it, and at no note nor output: so months are counted.
    businessStatus: {
      coding: [decision, models.includes(by) ? 'by-matching' : 'by-people'].map(statusCoding),
    },
    lastModified: later(at, textAt(task, 'authoredOn')),
    note: notes,
    output: [...others, { type: partType('decision'), valueCode: decision }],
  } as Resource;
}

/** R4 task.html, inv-1: also where the clocks of two servers differ. */
function later(at: string, authored = ''): string {
  return authored > at ? authored : at;
}

export function decisionIn(task: Resource): Decision | undefined {
  const output = objectsAt(task, 'output').find((one) => isPart(one, 'decision'));
  const code = textAt(output, 'valueCode');
  return decisions.find((decision) => decision === code);
}

/** Whether nobody has answered yet, or somebody put it aside. */
export function isUndecided(task: Resource): boolean {
  const decision = decisionIn(task);
  return decision === undefined || decision === 'later';
}

/** Who decides what nobody is asked. */
export const byMatching = 'matching';
export const byDedupe = 'jenner dedupe';
const models: readonly string[] = [byMatching, byDedupe];

/** Whether people, and no model, have answered it last: also that they will, later. */
export function isSettledByPeople(task: Resource): boolean {
  const last = objectsAt(task, 'note').at(-1);
  return decisionIn(task) !== undefined && !models.includes(textAt(last, 'authorString') ?? '');
}
