import type { EpochDay } from '../values/epoch-day.ts';
import type { AntigenForecast } from './antigen-forecast.ts';
import { earlierOf, laterOf } from './date-arithmetic.ts';
import type { SeriesStatus } from './forecast-result.ts';
import { patientDoseNumber } from './patient-dose-number.ts';
import type { CandidateDates, ForecastSeries } from './patient-series.ts';
import type { VaccineGroup } from './schedule.ts';
import { possibleInstead, shownSeries } from './shown-series.ts';

/** The best series of the antigens of a vaccine group that stand for one forecast: same series group, same type. */
export type ContainedForecasts = {
  readonly vaccineGroup: VaccineGroup;
  readonly seriesGroup: string;
  readonly contained: readonly BestSeries[];
  /** The last dose that holds any antigen of the vaccine group. */
  readonly lastDose: EpochDay | undefined;
};

export type BestSeries = {
  readonly antigen: AntigenForecast;
  /** The one that gives status and dates. */
  readonly series: ForecastSeries;
  /** The one that a person is shown, which mostly is the same. */
  readonly shown: ForecastSeries;
  /** All of its series group. */
  readonly group: readonly ForecastSeries[];
};

export type BlendedForecast = ContainedForecasts & {
  readonly status: SeriesStatus;
  readonly dates: CandidateDates | undefined;
  /** Of a group that is contraindicated: when the antigens are due that are needed all the same. */
  readonly neededDates: CandidateDates | undefined;
  readonly doseNumber: number | undefined;
};

/** FORECASTVG-1: an infant's RSV forecast and that of a grown-up never mix. */
export function containedForecasts(
  vaccineGroup: VaccineGroup,
  antigens: readonly AntigenForecast[],
): readonly ContainedForecasts[] {
  const found: (ContainedForecasts & { readonly contained: BestSeries[] })[] = [];
  const lastDose = latestOf(antigens.map(({ records }) => records.at(-1)?.date));
  for (const antigen of antigens) {
    for (const { seriesGroup, choice, verdict, group } of antigen.selections) {
      if (!choice.prioritized || !verdict?.best) continue;
      const series = possibleInstead(choice.prioritized, group, antigen.facts.contraindications);
      const best = { antigen, series, shown: shownSeries(series, group), group };
      const home = found.find((each) => each.seriesGroup === seriesGroup && isOfType(each.contained, series));
      if (home) home.contained.push(best);
      else found.push({ vaccineGroup, seriesGroup, contained: [best], lastDose });
    }
  }
  return found;
}

function isOfType(contained: readonly BestSeries[], { series }: ForecastSeries): boolean {
  return contained[0]?.series.series.type === series.type;
}

/** Makes one forecast of those contained (9.2, 9.3). */
export function blend(group: ContainedForecasts): BlendedForecast {
  const [first, second] = group.contained;
  if (!first || second) return blendAntigens(group);
  // SINGLEANTVG-1 and -2: as it is.
  const { status, dates } = first.series.forecast;
  return blended(group, status, dates, dates && patientDoseNumber(first.antigen, first.series));
}

function blended(
  { vaccineGroup, seriesGroup, contained, lastDose }: ContainedForecasts,
  status: SeriesStatus,
  dates: CandidateDates | undefined,
  doseNumber: number | undefined,
): BlendedForecast {
  const neededDates = undefined;
  return { vaccineGroup, seriesGroup, contained, lastDose, status, dates, neededDates, doseNumber };
}

function blendAntigens(group: ContainedForecasts): BlendedForecast {
  const status = blendStatus(group.contained.map(({ series }) => series.forecast.status));
  const needed = group.contained.filter(({ series }) => series.forecast.dates !== undefined);
  if (status === 'Contraindicated' && needed.length > 0) {
    const neededDates = blendDates(needed, group.lastDose);
    return { ...blended(group, status, undefined, undefined), neededDates };
  }
  if (status !== 'Not Complete' || needed.length === 0) return blended(group, status, undefined, undefined);
  const numbers = needed.map(({ antigen, series }) => patientDoseNumber(antigen, series));
  // FORECASTDN-2
  const doseNumber = group.vaccineGroup.administerFullVaccineGroup
    ? Math.min(...numbers)
    : Math.max(...numbers);
  return blended(group, status, blendDates(needed, group.lastDose), doseNumber);
}

const leadingStatuses = ['Contraindicated', 'Aged Out', 'Not Recommended', 'Not Complete'] as const;

/** Table 9-4: the first row that fits. */
export function blendStatus(statuses: readonly SeriesStatus[]): SeriesStatus {
  for (const status of leadingStatuses) if (statuses.includes(status)) return status;
  return statuses.every((status) => status === 'Immune') ? 'Immune' : 'Complete';
}

/** FORECASTVG-2 to -6. */
function blendDates(
  needed: readonly BestSeries[],
  lastDose: EpochDay | undefined,
): CandidateDates | undefined {
  const all: CandidateDates[] = [];
  for (const { series } of needed) if (series.forecast.dates) all.push(series.forecast.dates);
  const earliest = blendEarliest(needed, all, lastDose);
  const unadjustedRecommended = earliestOf(all.map((each) => each.unadjustedRecommended));
  const recommended = earliestOf(all.map((each) => each.recommended));
  if (earliest === undefined || unadjustedRecommended === undefined || recommended === undefined)
    return undefined;
  const pastDue = earliestOf(all.map((each) => each.pastDue));
  return {
    earliest,
    unadjustedRecommended,
    recommended: laterOf(recommended, earliest),
    unadjustedPastDue: earliestOf(all.map((each) => each.unadjustedPastDue)),
    pastDue: pastDue === undefined ? undefined : laterOf(pastDue, earliest),
    latest: earliestOf(all.map((each) => each.latest)),
  };
}

/** MULTIANTVG-1: one antigen's priority forecast pulls the group forward, but not before the last dose. */
function blendEarliest(
  needed: readonly BestSeries[],
  all: readonly CandidateDates[],
  lastDose: EpochDay | undefined,
): EpochDay | undefined {
  const dates = all.map((each) => each.earliest);
  if (!needed.some(({ series }) => series.forecast.isPriority)) return latestOf(dates);
  return latestOf([earliestOf(dates), lastDose]);
}

function earliestOf(days: readonly (EpochDay | undefined)[]): EpochDay | undefined {
  let found: EpochDay | undefined;
  for (const day of days) if (day !== undefined) found = found === undefined ? day : earlierOf(found, day);
  return found;
}

function latestOf(days: readonly (EpochDay | undefined)[]): EpochDay | undefined {
  let found: EpochDay | undefined;
  for (const day of days) if (day !== undefined) found = found === undefined ? day : laterOf(found, day);
  return found;
}
