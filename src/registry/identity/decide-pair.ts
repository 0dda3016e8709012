import type { Resource } from '../../fhir/resource.ts';
import { type Decided, isUndecided, withDecision } from '../../operation/decision-task.ts';
import type { Matcher } from './matcher.ts';
import { meansOf } from './means.ts';
import { toProvenance } from './record-provenance.ts';
import { groupOf, idsOf, joinGroups, lastJoin, type Parted, type Parting, partGroup } from './regroup.ts';
import type { Outcome, Regrouping } from './regroup-commit.ts';
import { type Pair, pairOf, toDecidedTask } from './review-task.ts';
import { reviewsBetween } from './reviews.ts';
import { checksAfter } from './unmerge-checks.ts';

export type Same = { readonly target: string; readonly source: string };

/** Makes one person of two, and settles what people were asked of them; where nothing was, a Task tells of it. Answers the id of the person. */
export async function decideSame(
  { system, records }: Regrouping,
  { target, source }: Same,
  decided: Decided,
  matcher: Matcher,
): Promise<Outcome<string>> {
  const [some, others] = [await groupOf(records, target), await groupOf(records, source)];
  const personId = await joinGroups(records, { target, source }, meansOf(system, matcher));
  const asked = await reviewsBetween(system, idsOf(some), idsOf(others));
  const join = await lastJoin(records, personId);
  const tasks =
    asked.length > 0
      ? asked.map((task) => withDecision(task, decided))
      : [toDecidedTask(system.newId(), join, decided)];
  const patients = [personId, join.with, join.record];
  const provenance = toProvenance({
    id: system.newId(),
    activity: 'join',
    patients,
    decided,
    tasks: idsIn(tasks),
  });
  return { result: personId, others: [...tasks, provenance] };
}

function idsIn(resources: readonly Resource[]): readonly string[] {
  return resources.map(({ id }) => String(id));
}

/**
 * Parts what was found to be one; it is remembered that it is not, and who has vaccinated by the record of both since is
 * told by Tasks.
 */
export async function decideNotSame(
  { system, records }: Regrouping,
  ids: Parted,
  decided: Decided,
  matcher: Matcher,
): Promise<Outcome<Parting>> {
  const whole = await groupOf(records, ids.id);
  const parting = await partGroup(records, ids, meansOf(system, matcher));
  const told = await rememberNotSame(system, parting, decided);
  const checks = await checksAfter(system, { whole, since: parting.taken.at, at: decided.at });
  const { stays, parted, taken } = parting;
  const persons = [stays, parted].flatMap(({ personId }) => personId ?? []);
  const provenance = toProvenance({
    id: system.newId(),
    activity: 'part',
    patients: [...persons, taken.with, taken.record],
    decided,
    tasks: idsIn(told),
  });
  return { result: parting, others: [...told, ...checks, provenance] };
}

/** What was asked of the two is decided; where nothing was, a Task is made that says so. */
async function rememberNotSame(
  system: Regrouping['system'],
  { stays, parted, taken }: Parting,
  decided: Decided,
): Promise<readonly Resource[]> {
  const asked = await reviewsBetween(system, idsOf(parted), idsOf(stays));
  const between = asked.filter((task) => pairOf(task) !== undefined);
  if (between.length > 0) return between.map((task) => withDecision(task, decided));
  return [toDecidedTask(system.newId(), taken, decided)];
}

/**
 * Two who never were one: whatever else is asked of the same two persons, by other records of theirs, is answered with it.
 */
export async function rememberApart(
  { system, records }: Regrouping,
  { record, with: other }: Pair,
  decided: Decided,
): Promise<Outcome<undefined>> {
  const [some, others] = [await groupOf(records, record), await groupOf(records, other)];
  const asked = await reviewsBetween(system, idsOf(some), idsOf(others));
  return {
    result: undefined,
    others: asked.filter(isUndecided).map((task) => withDecision(task, decided)),
  };
}
