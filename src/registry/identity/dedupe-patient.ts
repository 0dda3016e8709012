import type { Resource } from '../../fhir/resource.ts';
import { personIdOf } from '../../interaction/ask-persons.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Likely, Matcher } from './matcher.ts';
import { meansOf } from './means.ts';
import { groupOf, idsOf, joinGroups } from './regroup.ts';
import { type Outcome, type Regrouping, regroup } from './regroup-commit.ts';
import { toReviewTask, withDecision } from './review-task.ts';
import { reviewsBetween } from './reviews.ts';
import { isSealedFor } from './sealed.ts';

/** Two Patients who were found to be one, or of whom people are asked. */
export type Found = {
  readonly record: string;
  readonly with: string;
  readonly isJoined: boolean;
  /** The rule that decided, or else the grade. */
  readonly reason: string;
  readonly score: number;
};

/** Looks who else the person of a Patient may be, joins who is certain, and asks of the others; of each pair once. */
export function openDedupe(ctx: InteractionContext, matcher: Matcher, mode: 'review' | 'automatic') {
  return async (patientId: ResourceId): Promise<readonly Found[]> => {
    // Since its page was read it may have been joined, or deleted.
    const id = await personIdOf(ctx.view, patientId);
    const patient = await patientOf(ctx, id);
    if (!patient) return [];
    const { likely } = await matcher.find(ctx, patient, new Set([id]));
    const sure = mode === 'automatic' ? await onePerson(ctx, matcher, likely) : undefined;
    const found: Found[] = [];
    for (const one of likely) {
      const settled = await settlePair(ctx, matcher, id, one, one === sure);
      if (settled) found.push(settled);
      // The person is another from now on: the rest is looked at once more.
      if (settled?.isJoined) return [...found, ...(await openDedupe(ctx, matcher, mode)(id))];
    }
    return found;
  };
}

/** The most alike of those who are certain, where these are certainly one person themselves. */
async function onePerson(
  ctx: InteractionContext,
  { compare }: Matcher,
  likely: readonly Likely[],
): Promise<Likely | undefined> {
  const [best, ...others] = likely.filter(({ comparison }) => comparison.outcome === 'match');
  const patient = best && (await patientOf(ctx, best.id));
  if (!best || !patient) return undefined;
  for (const { id } of others) {
    const other = await patientOf(ctx, id);
    if (!other || compare(patient, other).outcome !== 'match') return undefined;
  }
  return best;
}

async function patientOf(ctx: InteractionContext, id: ResourceId): Promise<Resource | undefined> {
  const version = await ctx.view.read({ type: 'Patient', id });
  return version?.text === undefined ? undefined : parseStored(storedResource(version)).resource;
}

/** Undefined where it was asked, or decided, before. */
async function settlePair(
  ctx: InteractionContext,
  matcher: Matcher,
  record: ResourceId,
  likely: Likely,
  mayJoin: boolean,
): Promise<Found | undefined> {
  const { result } = await regroup(ctx, async (regrouping): Promise<Outcome<Found | undefined>> => {
    const { records, system } = regrouping;
    const [some, others] = [await groupOf(records, record), await groupOf(records, likely.id)];
    const [ids, otherIds] = [idsOf(some), idsOf(others)];
    if (ids.includes(likely.id)) return { result: undefined, others: [] };
    if ((await reviewsBetween(system, ids, otherIds)).length > 0) return { result: undefined, others: [] };
    const isJoined = mayJoin && !(await isSealedFor(system, ctx.caller, [...ids, ...otherIds]));
    const { comparison } = likely;
    const task = toReviewTask(
      system.newId(),
      { record, with: likely.id },
      comparison,
      formatInstant(ctx.clock.now()),
    );
    const result = {
      record,
      with: likely.id,
      isJoined,
      reason: comparison.rule ?? comparison.grade,
      score: Math.round(comparison.score * 1e4) / 1e4,
    };
    if (!isJoined) return { result, others: [task] };
    return {
      result,
      others: [await joinedBy(regrouping, matcher, task, { target: likely.id, source: record })],
    };
  });
  return result;
}

async function joinedBy(
  { records, system }: Regrouping,
  matcher: Matcher,
  task: Resource,
  pair: { readonly target: string; readonly source: string },
): Promise<Resource> {
  await joinGroups(records, pair, meansOf(system, matcher));
  const at = formatInstant(system.clock.now());
  const decided = { decision: 'same', reason: 'certain by the model', by: 'jenner dedupe', at } as const;
  return withDecision(task, decided);
}
