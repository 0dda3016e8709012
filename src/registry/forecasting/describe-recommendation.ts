import type { VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import type { Pregnancy } from './pregnancy.ts';
import { describePregnancyWeeks, pregnancyWeeksOf } from './pregnancy-weeks.ts';

type Context = { readonly assessmentDate: EpochDay; readonly pregnancy: Pregnancy | undefined };

/** What a person should read beside the dates, in whole sentences; mostly nothing. */
export function describeRecommendation(
  forecast: VaccineGroupForecast,
  { assessmentDate, pregnancy }: Context,
): string {
  const weeks = pregnancyWeeksOf(forecast, pregnancy);
  const sentences = [
    weeks && describePregnancyWeeks(weeks, forecast, assessmentDate),
    describeBehind(forecast),
    describeNeeded(forecast),
    describeNoVaccine(forecast),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

/** The past due date alone would say that nobody is behind. */
function describeBehind({ behindSince, dates }: VaccineGroupForecast): string | undefined {
  if (behindSince === undefined || (dates?.pastDue ?? behindSince) < behindSince) return undefined;
  const since = formatEpochDay(behindSince);
  return `Behind since ${since}, when a dose was overdue that is not asked for any more at this age.`;
}

function describeNeeded({ status, antigensNeeded, neededDates }: VaccineGroupForecast): string | undefined {
  if (status !== 'Contraindicated' || !neededDates) return undefined;
  return `Contraindicated as a whole; the dates are those of ${antigensNeeded.join(' and ')}, still needed.`;
}

/** Why a dose that is needed names no vaccine; undefined where it does. */
export function describeNoVaccine(forecast: VaccineGroupForecast): string | undefined {
  if (forecast.status !== 'Not Complete' || forecast.namedVaccines.length > 0) return undefined;
  // Outside the weeks of a pregnancy: it is said there.
  if (!forecast.dates) return undefined;
  const { contraindicatedVaccines } = forecast;
  return contraindicatedVaccines.length > 0
    ? 'No vaccine is named: those of the series must not be given to this person.'
    : 'No vaccine is named: none of the series is for the age at which the dose is due.';
}
