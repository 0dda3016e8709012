import { Problem } from '../../fhir/problem.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { WriteRule } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import type { PlannedStep } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { isTaskOf, taskSystem } from '../../operation/decision-task.ts';
import type { StoredVersion } from '../../store/contract/store.ts';

/** What a Task that asks whether two are one says, and by `$decide` alone says otherwise. */
const kept = ['status', 'code', 'for', 'focus', 'authoredOn', 'note', 'input', 'output'] as const;

/**
 * What the registry asks people, and what they have decided, is written by nobody else: whoever may write Tasks could else decide
 * which doses count. Who works at one, and until when, anybody may say who may write it. An operator may write all of it.
 */
export function writtenByRegistry(codes: readonly string[]): WriteRule {
  return (_system, plan, { caller }) => {
    if (caller.kind === 'system') return plan;
    for (const step of plan.steps) if (step.change?.type === 'Task') requireKept(step, codes);
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

function taskIn(version: StoredVersion | undefined): Resource | undefined {
  if (version?.text === undefined || !version.text.includes(taskSystem)) return undefined;
  return parseStored(storedResource(version)).resource;
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
