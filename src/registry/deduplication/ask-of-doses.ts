import type { Immunization } from 'fhir/r4.js';
import { everyId } from '../../interaction/ask-persons.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { readStoredJson } from '../../interaction/parse-stored.ts';
import { prepareChange } from '../../interaction/prepare-change.ts';
import type { PlannedGuard, WritePlan } from '../../interaction/write-plan.ts';
import { allOf, type Filter, not } from '../../search/filter.ts';
import type { Change } from '../../store/contract/store.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { deduplicate } from './deduplicate.ts';
import type { Vaccines } from './dose-event.ts';
import { doseReviews, reviewsOfPatients, saidIn } from './dose-reviews.ts';
import { toDoseTask } from './dose-task.ts';
import { evaluatePair } from './evaluate-pair.ts';
import type { DosePair } from './group-doses.ts';
import { pairKey } from './said-of-doses.ts';
import { toDoseEvent } from './to-dose-event.ts';

const pageSize = 500;

/** Of more pairs at once the rules, and not people, are to be asked. */
const mostAsked = 20;

/** The doses that the store holds of these Patients, whichever of a person's records is named. */
export async function storedDoses(
  { view, pace }: InteractionContext,
  patientIds: readonly string[],
): Promise<readonly Immunization[]> {
  const anyOf = patientIds.map((id) => ({ type: 'Patient', id }));
  const filter: Filter = { kind: 'value', param: 'patient', test: { kind: 'reference', anyOf } };
  const doses: Immunization[] = [];
  let after: string | undefined;
  do {
    const query = { types: ['Immunization'], filter, sort: [], count: pageSize } as const;
    const page = await view.search(after === undefined ? query : { ...query, after });
    for (const match of page.matches) doses.push(await readStoredJson<Immunization>(match, pace));
    after = page.next;
  } while (after !== undefined);
  return doses;
}

export type PersonsDoses = {
  /** Ids by which the person is known. */
  readonly ids: readonly string[];
  readonly known: readonly Immunization[];
  /** Where one of these makes a pair, it is asked of all pairs. */
  readonly brought: readonly Immunization[];
};

export type AskedOfDoses = Pick<WritePlan, 'added' | 'guards'>;

const nothingAsked: AskedOfDoses = { added: [], guards: [] };

/** The clocks of servers that share a store may be so far apart, in milliseconds. */
const clockSlack = 10_000;

/** A Task for each pair of which nobody was asked yet; where no pair is unsure, nothing is read. */
export async function askOfDoses(
  system: InteractionContext,
  { ids, known: others, brought }: PersonsDoses,
  vaccines: Vaccines,
): Promise<AskedOfDoses> {
  if (!mayBeUnsure(others, brought, vaccines)) return nothingAsked;
  const reviews = await doseReviews(system, ids);
  const doses = [...others, ...brought];
  const { unsure } = deduplicate(doses, vaccines, saidIn(reviews));
  const isBrought = new Set(brought.map(({ id }) => id));
  // Of all of them: one that came at the same moment as another was not seen by it.
  const open = unsure.filter(({ a, b }) => !reviews.byPair.has(pairKey(a, b)));
  const byId = new Map(doses.map((dose) => [dose.id ?? '', dose]));
  const added = open
    .slice(0, mostAsked)
    .flatMap((pair) =>
      taskOf(system, isBrought.has(pair.a) && !isBrought.has(pair.b) ? turned(pair) : pair, byId),
    );
  if (added.length === 0) return nothingAsked;
  return { added, guards: [await noneAskedMeanwhile(system, ids, reviews.ids)] };
}

/** Of one pair it is asked once, also where both doses are written at the same moment. */
async function noneAskedMeanwhile(
  system: InteractionContext,
  ids: readonly string[],
  known: readonly ResourceId[],
): Promise<PlannedGuard> {
  const since = (system.clock.now() - clockSlack) as EpochMs;
  const noneMatch = allOf([
    reviewsOfPatients(await everyId(system.view, ids)),
    { kind: 'lastUpdated', bounds: [{ is: '>=', at: since }] },
    not({ kind: 'id', anyOf: known }),
  ]);
  return { guard: { type: 'Task', noneMatch } };
}

function mayBeUnsure(
  known: readonly Immunization[],
  brought: readonly Immunization[],
  vaccines: Vaccines,
): boolean {
  const eventsOf = (doses: readonly Immunization[]) =>
    doses.flatMap((dose) => toDoseEvent(dose, vaccines) ?? []);
  const others = eventsOf(known);
  for (const event of eventsOf(brought)) {
    if (others.some((other) => evaluatePair(other, event)?.verdict === 'unsure')) return true;
    others.push(event);
  }
  return false;
}

function turned({ a, b, evaluation }: DosePair): DosePair {
  return { a: b, b: a, evaluation };
}

function taskOf(
  system: InteractionContext,
  { a, b, evaluation }: DosePair,
  byId: ReadonlyMap<string, Immunization>,
): readonly Change[] {
  const [newer, other] = [byId.get(b), byId.get(a)];
  if (!newer || !other) return [];
  const id = system.newId();
  const task = toDoseTask({ id, at: formatInstant(system.clock.now()) }, { newer, other, evaluation });
  if (!task) return [];
  const target = { type: 'Task', id: id as ResourceId, method: 'POST', current: undefined } as const;
  return [prepareChange(system, { resource: task, exactNumbers: false }, target)];
}
