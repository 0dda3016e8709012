import { type EpochDay, formatEpochDay } from '../values/epoch-day.ts';
import {
  type AntigenData,
  type DatedSeasonData,
  type ScheduleData,
  type SeasonOfDay,
  scheduleTitle,
} from './schedule-data.ts';
import { onDay } from './seasons.ts';

/**
 * How far the schedule may be trusted on a day: a sentence where the day is before it is in effect or after it expires,
 * and one for each antigen of which it dates no season any more, so that one is assumed.
 */
export function scheduleWarnings(data: ScheduleData, day: EpochDay): readonly string[] {
  const text = formatEpochDay(day);
  return [...outOfTime(data, text), ...assumedAntigens(data, text)];
}

function outOfTime(data: ScheduleData, day: string): readonly string[] {
  const { effective, expires } = data;
  const title = `Schedule ${scheduleTitle(data)}`;
  if (effective !== undefined && day < effective) return [`${title} is in effect only from ${effective}`];
  if (expires === undefined || day <= expires) return [];
  return [`${title} expired on ${expires}; whether its advice has changed since is not known`];
}

function assumedAntigens(data: ScheduleData, text: string): readonly string[] {
  return data.antigens.flatMap((antigen) => {
    const assumed = assumedSeasons(onDay(antigen, data.seasons ?? [], text));
    if (assumed.length === 0) return [];
    const last = lastDated(antigen, data);
    return [
      `Schedule ${scheduleTitle(data)} dates no season of ${antigen.antigen} after ${last}; ` +
        `${assumed.join(' and ')} is assumed from the years before`,
    ];
  });
}

function assumedSeasons({ series }: AntigenData): readonly string[] {
  const seasons = series.flatMap(({ doses }) => doses.map((dose) => dose.seasonalRecommendation));
  return [...new Set(seasons.flatMap((season) => (season?.assumed ? [seasonText(season)] : [])))];
}

function lastDated({ antigen, series }: AntigenData, { seasons = [] }: ScheduleData): string {
  const coded = series.flatMap(({ doses }) => doses.flatMap((dose) => dose.seasonalRecommendation ?? []));
  const dated: readonly DatedSeasonData[] = seasons
    .filter((rule) => rule.antigen === antigen)
    .flatMap((rule) => rule.dated);
  const starts = [...coded, ...dated].sort((a, b) => ((a.startDate ?? '') < (b.startDate ?? '') ? -1 : 1));
  return seasonText(starts.at(-1) ?? {});
}

function seasonText({ startDate = '', endDate }: SeasonOfDay): string {
  return endDate === undefined ? `the one from ${startDate}` : `${startDate} to ${endDate}`;
}
