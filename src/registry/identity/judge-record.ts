import type { Resource } from '../../fhir/resource.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import type { WritePlan } from '../../interaction/write-plan.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { isSettledByPeople, isUndecided } from '../../operation/decision-task.ts';
import type { Change, StoredVersion } from '../../store/contract/store.ts';
import type { MatchingMode } from '../../values/matching-mode.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Brought } from './brought.ts';
import type { Likely, Matcher } from './matcher.ts';
import { meansOf } from './means.ts';
import type { PatientStep } from './patient-steps.ts';
import type { PersonGroup } from './person-group.ts';
import type { PersonRecords } from './person-records.ts';
import { groupOf, hasRecord, idsOf, joinGroups, lastJoin, restOf } from './regroup.ts';
import { closedByModel, joinedBy, joinedTask, reviewOf } from './review-changes.ts';
import { reviewsBetween, reviewsOfApart } from './reviews.ts';
import { sealedAmong } from './sealed.ts';

export type Judging = {
  readonly system: InteractionContext;
  readonly caller: InteractionContext;
  readonly records: PersonRecords;
  readonly matcher: Matcher;
  /** Who comes in the same transaction. */
  readonly brought: Brought;
};

/** Of more people than this one record is hardly one; who is most alike is asked of first. */
const mostAsked = 5;

/** A record that comes in, or whose demographics changed: who is certain is joined, of who is possible people are asked. */
export async function judgeRecord(
  judging: Judging,
  plan: WritePlan,
  { change, current }: PatientStep,
  mode: MatchingMode,
): Promise<WritePlan> {
  const { system, records, matcher, brought } = judging;
  const patient = await records.read(change.id);
  if (!patient) return plan;
  const group = await groupOf(records, change.id);
  const own = idsOf(group);
  const search = await matcher.find(system, patient, new Set([change.id, ...own]));
  const { noneNew } = search;
  const known = await thoseThere(records, search.likely);
  const beside = brought.like(patient).filter(({ id }) => !own.includes(id));
  brought.add(change.id, patient);
  // Of one that was deleted and comes back people may have decided.
  const isNew = current === undefined;
  const found = (await ofDistinctPersons(records, [...known, ...beside])).map(asUnasked);
  const likely = await withSeals(judging, isNew ? found : await withReviews(judging, own, found));
  const guards = noneNew
    ? [...plan.guards, { guard: { type: 'Patient', noneMatch: noneNew } as const }]
    : plan.guards;
  const joined =
    mode === 'automatic' && (await fitsOwn(judging, group, change.id, patient))
      ? certainOf(likely)
      : undefined;
  const added = joined ? await join(judging, change, joined) : [];
  // Of a sealed one, who might be joined too, people are asked all the same.
  const open = joined ? likely.filter((one) => one.isSealed && isMatch(one)) : likely;
  return { ...plan, guards, added: [...plan.added, ...added, ...ask(judging, change.id, open)] };
}

/** Without who is deleted beside it, and persons of whom no record is left: whoever deletes the last one comes first. */
async function thoseThere(records: PersonRecords, likely: readonly Likely[]): Promise<readonly Likely[]> {
  const there: Likely[] = [];
  for (const one of likely) if (await hasRecord(records, one.id)) there.push(one);
  return there;
}

/** Somebody who may be the person, the Tasks that ask so already, and whether an objection hides that one from the caller. */
type Asked = Likely & { readonly reviews: readonly Resource[]; readonly isSealed: boolean };

function asUnasked(one: Likely): Asked {
  return { ...one, reviews: [], isSealed: false };
}

async function withSeals(
  { system, caller, records }: Judging,
  likely: readonly Asked[],
): Promise<readonly Asked[]> {
  const persons: (readonly string[])[] = [];
  for (const one of likely) persons.push(idsOf(await groupOf(records, one.id)));
  const sealed = await sealedAmong(system, caller.caller, persons);
  return likely.map((one, place) => ({ ...one, isSealed: sealed[place] ?? false }));
}

function isMatch({ comparison }: Likely): boolean {
  return comparison.outcome === 'match';
}

/** Without those of whom people have decided: they are not asked again, nor is it decided for them. */
async function withReviews(
  { system, records }: Judging,
  own: readonly string[],
  likely: readonly Asked[],
): Promise<readonly Asked[]> {
  const open: Asked[] = [];
  for (const one of likely) {
    const reviews = await reviewsOfApart(system, own, idsOf(await groupOf(records, one.id)));
    if (!reviews.some(isSettledByPeople)) open.push({ ...one, reviews });
  }
  return open;
}

/** Two that were joined in the same transaction are one; who of them is most alike stands for it. */
async function ofDistinctPersons(
  records: PersonRecords,
  likely: readonly Likely[],
): Promise<readonly Likely[]> {
  const byPerson = new Map<string, Likely>();
  for (const one of [...likely].sort((a, b) => b.comparison.score - a.comparison.score)) {
    const person = (await groupOf(records, one.id)).personId ?? one.id;
    if (!byPerson.has(person)) byPerson.set(person, one);
  }
  return [...byPerson.values()];
}

/** Of a record that belongs to a person already, and is not certainly that one any more, people say to whom it belongs. */
async function fitsOwn(
  { records, matcher }: Judging,
  group: PersonGroup,
  id: string,
  patient: Resource,
): Promise<boolean> {
  const rest = await restOf(records, group, id);
  return !rest || matcher.compare(patient, rest).outcome === 'match';
}

/**
 * The one who is certain. Of two nobody knows which, unless one has the same number of the same owner. Who is sealed is joined by who
 * brought one of the records alone, and does not keep another from being joined: that would tell of somebody.
 */
function certainOf(likely: readonly Asked[]): Asked | undefined {
  const all = likely.filter((one) => isMatch(one) && !one.isSealed);
  return only(all) ?? only(all.filter(hasSameNumber));
}

function only<One>(some: readonly One[]): One | undefined {
  return some.length === 1 ? some[0] : undefined;
}

function hasSameNumber({ comparison }: Likely): boolean {
  return comparison.fields.some(({ field, level }) => field === 'recordNumber' && level === 'same-owner');
}

async function join(
  { system, caller, records, matcher }: Judging,
  { id, versionId }: Change,
  joined: Asked,
): Promise<readonly Change[]> {
  const personId = await joinGroups(records, { target: joined.id, source: id }, meansOf(system, matcher));
  const tasks =
    joined.reviews.length === 0
      ? [joinedTask(system, id, joined)]
      : await closedByModel(system, joined.reviews);
  const pair = await lastJoin(records, personId);
  const provenance = joinedBy(system, {
    patients: [personId, pair.with, pair.record],
    tasks: tasks.map((task) => task.id),
    message: { version: `Patient/${id}/_history/${versionId}`, owner: ownerOf(caller.caller) },
  });
  return [...tasks, provenance];
}

/** The Organization for which somebody writes. */
export function ownerOf(caller: InteractionContext['caller']): string | undefined {
  return caller.kind === 'token' ? caller.owner : undefined;
}

function ask({ system }: Judging, id: ResourceId, likely: readonly Asked[]): readonly Change[] {
  const unasked = likely.filter(({ reviews }) => reviews.length === 0);
  // Who is sealed takes nobody's place.
  const seen = unasked.filter(({ isSealed }) => !isSealed).slice(0, mostAsked);
  const hidden = unasked.filter(({ isSealed }) => isSealed).slice(0, mostAsked);
  return [...seen, ...hidden].map((one) => reviewOf(system, id, one));
}

/**
 * The Task that asks whether a record that was changed is still of its person, where it was certainly and is not any more; none
 * where people have joined it, or are asked already.
 */
export async function doubtOf(
  { system, records, matcher }: Omit<Judging, 'brought'>,
  { change, current }: { readonly change: Change; readonly current: StoredVersion },
): Promise<readonly Change[]> {
  const group = await groupOf(records, change.id);
  const [after, rest] = [await records.read(change.id), await restOf(records, group, change.id)];
  if (!after || !rest) return [];
  const before = parseStored(storedResource(current)).resource;
  if (matcher.compare(before, rest).outcome !== 'match') return [];
  const comparison = matcher.compare(after, rest);
  if (comparison.outcome === 'match') return [];
  const others = idsOf(group).filter((id) => id !== change.id);
  const reviews = await reviewsBetween(system, [change.id], others);
  if (reviews.some((task) => isSettledByPeople(task) || isUndecided(task))) return [];
  return [reviewOf(system, change.id, { id: neighbourOf(group, change.id) as ResourceId, comparison })];
}

/** The record to which this one was joined first. */
function neighbourOf({ joins, sourceIds }: PersonGroup, id: string): string {
  const join = joins.find((one) => one.record === id || one.with === id);
  if (join) return join.record === id ? join.with : join.record;
  return sourceIds.find((other) => other !== id) ?? id;
}
