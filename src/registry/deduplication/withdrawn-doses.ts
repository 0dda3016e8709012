import type { Immunization } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import type { PlannedStep, WritePlan } from '../../interaction/write-plan.ts';
import { closedQuestion } from '../../operation/close-questions.ts';
import { isUndecided } from '../../operation/decision-task.ts';
import type { Change } from '../../store/contract/store.ts';
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
      closed.set(
        String(task.id),
        await closedQuestion(system, task, `Immunization/${dose?.id} was withdrawn`),
      );
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
