import { plusDays } from '../../forecast/date-arithmetic.ts';
import type { ForecastDates, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { EpochDay } from '../../values/epoch-day.ts';

/**
 * What somebody is told of a vaccine group on a day: R4 and CDSi say "due" of what is due in forty years, and "not
 * recommended" of a season that a file does not know.
 */
export type StatusCode =
  | 'overdue'
  | 'due'
  /** It may be given, and nobody is late. */
  | 'can'
  | 'later'
  | 'complete'
  | 'immune'
  | 'do-not-give'
  | 'past-age'
  | 'shared-decision'
  /** The schedule says nothing of the present season: it is not said that the vaccine is not recommended. */
  | 'no-advice'
  | 'not-needed';

/** In the order in which somebody who gives vaccines asks. */
export const statusCodes: readonly StatusCode[] = [
  'overdue',
  'due',
  'can',
  'shared-decision',
  'later',
  'do-not-give',
  'no-advice',
  'complete',
  'immune',
  'past-age',
  'not-needed',
];

export type VaccineStatus = {
  readonly code: StatusCode;
  /** Overdue: since when. */
  readonly since?: EpochDay;
  /** Of a dose that is asked for now or later, and of what may be given: when. */
  readonly dates?: ForecastDates;
  /**
   * The day that is told of what lies ahead: the one on which it is recommended, and never one that has passed. What may be
   * given earlier is not waited for by anybody.
   */
  readonly from?: EpochDay;
};

/** The one status of a vaccine group on the day: for every chip, tile, list, print and count. */
export function vaccineStatus(forecast: VaccineGroupForecast, day: EpochDay): VaccineStatus {
  switch (forecast.status) {
    case 'Not Complete':
      return neededStatus(forecast, day);
    case 'Contraindicated':
      // Tetanus and diphtheria are still needed where pertussis vaccine must not be given, and there is a vaccine for them.
      return forecast.neededDates && forecast.namedVaccines.length > 0
        ? neededStatus(forecast, day)
        : { code: 'do-not-give' };
    case 'Complete':
      return { code: 'complete' };
    case 'Immune':
      return { code: 'immune' };
    case 'Aged Out':
      return { code: 'past-age' };
    case 'Not Recommended':
      return { code: forecast.reasons.includes('past-seasonal-end') ? 'no-advice' : 'not-needed' };
  }
}

function neededStatus(forecast: VaccineGroupForecast, day: EpochDay): VaccineStatus {
  const dates = forecast.dates ?? forecast.neededDates;
  // Outside the weeks of a pregnancy there is neither a day nor a vaccine.
  if (!dates) return { code: 'not-needed' };
  const since = overdueSince(forecast, day);
  if (since !== undefined) return { code: 'overdue', since, dates };
  const code = openStatus(forecast, dates, day);
  const from = Math.max(dates.earliest, dates.recommended) as EpochDay;
  const isAhead = (code === 'later' || code === 'can') && from > day;
  return { code, ...(code !== 'not-needed' && { dates }), ...(isAhead && { from }) };
}

function openStatus(
  { isSharedDecision, permissive, namedVaccines }: VaccineGroupForecast,
  { earliest, recommended }: ForecastDates,
  day: EpochDay,
): StatusCode {
  if (earliest > day) return 'later';
  const isTime = recommended <= day;
  if (isSharedDecision) return isTime ? 'shared-decision' : 'later';
  // What nobody recommends and no vaccine is for cannot be had, neither now nor later.
  if (permissive && isTime) return namedVaccines.length > 0 ? 'can' : 'not-needed';
  if (permissive) return 'later';
  return isTime ? 'due' : 'can';
}

/** Of a group that is contraindicated while a part of it is needed nobody else says it. */
export function overdueSince(
  { behindSince, neededDates }: VaccineGroupForecast,
  day: EpochDay,
): EpochDay | undefined {
  if (behindSince !== undefined || neededDates?.pastDue === undefined) return behindSince;
  return neededDates.pastDue < day ? plusDays(neededDates.pastDue, 1) : undefined;
}
