import type {
  GroupView,
  NotGivenView,
  RecordView,
} from '../../../registry/forecasting/record-view/record-view.ts';

/** Said of a season, it is asked anew in the next one. */
const ofItsSeason: ReadonlySet<string> = new Set(['PATOBJ']);

/** What was last said against the group, after its last dose; what was out of stock says nothing. */
export function withheld(view: RecordView, { group, doses, shown }: GroupView): NotGivenView | undefined {
  const said = view.notGiven.filter((one) => one.groups.includes(group) && one.reason !== 'OSTOCK');
  if (said.length === 0) return undefined;
  const [since = ''] = doses.flatMap(({ date }) => date ?? []).sort((one, other) => other.localeCompare(one));
  const dateOf = ({ date = '' }: NotGivenView) => date;
  const begun = shown?.season?.start ?? '';
  const isOver = (one: NotGivenView) =>
    one.date !== undefined && ofItsSeason.has(one.reason ?? '') && one.date < begun;
  return said
    .filter((one) => dateOf(one) >= since && !isOver(one))
    .sort((one, other) => dateOf(other).localeCompare(dateOf(one)))[0];
}
