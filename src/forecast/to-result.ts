import type { EpochDay } from '../values/epoch-day.ts';
import type { AntigenForecast } from './antigen-forecast.ts';
import { behindSince } from './behind-since.ts';
import type {
  DoseEvaluation,
  ForecastDates,
  ForecastReason,
  ForecastSeason,
  SeriesStatus,
  VaccineGroupForecast,
} from './forecast-result.ts';
import { toForecastSeason } from './forecast-season.ts';
import { dosesAfterNext, nominalDoses, nominalPosition } from './nominal-doses.ts';
import type { Dose } from './patient.ts';
import type { ObservationCode } from './patient-history.ts';
import type { CandidateDates, ForecastSeries } from './patient-series.ts';
import { isPermissive } from './permissive.ts';
import { recommendationClass } from './recommendation-class.ts';
import { chooseVaccines } from './recommended-vaccines.ts';
import { matchedIndications } from './relevant-series.ts';
import type { BestSeries, BlendedForecast } from './vaccine-group-forecast.ts';

/** A vaccine group forecast as callers get it. */
export function toVaccineGroupForecast(blended: BlendedForecast): VaccineGroupForecast {
  const { vaccineGroup, seriesGroup, contained, status, dates, neededDates, doseNumber } = blended;
  const vaccines = chooseVaccines(contained);
  const permissive =
    status === 'Not Complete' && contained.every(({ series }) => isPermissive(series.patient, series.series));
  const isSharedDecision = status === 'Not Complete' && contained.every(isToBeDecided);
  const result: Writable<VaccineGroupForecast> = {
    vaccineGroup: vaccineGroup.name,
    seriesGroup,
    seriesType: contained[0]?.series.series.type ?? 'Standard',
    seriesNames: contained.map(({ shown }) => shown.series.name),
    status,
    reasons: reasonsOf(contained, status),
    isSharedDecision,
    seriesDoses: seriesDosesOf(contained, doseNumber),
    permissive,
    antigens: contained.map(({ antigen }) => antigen.antigen.name),
    antigensNeeded: contained.filter(isNeeded).map(({ antigen }) => antigen.antigen.name),
    recommendedVaccines: vaccines.recommended,
    otherVaccines: vaccines.others,
    namedVaccines: vaccines.named,
    contraindicatedVaccines: vaccines.contraindicated,
    supportingDoses: supportingDoses(contained),
    supportingObservations: observationsOf(contained),
  };
  if (dates) result.dates = toForecastDates(dates);
  if (neededDates) result.neededDates = toForecastDates(neededDates);
  if (doseNumber !== undefined) result.doseNumber = doseNumber;
  const targetDose = dates && furthestBehind(contained)?.series.forecast.target?.number;
  if (targetDose !== undefined) result.targetDose = targetDose;
  const behind = dates && !permissive && !isSharedDecision ? behindSinceOf(contained) : undefined;
  if (behind !== undefined) result.behindSince = behind;
  const season = seasonOf(contained);
  if (season) result.season = season;
  return result;
}

/** Optional properties are set afterwards, which is several times faster here than to spread them. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The number of the next dose and those that follow it; without a next dose the longest of its series. */
function seriesDosesOf(contained: readonly BestSeries[], doseNumber: number | undefined): number {
  const behind = doseNumber !== undefined && furthestBehind(contained);
  if (behind) return doseNumber + dosesAfterNext(behind.shown);
  let most = 0;
  for (const { series } of contained) most = Math.max(most, nominalDoses(series));
  return most;
}

function behindSinceOf(contained: readonly BestSeries[]): EpochDay | undefined {
  let first: EpochDay | undefined;
  for (const { series, antigen } of contained) {
    const since = behindSince(series, antigen);
    if (since !== undefined && (first === undefined || since < first)) first = since;
  }
  return first;
}

/** Of several antigens the one with the most to come. */
function furthestBehind(contained: readonly BestSeries[]): BestSeries | undefined {
  let found: BestSeries | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of contained) {
    const { target } = each.series.forecast;
    if (!target || target.number >= least) continue;
    found = each;
    least = target.number;
  }
  return found;
}

function seasonOf(contained: readonly BestSeries[]): ForecastSeason | undefined {
  for (const { series } of contained) {
    const season = toForecastSeason(series.series.doses);
    if (season) return season;
  }
  return undefined;
}

function isNeeded({ series }: BestSeries): boolean {
  return series.forecast.status === 'Not Complete';
}

/**
 * FORECASTVG-7, from the antigens that gave the group its status: that one antigen of three is complete is no reason
 * for a group that is not.
 */
function reasonsOf(contained: readonly BestSeries[], status: SeriesStatus): readonly ForecastReason[] {
  if (status === 'Not Complete') return noReasons;
  const reasons: ForecastReason[] = [];
  for (const { series } of contained) {
    const { reason } = series.forecast;
    if (reason && (status === 'Complete' || series.forecast.status === status)) reasons.push(reason);
  }
  return distinct(reasons);
}

const noReasons: readonly ForecastReason[] = [];

function isToBeDecided({ series }: BestSeries): boolean {
  return recommendationClass(series.patient, series.series) === 'shared-decision';
}

function supportingDoses(contained: readonly BestSeries[]): readonly string[] {
  const doses: string[] = [];
  for (const { series } of contained) {
    for (const { record } of series.satisfied) doses.push(record.given.id);
  }
  return distinct(doses);
}

export function toForecastDates(dates: CandidateDates): ForecastDates {
  const { earliest, recommended, unadjustedRecommended, pastDue, latest, unadjustedPastDue } = dates;
  const result: Writable<ForecastDates> = { earliest, recommended, unadjustedRecommended };
  if (pastDue !== undefined) result.pastDue = pastDue;
  if (latest !== undefined) result.latest = latest;
  if (unadjustedPastDue !== undefined) result.unadjustedPastDue = unadjustedPastDue;
  return result;
}

const nothing: readonly ObservationCode[] = [];

function observationsOf(contained: readonly BestSeries[]): readonly ObservationCode[] {
  if (contained[0]?.series.patient.cautions.size === 0) return nothing;
  const observations: ObservationCode[] = [];
  for (const each of contained) observations.push(...supportingObservations(each));
  return distinct(observations);
}

/** What made the series relevant, proved immunity or forbids a vaccine of the series. */
function supportingObservations({ antigen, series }: BestSeries): readonly ObservationCode[] {
  const { immunity, facts } = antigen;
  const { observations, vaccines } = facts.contraindications;
  const forbidding =
    vaccines.size === 0
      ? nothing
      : series.series.preferableVaccines.flatMap((cvx) => vaccines.get(cvx) ?? []);
  const proof = immunity?.by === 'clinical-history' ? [immunity.observation] : [];
  const indications = series.series.type === 'Risk' ? matchedIndications(series.patient, series.series) : [];
  return [...indications, ...proof, ...observations, ...forbidding];
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return items.length < 2 ? items : [...new Set(items)];
}

/** One dose as one series saw it. */
export function toDoseEvaluation(
  { antigen }: AntigenForecast,
  found: ForecastSeries,
  record: Dose,
): DoseEvaluation | undefined {
  const { series, judgments, satisfied } = found;
  const judgment = judgments[record.index];
  if (!judgment) return undefined;
  const result: Writable<DoseEvaluation> = {
    doseId: record.given.id,
    antigen: antigen.name,
    vaccineGroup: antigen.vaccineGroup,
    seriesName: series.name,
    seriesType: series.type,
    seriesGroup: series.group,
    seriesDoses: nominalDoses(found),
    status: judgment.status,
    reasons: judgment.reasons,
  };
  const target = judgment.targetDose === undefined ? undefined : series.doses[judgment.targetDose - 1];
  if (target) {
    result.targetDose = target.number;
    result.doseNumber = nominalPosition(
      satisfied.filter((each) => each.record.index < record.index),
      target,
      record.date,
    );
  }
  return result;
}
