import type { EpochDay } from '../values/epoch-day.ts';
import { formatInstant } from '../values/instant.ts';
import { daysMeantBy, parsePartialDate } from '../values/partial-date.ts';
import { startOfDayIn } from '../values/time-zone.ts';
import type { InteractionContext } from './context.ts';
import type { ParameterList } from './parse-query.ts';

/**
 * What finds the instants (`date` is their parameter) of these days, months or years as the registry's clocks have them; a
 * search by a day alone is one in UTC. What is no date is asked for as it is.
 */
export function withinDays(
  { clock: { zone } }: Pick<InteractionContext, 'clock'>,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): ParameterList {
  const [first, last] = [from, to].map((text) => {
    const date = parsePartialDate(text ?? '');
    return date && daysMeantBy(date);
  });
  const startOf = (day: number) => formatInstant(startOfDayIn(zone, day as EpochDay));
  return [
    ...(from === undefined ? [] : [['date', `ge${first ? startOf(first.first) : from}`] as const]),
    ...(to === undefined ? [] : [['date', last ? `lt${startOf(last.last + 1)}` : `le${to}`] as const]),
  ];
}
