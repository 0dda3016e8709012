import { Problem } from '../fhir/problem.ts';
import type { InteractionContext } from '../interaction/context.ts';
import { formatEpochDay } from '../values/epoch-day.ts';
import { parseEpochDay } from '../values/partial-date.ts';

/** The day that forecasts are of: today where none is named. */
export function dayOf({ clock }: InteractionContext, text: string | undefined): string {
  if (text === undefined) return formatEpochDay(clock.today());
  const day = parseEpochDay(text);
  if (day !== undefined) return formatEpochDay(day);
  throw new Problem('invalid-parameter', `asOf=${text.slice(0, 40)}: expected a day such as 2026-11-28`, {
    expression: 'asOf',
  });
}
