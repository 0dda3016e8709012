import type { Immunization } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import { type InteractionContext, withCaller } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { taskSystem } from '../../interaction/task-system.ts';
import { decisionIn } from '../../operation/decision-task.ts';
import { allOf, type Filter } from '../../search/filter.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { eventsOf } from './deduplicate.ts';
import type { Vaccines } from './dose-event.ts';
import { doseReviewCode, dosesOf } from './dose-task.ts';
import { type Grouping, groupDoses, mayRepeat } from './group-doses.ts';
import { pairKey, type SaidOfDoses, type SaidOfPair } from './said-of-doses.ts';
import { toDatedVaccine } from './to-dose-event.ts';

const pageSize = 200;

/** Tasks that ask of doses of these Patients, whichever of a person's records is named. */
export function reviewsOfPatients(patientIds: readonly string[]): Filter {
  const code = { system: taskSystem, code: doseReviewCode };
  const patients = patientIds.map((id) => ({ type: 'Patient', id }));
  return allOf([
    { kind: 'value', param: 'code', test: { kind: 'token', anyOf: [code] } },
    { kind: 'value', param: 'patient', test: { kind: 'reference', anyOf: patients } },
  ]);
}

export type DoseReviews = {
  /** By `pairKey`; without those that were closed unanswered. */
  readonly byPair: ReadonlyMap<string, Resource>;
  /** Ids of all such Tasks. */
  readonly ids: readonly ResourceId[];
};

/** What was asked of the doses of a person: it is remembered whoever's record the doses are. */
export async function doseReviews(
  { view }: InteractionContext,
  patientIds: readonly string[],
): Promise<DoseReviews> {
  const byPair = new Map<string, Resource>();
  const ids: ResourceId[] = [];
  const query = {
    types: ['Task'],
    filter: reviewsOfPatients(patientIds),
    sort: [],
    count: pageSize,
  } as const;
  let after: string | undefined;
  do {
    const page = await view.search(after === undefined ? query : { ...query, after });
    for (const match of page.matches) {
      ids.push(match.id);
      const task = parseStored(match).resource;
      // Of a dose that was withdrawn, and comes back, it is asked again.
      const doses = task['status'] === 'cancelled' ? undefined : dosesOf(task);
      if (doses) byPair.set(pairKey(...doses), task);
    }
    after = page.next;
  } while (after !== undefined);
  return { byPair, ids };
}

export function saidIn({ byPair }: DoseReviews): SaidOfDoses {
  const said = new Map<string, SaidOfPair>();
  for (const [pair, task] of byPair) {
    const decision = decisionIn(task);
    if (decision === 'same' || decision === 'not-same') said.set(pair, decision);
  }
  return said;
}

/**
 * Which doses of a stored record are one, by the rules and by what people said. That is read as the system, since it counts for
 * everybody; where no two doses are alike at all, nothing is read.
 */
export async function deduplicateStored(
  ctx: InteractionContext,
  patientId: string,
  doses: readonly Immunization[],
  vaccines: Vaccines,
): Promise<Grouping> {
  if (!mayRepeat(doses.flatMap((dose) => toDatedVaccine(dose, vaccines) ?? []))) return nothingRepeated;
  const system = withCaller(ctx, { kind: 'system', name: 'deduplication' });
  return groupDoses(eventsOf(doses, vaccines), saidIn(await doseReviews(system, [patientId])));
}

const nothingRepeated: Grouping = { groups: [], unsure: [] };
