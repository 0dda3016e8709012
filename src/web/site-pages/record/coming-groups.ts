import type { GroupView } from '../../../registry/forecasting/record-view/record-view.ts';

/** What lies ahead, the nearest first by the day that is told of it. */
export function comingGroups(groups: readonly GroupView[]): readonly GroupView[] {
  return inOrder(groups.filter(({ shown }) => shown?.status === 'later'));
}

/** What is recommended next, also where it may be given before. */
export function nextGroup(groups: readonly GroupView[]): GroupView | undefined {
  return inOrder(groups)[0];
}

function inOrder(groups: readonly GroupView[]): readonly GroupView[] {
  const dateOf = ({ shown }: GroupView) => shown?.from ?? '';
  return groups
    .filter((group) => dateOf(group) !== '')
    .sort((one, other) => dateOf(one).localeCompare(dateOf(other)));
}
