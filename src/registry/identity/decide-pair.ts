import type { Resource } from '../../fhir/resource.ts';
import { type Decided, withDecision } from '../../operation/decision-task.ts';
import type { Matcher } from './matcher.ts';
import { meansOf } from './means.ts';
import { groupOf, idsOf, joinGroups, type Parting, partGroup } from './regroup.ts';
import type { Outcome, Regrouping } from './regroup-commit.ts';
import { pairOf, toDecidedTask } from './review-task.ts';
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
  if (asked.length > 0) return { result: personId, others: asked.map((task) => withDecision(task, decided)) };
  const join = (await groupOf(records, personId)).joins.at(-1);
  if (!join) throw new Error(`Patient/${personId} was joined by nothing`);
  return { result: personId, others: [toDecidedTask(system.newId(), join, decided)] };
}

/**
 * Parts what was found to be one; it is remembered that it is not, and who has vaccinated by the record of both since is
 * told by Tasks.
 */
export async function decideNotSame(
  { system, records }: Regrouping,
  ids: { readonly id: string; readonly from?: string | undefined },
  decided: Decided,
  matcher: Matcher,
): Promise<Outcome<Parting>> {
  const whole = await groupOf(records, ids.id);
  const parting = await partGroup(records, ids, meansOf(system, matcher));
  const told = await rememberNotSame(system, parting, decided);
  const checks = await checksAfter(system, { whole, since: parting.taken.at, at: decided.at });
  return { result: parting, others: [...told, ...checks] };
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
