import { addOffset, earlierOf } from '../../forecast/date-arithmetic.ts';
import type { ForecastDates, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { PregnancyWeeks } from '../../registry/forecasting/pregnancy-weeks.ts';
import { overdueSince } from '../../registry/forecasting/vaccine-status.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { isOptional, type Section } from './sections.ts';

type When = {
  readonly section: Section;
  readonly assessmentDate: EpochDay;
  readonly dateOfBirth: EpochDay;
  readonly weeks: PregnancyWeeks | undefined;
};

/** When a dose is to be given, in one statement: "overdue since 2025-05-27, not after 2029-12-31". */
export function tellDates(each: VaccineGroupForecast, dates: ForecastDates, when: When): string {
  const until = lastDay(dates, when);
  return [
    begins(each, dates, when),
    ...(when.section === 'Later' ? possible(dates, when) : []),
    ...(when.section === 'Overdue' ? heldBack(dates, when) : late(each, dates, until)),
    ...(until === undefined ? [] : [`not after ${formatEpochDay(until)}`]),
    ...(each.season?.assumed ? ['season assumed'] : []),
  ].join(', ');
}

/** That of the dose, or that of the weeks of the pregnancy which it is for. */
function lastDay({ latest }: ForecastDates, { weeks }: When): EpochDay | undefined {
  const last = weeks?.closes ? weeks.days?.last : undefined;
  return latest !== undefined && last !== undefined ? earlierOf(latest, last) : (latest ?? last);
}

function begins(each: VaccineGroupForecast, { recommended }: ForecastDates, when: When): string {
  const { section, assessmentDate } = when;
  if (section === 'Later') return `on ${formatEpochDay(recommended)}`;
  if (section === 'May be given now') return 'now';
  if (section === 'Overdue') {
    const since = overdueSince(each, assessmentDate) ?? recommended;
    return isOfChildhood(since, when) ? 'overdue' : `overdue since ${formatEpochDay(since)}`;
  }
  if (recommended === assessmentDate) return 'due today';
  return isOfChildhood(recommended, when) ? 'due now' : `due since ${formatEpochDay(recommended)}`;
}

/** To a grown-up a day of childhood says nothing that helps. */
function isOfChildhood(day: EpochDay, { dateOfBirth, assessmentDate }: When): boolean {
  const grownUp = addOffset(dateOfBirth, { months: 19 * 12, days: 0 });
  return day < grownUp && grownUp <= assessmentDate;
}

function possible({ earliest, recommended }: ForecastDates, { assessmentDate }: When): readonly string[] {
  if (earliest >= recommended) return [];
  return [earliest <= assessmentDate ? 'possible now' : `possible from ${formatEpochDay(earliest)}`];
}

function heldBack({ earliest }: ForecastDates, { assessmentDate }: When): readonly string[] {
  return earliest > assessmentDate ? [`not before ${formatEpochDay(earliest)}`] : [];
}

function late(
  each: VaccineGroupForecast,
  { recommended, pastDue }: ForecastDates,
  until: EpochDay | undefined,
): readonly string[] {
  // After its last day nothing is overdue.
  if (pastDue === undefined || isOptional(each) || (until !== undefined && pastDue >= until)) return [];
  return [
    pastDue <= recommended ? 'overdue from the next day on' : `overdue after ${formatEpochDay(pastDue)}`,
  ];
}
