import { plusDays } from '../../forecast/date-arithmetic.ts';
import type { ForecastDates, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { EpochDay } from '../../values/epoch-day.ts';

/** When the next dose of a row is; tetanus and diphtheria are still needed where pertussis vaccine must not be given. */
export function datesOf(each: VaccineGroupForecast): ForecastDates | undefined {
  if (each.status === 'Not Complete') return each.dates;
  return each.status === 'Contraindicated' && each.namedVaccines.length > 0 ? each.neededDates : undefined;
}

/** Nobody has to be given what is left to a decision. */
export function isAsked(each: VaccineGroupForecast): boolean {
  return !each.permissive && !each.isSharedDecision;
}

/** Whether a dose is recommended by the day, and may be given on it. */
export function isDueOn(each: VaccineGroupForecast, day: EpochDay): boolean {
  const dates = datesOf(each);
  if (!dates || !isAsked(each) || each.namedVaccines.length === 0) return false;
  return dates.recommended <= day && dates.earliest <= day;
}

/** Since when nobody should have been without the dose; undefined where the day is not past that. */
export function overdueSince(each: VaccineGroupForecast, day: EpochDay): EpochDay | undefined {
  const { behindSince } = each;
  if (behindSince !== undefined) return behindSince <= day ? behindSince : undefined;
  const pastDue = datesOf(each)?.pastDue;
  if (pastDue === undefined || pastDue >= day || !isAsked(each)) return undefined;
  return plusDays(pastDue, 1);
}

/** What tells the forecasts of one person from each other. */
export function rowKey({ vaccineGroup, seriesGroup, seriesType }: VaccineGroupForecast): string {
  return `${vaccineGroup}|${seriesType}|${seriesGroup}`;
}
