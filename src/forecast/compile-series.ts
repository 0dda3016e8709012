import {
  ageWindow,
  type CompileContext,
  effective,
  toCvxCode,
  toObservationCode,
  vaccineWindow,
} from './compile-context.ts';
import { beginOfTime, endOfTime } from './date-arithmetic.ts';
import type {
  AgeLimits,
  ConditionalSkip,
  Interval,
  IntervalReference,
  PreferableVaccine,
  Season,
  Series,
  SeriesDose,
  SkipCondition,
  VaccineConflict,
  WindowedObservation,
} from './schedule.ts';
import type {
  AgeData,
  AllowableIntervalData,
  ConditionalSkipData,
  ContraindicationData,
  IntervalData,
  PreferableVaccineData,
  SeasonOfDay,
  SeriesData,
  SeriesDoseData,
  SkipConditionData,
} from './schedule-data.ts';

/** By CVX number of the current dose. */
type Conflicts = readonly (readonly VaccineConflict[] | undefined)[];

type SeriesPlace = { readonly antigen: string; readonly order: number; readonly conflicts: Conflicts };

export function compileSeries(data: SeriesData, place: SeriesPlace, context: CompileContext): Series {
  const doses = data.doses.map((dose, i) => compileDose(dose, i + 1, place.conflicts, context));
  return {
    name: data.seriesName,
    antigen: place.antigen,
    vaccineGroup: data.vaccineGroup,
    type: data.seriesType,
    order: place.order,
    group: data.seriesGroup,
    equivalentGroups: data.equivalentSeriesGroups,
    requiredGender: data.requiredGender,
    isDefault: data.defaultSeries,
    isProductPath: data.productPath,
    priority: data.seriesPriority,
    preference: data.seriesPreference ?? Number.POSITIVE_INFINITY,
    minAgeToStart: context.beginAge(data.minAgeToStart),
    maxAgeToStart: context.endAge(data.maxAgeToStart),
    indications: data.indications.map((each) => windowedObservation(each, context)),
    classifications: (data.classifications ?? []).map((each) => ({
      as: each.as,
      observations: each.observations?.map(toObservationCode),
      ...ageWindow(each, context),
    })),
    doses,
    plainFrom:
      1 + doses.findLastIndex(({ forecastSkips, recurring }) => recurring || forecastSkips.length > 0),
    preferableVaccines: [...new Set(doses.flatMap((dose) => dose.preferableVaccines.map(({ cvx }) => cvx)))],
  };
}

export function windowedObservation(
  data: ContraindicationData,
  context: CompileContext,
): WindowedObservation {
  return { observation: toObservationCode(data.observation), ...ageWindow(data, context) };
}

function compileDose(
  data: SeriesDoseData,
  number: number,
  conflicts: Conflicts,
  context: CompileContext,
): SeriesDose {
  const preferableVaccines = data.preferableVaccines.map((each) => preferableVaccine(each, context));
  const skipsIn = (use: 'Evaluation' | 'Forecast') =>
    data.conditionalSkips
      .filter((skip) => skip.context === use || skip.context === 'Both')
      .map((skip) => conditionalSkip(skip, context));
  return {
    number,
    ages: data.ages.map((each) => ageLimits(each, context)),
    intervals: data.intervals.map((each) => interval(each, context)),
    allowableIntervals: data.allowableIntervals.map((each) => interval(each, context)),
    preferableVaccines,
    allowableVaccines: data.allowableVaccines.map((each) => vaccineWindow(each, context)),
    inadvertentVaccines: data.inadvertentVaccines.map((code) => Number(toCvxCode(code))),
    evaluationSkips: skipsIn('Evaluation'),
    forecastSkips: skipsIn('Forecast'),
    recurring: data.recurringDose,
    season: data.seasonalRecommendation && season(data.seasonalRecommendation, context),
    conflicts: conflictsOf(preferableVaccines, conflicts),
  };
}

function ageLimits(data: AgeData, context: CompileContext): AgeLimits {
  return {
    absMinAge: context.beginAge(data.absMinAge),
    minAge: context.beginAge(data.minAge),
    earliestRecAge: context.beginAge(data.earliestRecAge),
    latestRecAge: context.endAge(data.latestRecAge),
    maxAge: context.endAge(data.maxAge),
    ...effective(data, context),
  };
}

function interval(data: IntervalData | AllowableIntervalData, context: CompileContext): Interval {
  const preferable: IntervalData = data;
  return {
    reference: intervalReference(data, context),
    absMinInt: context.optionalOffset(data.absMinInt),
    minInt: context.optionalOffset(preferable.minInt),
    earliestRecInt: context.optionalOffset(preferable.earliestRecInt),
    latestRecInt: context.optionalOffset(preferable.latestRecInt),
    priority: preferable.intervalPriority === true,
    ...effective(data, context),
  };
}

function intervalReference(data: IntervalData, context: CompileContext): IntervalReference {
  if (data.fromTargetDose !== undefined) return { from: 'target-dose', targetDose: data.fromTargetDose };
  if (data.fromMostRecent) return { from: 'most-recent', vaccines: context.cvxSet(data.fromMostRecent) };
  if (data.fromRelevantObs !== undefined) {
    return { from: 'observation', observation: toObservationCode(data.fromRelevantObs) };
  }
  return { from: 'previous' };
}

function preferableVaccine(data: PreferableVaccineData, context: CompileContext): PreferableVaccine {
  return {
    tradeName: data.tradeName?.toLowerCase(),
    mvx: data.mvx,
    volume: data.volume,
    forecast: data.forecastVaccineType,
    ...vaccineWindow(data, context),
  };
}

function conditionalSkip(data: ConditionalSkipData, context: CompileContext): ConditionalSkip {
  return {
    setLogic: data.setLogic ?? 'AND',
    sets: data.sets.map((set) => ({
      conditionLogic: set.conditionLogic,
      conditions: set.conditions.map((each) => skipCondition(each, context)),
      ...effective(set, context),
    })),
  };
}

function skipCondition(data: SkipConditionData, context: CompileContext): SkipCondition {
  switch (data.type) {
    case 'Age':
      return { type: 'age', ...ageWindow(data, context) };
    case 'Completed Series':
      return { type: 'completed-series', groups: data.seriesGroups };
    case 'Interval':
      return { type: 'interval', interval: context.offset(data.interval) };
    case 'Vaccine Count':
      return {
        type: 'vaccine-count',
        ...ageWindow(data, context),
        startDate: context.day(data.startDate, beginOfTime),
        endDate: context.day(data.endDate, endOfTime),
        onlyValid: data.doseType === 'Valid',
        logic: data.doseCountLogic,
        count: data.doseCount,
        vaccines: data.vaccineTypes && context.cvxSet(data.vaccineTypes),
      };
  }
}

function season(data: SeasonOfDay, context: CompileContext): Season {
  return {
    start: context.day(data.startDate, undefined),
    end: context.day(data.endDate, endOfTime),
    assumed: data.assumed === true,
  };
}

/** CALCDTCONFLICT-3 looks at all preferable vaccines; most of them share the same conflicts. */
function conflictsOf(
  preferable: readonly PreferableVaccine[],
  conflicts: Conflicts,
): readonly VaccineConflict[] {
  const byMeaning = new Map<string, VaccineConflict>();
  for (const conflict of preferable.flatMap(({ cvx }) => conflicts[cvx] ?? [])) {
    byMeaning.set(`${conflict.previous}|${conflict.end.text}`, conflict);
  }
  return [...byMeaning.values()];
}
