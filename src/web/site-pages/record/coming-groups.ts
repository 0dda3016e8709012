import type { GroupView } from '../../../registry/forecasting/record-view/record-view.ts';

/** What lies ahead, the nearest first. */
export function comingGroups(groups: readonly GroupView[]): readonly GroupView[] {
  return groups
    .filter(({ shown }) => shown?.status === 'later' && shown.dates !== undefined)
    .sort((one, other) => dateOf(one).localeCompare(dateOf(other)));
}

function dateOf({ shown }: GroupView): string {
  return shown?.dates?.earliest ?? '';
}
