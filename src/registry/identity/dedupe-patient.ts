import type { Resource } from '../../fhir/resource.ts';
import { personIdOf } from '../../interaction/ask-persons.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { parseStored } from '../../interaction/parse-stored.ts';
import { storedResource } from '../../interaction/write-result.ts';
import { byDedupe, withDecision } from '../../operation/decision-task.ts';
import { formatInstant } from '../../values/instant.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { Likely, Matcher } from './matcher.ts';
import { meansOf } from './means.ts';
import { toProvenance } from './record-provenance.ts';
import { groupOf, hasRecord, idsOf, joinGroups, lastJoin } from './regroup.ts';
import { type Outcome, type Regrouping, regroup } from './regroup-commit.ts';
import { toReviewTask } from './review-task.ts';
import { reviewsOfApart } from './reviews.ts';
import { isSealedFor, sealedAmong } from './sealed.ts';

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
  const look = async (patientId: ResourceId): Promise<readonly Found[]> => {
    // Since its page was read it may have been joined, or deleted.
    const id = await personIdOf(ctx.view, patientId);
    const patient = await patientOf(ctx, id);
    if (!patient) return [];
    const { others, sure } = await othersLike(ctx, matcher, { id, patient, mode });
    const found: Found[] = [];
    for (const one of others) {
      const settled = await settlePair(ctx, matcher, id, one, one === sure);
      if (settled) found.push(settled);
      // The person is another from now on: the rest is looked at once more.
      if (settled?.isJoined) return found.concat(await look(id));
    }
    return found;
  };
  return look;
}

type Asking = {
  readonly id: ResourceId;
  readonly patient: Resource;
  readonly mode: 'review' | 'automatic';
};

/** Who else the Patient may be, and the one of them who is certain, where that is one person and may be joined. */
async function othersLike(ctx: InteractionContext, matcher: Matcher, { id, patient, mode }: Asking) {
  const { likely } = await matcher.find(ctx, patient, new Set([id]));
  if (mode === 'review') return { others: likely, sure: undefined };
  // Who is sealed is joined with nobody, and must not keep others from being joined: that would tell of somebody.
  const sealed = await sealedAmong(
    ctx,
    ctx.caller,
    likely.map((one) => [one.id]),
  );
  const seen = await ofDistinctPersons(
    ctx,
    matcher,
    likely.filter((_, place) => !sealed[place]),
  );
  const hidden = await ofDistinctPersons(
    ctx,
    matcher,
    likely.filter((_, place) => sealed[place]),
  );
  const certain = seen.filter(({ comparison }) => comparison.outcome === 'match');
  return { others: [...seen, ...hidden], sure: certain.length === 1 ? certain[0] : undefined };
}

/** Without those who are certainly one with somebody more alike: they are joined when their turn comes, and asked of as one. */
async function ofDistinctPersons(
  ctx: InteractionContext,
  { compare }: Matcher,
  likely: readonly Likely[],
): Promise<readonly Likely[]> {
  const distinct: { readonly one: Likely; readonly patient: Resource }[] = [];
  for (const one of likely) {
    const patient = await patientOf(ctx, one.id);
    const isOther =
      patient && distinct.every((before) => compare(before.patient, patient).outcome !== 'match');
    if (isOther) distinct.push({ one, patient });
  }
  return distinct.map(({ one }) => one);
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
    if (!(await hasRecord(records, record)) || !(await hasRecord(records, likely.id)))
      return { result: undefined, others: [] };
    const [some, others] = [await groupOf(records, record), await groupOf(records, likely.id)];
    const [ids, otherIds] = [idsOf(some), idsOf(others)];
    if (ids.includes(likely.id)) return { result: undefined, others: [] };
    if ((await reviewsOfApart(system, ids, otherIds)).length > 0) return { result: undefined, others: [] };
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
      others: await joinedBy(regrouping, matcher, task, { target: likely.id, source: record }),
    };
  });
  return result;
}

async function joinedBy(
  { records, system }: Regrouping,
  matcher: Matcher,
  task: Resource,
  pair: { readonly target: string; readonly source: string },
): Promise<readonly Resource[]> {
  const personId = await joinGroups(records, pair, meansOf(system, matcher));
  const at = formatInstant(system.clock.now());
  const decided = { decision: 'same', reason: 'certain by the model', by: byDedupe, at } as const;
  const join = await lastJoin(records, personId);
  const provenance = toProvenance({
    id: system.newId(),
    activity: 'join',
    patients: [personId, join.with, join.record],
    decided,
    tasks: [String(task.id)],
  });
  return [withDecision(task, decided), provenance];
}
