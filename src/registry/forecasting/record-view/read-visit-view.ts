import type { InteractionContext } from '../../../interaction/context.ts';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import type { ForecastSettings } from '../forecast-operations.ts';
import type { WorkedOut } from '../group-states.ts';
import type { KnowledgeBase } from '../knowledge-base.ts';
import { type NextVisit, planVisit, type VisitPlan } from '../plan-visit.ts';
import { readWorkedRecord } from './read-record-view.ts';
import type { NextVisitView, RecordView, VisitView } from './record-view.ts';

/** By what is on record the vaccine groups of which nothing is to be given; undefined: nothing is to be proposed at all. */
export type WithheldBy = (view: RecordView) => readonly string[] | undefined;

/**
 * The record of a stored person and what `$immds-what-if` proposes for today. Both rest on one reading and one forecast: to ask
 * one after the other would cost them twice. No visit where nothing could be worked out, or there is nothing to say.
 */
export async function readVisitView(
  ctx: InteractionContext,
  id: ResourceId,
  { settings, withheldBy }: { readonly settings: ForecastSettings; readonly withheldBy: WithheldBy },
): Promise<{ readonly view: RecordView; readonly visit?: VisitView }> {
  const day = ctx.clock.today();
  const { view, worked } = await readWorkedRecord(ctx, id, { settings, day });
  const withheld = worked && withheldBy(view);
  if (!withheld) return { view };
  const { knowledgeBase, reading, whole } = worked;
  const question = { reading, known: whole, knowledgeBase, day, available: undefined };
  const plan = await planVisit({ ...question, withheld: new Set(withheld) }, ctx.pace);
  return isEmpty(plan) ? { view } : { view, visit: toVisitView(plan, worked) };
}

function isEmpty({ due, after }: VisitPlan): boolean {
  return due.length === 0 && after === undefined;
}

function toVisitView({ injections, after }: VisitPlan, { knowledgeBase }: WorkedOut): VisitView {
  return {
    injections: injections.map(({ cvx, covers }) => ({
      cvx,
      name: nameOf(cvx, knowledgeBase),
      groups: [...new Set(covers.map(({ vaccineGroup }) => vaccineGroup))],
    })),
    ...(after && { next: toNextVisitView(after) }),
  };
}

function nameOf(cvx: string, { inAnswers }: KnowledgeBase): string {
  return inAnswers.vaccineOf(cvx).coding?.[0]?.display ?? cvx;
}

function toNextVisitView({ earliest, mayBeGiven, recommended, isRecommended }: NextVisit): NextVisitView {
  return {
    earliest: formatEpochDay(earliest),
    mayBeGiven,
    recommended: formatEpochDay(recommended),
    doses: isRecommended.map(({ vaccineGroup: group, doseNumber }) => ({
      group,
      ...(doseNumber !== undefined && { doseNumber }),
    })),
  };
}
