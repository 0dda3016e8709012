import type { Task } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import type {
  GroupView,
  RecordView,
  VisitView,
} from '../../../registry/forecasting/record-view/record-view.ts';
import { reportsOf } from '../../../registry/record-reports/report-record.ts';
import { parseResourceId, type ResourceId } from '../../../values/resource-id.ts';
import { outOfUse } from '../../out-of-use.ts';
import { hasDied } from '../../person-words.ts';
import type { SiteServices } from '../../site/site-services.ts';
import { heldBack, isProposed } from './held-back.ts';

/** The record of a patient as a clinician works with it. */
export type Chart = {
  readonly id: ResourceId;
  readonly view: RecordView;
  /** What the family says is missing or wrong, and nobody has answered. */
  readonly reports: readonly Task[];
  /** Absent where what would be due after a visit cannot be asked for. */
  readonly plan?: VisitPlan;
};

/** What a what-if forecast proposes for today: fewest injections and the next visit are never a rule of thumb. */
export type VisitPlan = VisitView & {
  /** Vaccine groups that are due and that it leaves out: they were declined, or something must be asked first. */
  readonly withheld: readonly string[];
};

export function patientIdIn(params: Readonly<Record<string, string>>): ResourceId | undefined {
  return parseResourceId(params['id'] ?? '');
}

export async function loadChart(
  ctx: InteractionContext,
  id: ResourceId,
  services: SiteServices,
): Promise<Chart> {
  const { view, visit } = await services.visitView(ctx, id, withheldBy);
  const reports = (await reportsOf(ctx, id)).filter(({ status }) => status === 'requested');
  if (!visit) return { id, view, reports };
  const withheld = without(view).filter(isProposed);
  return { id, view, reports, plan: { ...visit, withheld: withheld.map(({ group }) => group) } };
}

function withheldBy(view: RecordView): readonly string[] | undefined {
  if (outOfUse(view.patient) !== undefined || hasDied(view.patient)) return undefined;
  return without(view).map(({ group }) => group);
}

/** Nobody plans what is held back, neither for today nor for the day after. */
function without(view: RecordView): readonly GroupView[] {
  return view.groups.filter((group) => heldBack(view, group));
}
