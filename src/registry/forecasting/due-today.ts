import type { ForecastDates, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import { vaccineStatus } from './vaccine-status.ts';

/** Whether a dose is asked for by the day, and can be given on it. */
export function isDueOn(each: VaccineGroupForecast, day: EpochDay): boolean {
  const { code, dates } = vaccineStatus(each, day);
  if (code !== 'overdue' && code !== 'due') return false;
  return dates !== undefined && dates.earliest <= day && each.namedVaccines.length > 0;
}

/** When the next dose of a row is, where one is asked for; what is left to a decision is not. */
export function datesAsked(each: VaccineGroupForecast, day: EpochDay): ForecastDates | undefined {
  return each.permissive || each.isSharedDecision ? undefined : vaccineStatus(each, day).dates;
}

/** What tells the forecasts of one person from each other. */
export function rowKey({ vaccineGroup, seriesGroup, seriesType }: VaccineGroupForecast): string {
  return `${vaccineGroup}|${seriesType}|${seriesGroup}`;
}
