import type { Immunization } from 'fhir/r4.js';
import { objectsAt } from '../../fhir/json-members.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import { prepareChange } from '../../interaction/prepare-change.ts';
import type { PlannedStep, WritePlan } from '../../interaction/write-plan.ts';
import { byMatching, isUndecided } from '../../operation/decision-task.ts';
import type { Change } from '../../store/contract/store.ts';
import { formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { doseReviews } from './dose-reviews.ts';
import { dosesOf, patientIn } from './dose-task.ts';

/** What was asked of doses that this plan withdraws, or deletes, needs no answer any more. */
export async function closeWithdrawn(
  system: InteractionContext,
  plan: WritePlan,
): Promise<readonly Change[]> {
  const closed = new Map<string, Change>();
  for (const step of plan.steps) {
    const dose = await withdrawnBy(system, step);
    const patient = dose && patientIn(dose);
    if (patient === undefined) continue;
    const { byPair } = await doseReviews(system, [patient]);
    for (const task of byPair.values()) {
      if (!isUndecided(task) || !dosesOf(task)?.includes(dose?.id ?? '')) continue;
      closed.set(String(task.id), await closedTask(system, task, `Immunization/${dose?.id} was withdrawn`));
    }
  }
  return [...closed.values()];
}

/** The dose as it was, where it counted and counts no more. */
async function withdrawnBy(
  { pace }: InteractionContext,
  { change, current, resource }: PlannedStep,
): Promise<Immunization | undefined> {
  if (change?.type !== 'Immunization' || current?.text === undefined) return undefined;
  if (change.method !== 'DELETE' && resource?.resource['status'] === 'completed') return undefined;
  const before = await readStoredJson<Immunization>({ text: current.text }, pace);
  return before.status === 'completed' ? before : undefined;
}

async function closedTask(system: InteractionContext, task: Resource, text: string): Promise<Change> {
  const key = { type: 'Task', id: task.id as ResourceId } as const;
  const current = await system.view.read(key);
  const time = formatInstant(system.clock.now());
  const note = [...objectsAt(task, 'note'), { authorString: byMatching, time, text }];
  const resource = { ...task, status: 'cancelled', lastModified: time, note } as Resource;
  return prepareChange(system, { resource, exactNumbers: false }, { ...key, method: 'PUT', current });
}
