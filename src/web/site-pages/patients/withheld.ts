import type {
  GroupView,
  NotGivenView,
  RecordView,
} from '../../../registry/forecasting/record-view/record-view.ts';

/** What was last said against the group, after its last dose; what was out of stock says nothing. */
export function withheld(view: RecordView, { group, doses }: GroupView): NotGivenView | undefined {
  const [since = ''] = doses.flatMap(({ date }) => date ?? []).sort((one, other) => other.localeCompare(one));
  const dateOf = ({ date = '' }: NotGivenView) => date;
  return view.notGiven
    .filter((one) => one.groups.includes(group) && one.reason !== 'OSTOCK' && dateOf(one) >= since)
    .sort((one, other) => dateOf(other).localeCompare(dateOf(one)))[0];
}
