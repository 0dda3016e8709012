import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { WriteRule } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { taskSystem } from '../../interaction/task-system.ts';
import type { PlannedStep } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { isTaskOf } from '../../operation/decision-task.ts';
import type { StoredVersion } from '../../store/contract/store.ts';
import { tellsOfRecords } from './record-provenance.ts';

/** What a Task that asks whether two are one says, and by `$decide` alone says otherwise. */
const kept = [
  'status',
  'businessStatus',
  'code',
  'for',
  'focus',
  'authoredOn',
  'note',
  'input',
  'output',
] as const;

/**
 * What the registry asks people, what they have decided, and what it tells of joins, is written by nobody else: whoever may write
 * Tasks could else decide which doses count. Who works at one, and until when, anybody may say who may write it. An operator may
 * write all of it.
 */
export function writtenByRegistry(codes: readonly string[]): WriteRule {
  return (_system, plan, { caller }) => {
    if (caller.kind === 'system') return plan;
    for (const step of plan.steps) {
      if (step.change?.type === 'Task') requireKept(step, codes);
      if (step.change?.type === 'Provenance') requireOthers(step);
    }
    return plan;
  };
}

function requireKept(step: PlannedStep, codes: readonly string[]): void {
  const [before, after] = [taskIn(step.current), afterOf(step)];
  const code = codes.find((one) => [before, after].some((task) => task && isTaskOf(task, one)));
  if (code === undefined) return;
  const isKept = before && after && kept.every((name) => isSame(before, after, name));
  if (!isKept) throw isOurs(code);
}

function requireOthers(step: PlannedStep): void {
  const isOfRecords = [storedIn(step.current), afterOf(step)].some((one) => one && tellsOfRecords(one));
  if (!isOfRecords) return;
  throw new Problem('business-rule', 'A Provenance of joins (activity) is written by the registry alone');
}

function taskIn(version: StoredVersion | undefined): Resource | undefined {
  return version?.text?.includes(taskSystem) ? storedIn(version) : undefined;
}

function storedIn(version: StoredVersion | undefined): Resource | undefined {
  return version?.text === undefined ? undefined : parseStored(storedResource(version)).resource;
}

function afterOf({ change, resource }: PlannedStep): Resource | undefined {
  return change?.method === 'DELETE' ? undefined : resource?.resource;
}

function isSame(before: Resource, after: Resource, name: (typeof kept)[number]): boolean {
  return JSON.stringify(before[name]) === JSON.stringify(after[name]);
}

function isOurs(code: string): Problem {
  const told = `A Task of the code ${code} is written by the registry, and answered by Task/[id]/$decide`;
  return new Problem('business-rule', told);
}
