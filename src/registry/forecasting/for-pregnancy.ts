import { laterOf, plusDays } from '../../forecast/date-arithmetic.ts';
import type { Forecast, ForecastSeason, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import { toForecastSeason } from '../../forecast/forecast-season.ts';
import type { Schedule } from '../../forecast/schedule.ts';
import type { EpochDay } from '../../values/epoch-day.ts';
import type { Pregnancy } from './pregnancy.ts';
import { type PregnancyWeeks, pregnancyWeeksOf } from './pregnancy-weeks.ts';

type Context = {
  readonly pregnancy: Pregnancy;
  readonly schedule: Schedule;
  readonly assessmentDate: EpochDay;
};

/** The engine knows of a pregnancy only that it has begun; every forecast for it is held to its weeks. */
export function forPregnancies(
  whole: Forecast,
  pregnancy: Pregnancy | undefined,
  schedule: Schedule,
): Forecast {
  if (!pregnancy) return whole;
  const context = { pregnancy, schedule, assessmentDate: whole.assessmentDate };
  return { ...whole, forecasts: whole.forecasts.map((each) => forPregnancy(each, context)) };
}

/**
 * A forecast that is for a pregnancy, within its weeks: nobody is behind before they are over. What closes with them (RSV
 * vaccine) has dates within the weeks and the season that falls into them, or none at all: no day after the birth is
 * recommended, and none outside the season.
 */
function forPregnancy(forecast: VaccineGroupForecast, context: Context): VaccineGroupForecast {
  const weeks = pregnancyWeeksOf(forecast, context.pregnancy);
  if (!weeks) return forecast;
  if (!weeks.days) return weeks.closes ? beforeItsEnd(forecast, context) : forecast;
  return weeks.closes
    ? withinWeeks(forecast, weeks.days, context)
    : overdueAfter(weeks.days.last, forecast, context);
}

function overdueAfter(
  last: EpochDay,
  forecast: VaccineGroupForecast,
  { assessmentDate }: Context,
): VaccineGroupForecast {
  const { behindSince, ...rest } = forecast;
  if (behindSince === undefined) return forecast;
  return assessmentDate > last ? { ...rest, behindSince: laterOf(behindSince, plusDays(last, 1)) } : rest;
}

/** Nobody knows its weeks; but what comes after the last day that it can last to is not for it. */
function beforeItsEnd(forecast: VaccineGroupForecast, { pregnancy }: Context): VaccineGroupForecast {
  const { dates } = forecast;
  if (pregnancy.lastDay === undefined || !dates || dates.earliest <= pregnancy.lastDay) return forecast;
  return notGiven(forecast);
}

/** Needed as CDSi has it, and not in this pregnancy. */
function notGiven({ dates: _, behindSince: __, ...rest }: VaccineGroupForecast): VaccineGroupForecast {
  return { ...rest, recommendedVaccines: [], otherVaccines: [], namedVaccines: [] };
}

function withinWeeks(
  { behindSince: _, dates, season: own, ...rest }: VaccineGroupForecast,
  days: NonNullable<PregnancyWeeks['days']>,
  { schedule, assessmentDate }: Context,
): VaccineGroupForecast {
  const season = own && (seasonOn(laterOf(assessmentDate, days.first), schedule, rest) ?? own);
  const last = Math.min(days.last, season?.end ?? days.last) as EpochDay;
  const earliest = laterOf(dates?.earliest ?? days.first, laterOf(days.first, season?.start ?? days.first));
  if (!dates || earliest > last || assessmentDate > last) {
    return notGiven(own ? { ...rest, season: own } : rest);
  }
  const pastDue = Math.min(dates.pastDue ?? last, last) as EpochDay;
  const recommended = laterOf(dates.recommended, earliest);
  return { ...rest, ...(season && { season }), dates: { ...dates, earliest, recommended, pastDue } };
}

/** The season of the series on that day, or the next one. */
function seasonOn(
  day: EpochDay,
  schedule: Schedule,
  { antigens, seriesNames }: Pick<VaccineGroupForecast, 'antigens' | 'seriesNames'>,
): ForecastSeason | undefined {
  const series = schedule
    .onDay(day)
    .antigens.filter(({ name }) => antigens.includes(name))
    .flatMap((antigen) => antigen.series.filter(({ name }) => seriesNames.includes(name)));
  return toForecastSeason(series.flatMap(({ doses }) => doses));
}
