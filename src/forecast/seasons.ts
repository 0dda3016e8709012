import { daysInMonth } from '../values/epoch-day.ts';
import type {
  AntigenData,
  DatedSeasonData,
  SeasonData,
  SeasonOfDay,
  SeasonRuleData,
  SeriesDoseData,
  SkipConditionData,
  SkipSetData,
} from './schedule-data.ts';

/**
 * The antigen as it stands on a day (YYYY-MM-DD): its seasonal doses have the season that the day is in or waits for, and
 * the dates that their conditional skips count doses by have moved with it. The same object when nothing moves. A schedule
 * is written for one season; so it neither ends with that season, nor takes its doses for those of the next.
 */
export function onDay(antigen: AntigenData, rules: readonly SeasonRuleData[], day: string): AntigenData {
  let moved = false;
  const series = antigen.series.map((each) => {
    const rule = ruleFor(rules, antigen.antigen, each.seriesName);
    const doses = each.doses.map((dose) => doseOnDay(dose, rule, day));
    if (doses.every((dose, i) => dose === each.doses[i])) return each;
    moved = true;
    return { ...each, doses };
  });
  return moved ? { ...antigen, series } : antigen;
}

/** A rule that names the series goes before one for all of the antigen. */
function ruleFor(
  rules: readonly SeasonRuleData[],
  antigen: string,
  seriesName: string,
): SeasonRuleData | undefined {
  const own = rules.filter((rule) => rule.antigen === antigen);
  return own.find(({ series }) => series?.includes(seriesName)) ?? own.find(({ series }) => !series);
}

function doseOnDay(dose: SeriesDoseData, rule: SeasonRuleData | undefined, day: string): SeriesDoseData {
  const { startDate, endDate } = dose.seasonalRecommendation ?? {};
  if (startDate === undefined) return dose;
  const coded: DatedSeasonData = endDate === undefined ? { startDate } : { startDate, endDate };
  const season = seasonOn(coded, rule, day);
  if (season === coded) return dose;
  const move = (date: string | undefined) => movedDate(date, coded, season);
  return {
    ...dose,
    seasonalRecommendation: season,
    conditionalSkips: dose.conditionalSkips.map((skip) => ({
      ...skip,
      sets: skip.sets.map((set) => withMovedDates(set, move)),
    })),
  };
}

type Move = (date: string | undefined) => string | undefined;

function withMovedDates(set: SkipSetData, move: Move): SkipSetData {
  return { ...set, conditions: set.conditions.map((condition) => withMovedDate(condition, move)) };
}

function withMovedDate(condition: SkipConditionData, move: Move): SkipConditionData {
  if (condition.type !== 'Vaccine Count') return condition;
  const [startDate, endDate] = [move(condition.startDate), move(condition.endDate)];
  return {
    ...condition,
    ...(startDate !== undefined && { startDate }),
    ...(endDate !== undefined && { endDate }),
  };
}

/** The ends of the season move to those of the other, other dates by as many years. */
function movedDate(
  date: string | undefined,
  coded: DatedSeasonData,
  season: DatedSeasonData,
): string | undefined {
  if (date === undefined) return undefined;
  if (date === coded.startDate) return season.startDate;
  if (date === coded.endDate && season.endDate !== undefined) return season.endDate;
  const years = yearOf(season.startDate) - yearOf(coded.startDate);
  return onMonthDay(yearOf(date) + years, date.slice(5));
}

/**
 * Of the seasons that follow each other the first that has not ended on the day: the coded one, those that the rule dates,
 * and then one every year. One without an end ends where the next begins.
 */
export function seasonOn(
  coded: DatedSeasonData,
  rule: SeasonRuleData | undefined,
  day: string,
): DatedSeasonData & SeasonOfDay {
  const dated = [coded, ...(rule?.dated ?? [])];
  const repeats = rule?.repeats ?? asCoded(coded);
  const year = nextYear(dated.at(-1) ?? coded, repeats.from);
  const nextStart = (i: number) => dated[i + 1]?.startDate ?? onMonthDay(year, repeats.from);
  const found = dated.find((season, i) => !hasEnded(season, nextStart(i), day));
  return found ?? assumedSeason(repeats, Math.max(year, yearOf(day) - 1), day);
}

function hasEnded({ endDate }: SeasonData, nextStart: string, day: string): boolean {
  return endDate === undefined ? day >= nextStart : day > endDate;
}

/** The first since the year that has not ended on the day. */
function assumedSeason(
  repeats: SeasonRuleData['repeats'],
  since: number,
  day: string,
): DatedSeasonData & SeasonOfDay {
  for (let year = since; year < lastYear; year++) {
    const season = seasonOfYear(repeats, year);
    if (!hasEnded(season, onMonthDay(year + 1, repeats.from), day)) return { ...season, assumed: true };
  }
  return { ...seasonOfYear(repeats, lastYear), assumed: true };
}

function seasonOfYear({ from, to }: SeasonRuleData['repeats'], year: number): DatedSeasonData {
  const startDate = onMonthDay(year, from);
  if (to === undefined) return { startDate };
  return { startDate, endDate: onMonthDay(to < from ? year + 1 : year, to) };
}

/** The year in which the first season begins after the last that has a date. */
function nextYear({ startDate }: DatedSeasonData, from: string): number {
  return from > startDate.slice(5) ? yearOf(startDate) : yearOf(startDate) + 1;
}

function asCoded({ startDate, endDate }: DatedSeasonData): SeasonRuleData['repeats'] {
  const from = startDate.slice(5);
  return endDate === undefined ? { from } : { from, to: endDate.slice(5) };
}

function yearOf(date: string): number {
  return Number(date.slice(0, 4));
}

/** FHIR's dates have four digits for the year; what would be later is on their last day. */
const lastYear = 9999;

/** 29 February is the 28th where there is none. */
function onMonthDay(year: number, text: string): string {
  if (year > lastYear) return `${lastYear}-12-31`;
  const exists = text !== '02-29' || daysInMonth(year, 2) === 29;
  return `${String(year).padStart(4, '0')}-${exists ? text : '02-28'}`;
}
