import type {
  GroupView,
  NotGivenView,
  RecordView,
  SeriesView,
  VaccineView,
} from '../../../registry/forecasting/record-view/record-view.ts';
import type { StatusCode } from '../../../registry/forecasting/vaccine-status.ts';
import { withheld } from './withheld.ts';

/** What is proposed for today; what nobody is late with is left to whoever gives vaccines. */
const proposed: ReadonlySet<StatusCode> = new Set(['overdue', 'due']);

/** Why a vaccine that is due is not proposed. */
export type HeldBack =
  | { readonly kind: 'withheld'; readonly said: NotGivenView }
  /** Each vaccine for it has a part that is withheld. */
  | { readonly kind: 'only-with'; readonly groups: readonly string[] }
  /** Each of them is live, and a condition is known by which some must not have it. */
  | { readonly kind: 'immune-status' }
  | { readonly kind: 'decision' };

export function isProposed({ shown }: GroupView): boolean {
  return shown !== undefined && proposed.has(shown.status);
}

export function heldBack(view: RecordView, of: GroupView): HeldBack | undefined {
  const said = withheld(view, of);
  if (said) return { kind: 'withheld', said };
  const { shown, group } = of;
  if (!shown || !isProposed(of)) return undefined;
  if (shown.isLeftToDecide) return { kind: 'decision' };
  const { vaccines } = shown;
  if (vaccines.length > 0 && vaccines.every(({ asks }) => asks === 'immune-status')) {
    return { kind: 'immune-status' };
  }
  const others = withheldGroups(view, group);
  const parts = vaccines.map((vaccine) => vaccine.groups.filter((one) => others.has(one)));
  if (parts.length === 0 || parts.some((of) => of.length === 0)) return undefined;
  return { kind: 'only-with', groups: [...new Set(parts.flat())] };
}

/** Vaccine groups but this one that are withheld: no combination brings them by the way. */
function withheldGroups(view: RecordView, but: string): ReadonlySet<string> {
  const others = view.groups.filter(({ group }) => group !== but);
  return new Set(others.filter((each) => withheld(view, each)).map(({ group }) => group));
}

/** Vaccines to choose from: without those that have a part that is withheld, as long as others are left. */
export function optionsFor(
  view: RecordView,
  { group, shown }: Pick<GroupView, 'group'> & { readonly shown: SeriesView },
): readonly VaccineView[] {
  const others = withheldGroups(view, group);
  const free = shown.vaccines.filter(({ groups }) => !groups.some((one) => others.has(one)));
  return free.length > 0 ? free : shown.vaccines;
}

/**
 * The vaccine that is chosen unless somebody chooses another: that of the plan, else the first of which nothing must be
 * known that is not. Undefined where the dose depends on the weight.
 */
export function preselected(
  options: readonly VaccineView[],
  planned: readonly string[],
): VaccineView | undefined {
  const byPlan = options.find(({ cvx }) => planned.includes(cvx));
  const first = byPlan ?? options.find(({ asks }) => asks !== 'immune-status') ?? options[0];
  return first?.asks === 'weight' ? undefined : first;
}
