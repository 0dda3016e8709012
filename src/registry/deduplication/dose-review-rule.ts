import type { Immunization } from 'fhir/r4.js';
import { personIdOf } from '../../interaction/ask-persons.ts';
import type { InteractionContext, WriteRule } from '../../interaction/context.ts';
import { matchingOfCaller } from '../../interaction/matching-of-caller.ts';
import { changesOf, type WritePlan } from '../../interaction/write-plan.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { askOfDoses, type PersonsDoses, storedDoses } from './ask-of-doses.ts';
import type { Vaccines } from './dose-event.ts';
import { patientIn } from './dose-task.ts';
import { closeWithdrawn } from './withdrawn-doses.ts';

export type DoseReviewSettings = {
  readonly vaccines: () => Vaccines;
  /** What becomes of what somebody brings who is no app. */
  readonly matching: MatchingMode;
};

/** Where a dose comes that may be one that is known, people are asked; who brings it decides as for Patients whether. */
export function doseReviewRule({ vaccines, matching }: DoseReviewSettings): WriteRule {
  return async (system, plan, caller) => {
    let next = await withoutWithdrawn(system, plan);
    if (matchingOfCaller(caller, matching) === 'off') return next;
    for (const [, brought] of await broughtByPerson(system, plan)) {
      await caller.pace();
      next = await asked(system, next, brought, vaccines());
    }
    return next;
  };
}

async function withoutWithdrawn(system: InteractionContext, plan: WritePlan): Promise<WritePlan> {
  // Where a write is of one resource, the question stays.
  if (!system.view.transactions) return plan;
  const closed = await closeWithdrawn(system, plan);
  return closed.length === 0 ? plan : { ...plan, added: [...plan.added, ...closed] };
}

type Brought = { readonly ids: readonly string[]; readonly doses: readonly Immunization[] };

/** The doses of a plan, and under which ids their persons are known: also those who are joined by it. */
async function broughtByPerson(
  { view }: InteractionContext,
  plan: WritePlan,
): Promise<ReadonlyMap<string, Brought>> {
  const byPerson = new Map<string, Brought>();
  for (const { change, resource } of plan.steps) {
    if (change?.type !== 'Immunization' || change.method === 'DELETE' || !resource) continue;
    const { id: _, ...said } = resource.resource;
    const dose = { id: change.id, ...said } as unknown as Immunization;
    const patient = patientIn(dose);
    if (patient === undefined || dose.status !== 'completed') continue;
    const joined = personInPlan(plan, patient);
    const person = joined ?? (await personIdOf(view, patient as ResourceId));
    const before = byPerson.get(person) ?? { ids: idsInPlan(plan, person), doses: [] };
    byPerson.set(person, {
      ids: [...new Set([...before.ids, patient])],
      doses: [...before.doses, dose],
    });
  }
  return byPerson;
}

function personInPlan(plan: WritePlan, patient: string): string | undefined {
  return changesOf(plan).find(({ type, id }) => type === 'Patient' && id === patient)?.person;
}

function idsInPlan(plan: WritePlan, person: string): readonly string[] {
  return [person, ...changesOf(plan).flatMap((change) => (change.person === person ? [change.id] : []))];
}

async function asked(
  system: InteractionContext,
  plan: WritePlan,
  { ids, doses }: Brought,
  vaccines: Vaccines,
): Promise<WritePlan> {
  const isWritten = new Set(
    plan.steps.flatMap(({ change }) => (change?.type === 'Immunization' ? change.id : [])),
  );
  const known = (await storedDoses(system, ids)).filter(({ id }) => !isWritten.has(id as ResourceId));
  const person: PersonsDoses = { ids, known, brought: doses };
  const { added, guards } = await askOfDoses(system, person, vaccines);
  return { ...plan, added: [...plan.added, ...added], guards: [...plan.guards, ...guards] };
}
