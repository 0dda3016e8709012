import { addOffset } from '../../forecast/date-arithmetic.ts';
import type { Forecast, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { EpochDay } from '../../values/epoch-day.ts';

export const distantYears = 20;

/** What is due so long from now that nobody acts on it: a zoster dose in 2075 only hides what is due. */
function isDistant({ dates }: VaccineGroupForecast, horizon: EpochDay): boolean {
  return dates !== undefined && dates.earliest >= horizon;
}

/** A forecast, and the vaccine groups of what was left out of it. */
export type NearForecast = { readonly forecast: Forecast; readonly leftOut: readonly string[] };

/** The forecast without what is distant. */
export function withoutDistant(forecast: Forecast): NearForecast {
  const { assessmentDate, forecasts } = forecast;
  const horizon = addOffset(assessmentDate, { months: distantYears * 12, days: 0 });
  const distant = forecasts.filter((each) => isDistant(each, horizon));
  if (distant.length === 0) return { forecast, leftOut: [] };
  return {
    forecast: { ...forecast, forecasts: forecasts.filter((each) => !distant.includes(each)) },
    leftOut: [...new Set(distant.map(({ vaccineGroup }) => vaccineGroup))],
  };
}
