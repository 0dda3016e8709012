import type { ForecastSeason, VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import { cdcAuthority, type ScheduleData, type SeasonData } from '../../forecast/schedule-data.ts';
import type { KnowledgeBase } from '../../registry/forecasting/knowledge-base.ts';
import { formatEpochDay } from '../../values/epoch-day.ts';

/** The season that the dates of a row are of, and whose dates they are where nobody has dated it yet. */
export function tellSeason(each: VaccineGroupForecast, knowledgeBase: KnowledgeBase): string | undefined {
  const { season } = each;
  if (!season) return undefined;
  const name = seasonName(season);
  const days = `${formatEpochDay(season.start)}${season.end === undefined ? ' on' : ` to ${formatEpochDay(season.end)}`}`;
  if (!season.assumed) return `${name}, ${season.end === undefined ? 'from ' : ''}${days}`;
  const [{ code }] = knowledgeBase.authorities;
  const whose = code === cdcAuthority.code ? "CDC's" : 'the';
  return (
    `${whose} season ${name} is not in this schedule yet; ` +
    `the dates (${season.end === undefined ? 'from ' : ''}${days}) repeat those of ${lastDated(each, knowledgeBase.data)}`
  );
}

/** "2026-27". */
export function seasonName({ start, end }: ForecastSeason): string {
  return yearsOf(formatEpochDay(start), end === undefined ? undefined : formatEpochDay(end));
}

/** One without an end lasts until the next begins. */
function yearsOf(start: string, end: string | undefined): string {
  const year = Number(start.slice(0, 4));
  const last = end === undefined ? year + 1 : Number(end.slice(0, 4));
  return last === year ? String(year) : `${year}-${String(last % 100).padStart(2, '0')}`;
}

/** The last season of the series that somebody has dated. */
function lastDated({ antigens, seriesNames }: VaccineGroupForecast, data: ScheduleData): string {
  const own = datedSeasons(antigens, data, (name) => seriesNames.includes(name));
  const dated = own.length > 0 ? own : datedSeasons(antigens, data, () => true);
  const starts = dated.filter(({ startDate }) => startDate !== undefined);
  const [last] = starts.sort((a, b) => ((a.startDate ?? '') > (b.startDate ?? '') ? -1 : 1));
  return last?.startDate === undefined ? 'the years before' : yearsOf(last.startDate, last.endDate);
}

function datedSeasons(
  antigens: readonly string[],
  { antigens: all, seasons = [] }: ScheduleData,
  isAsked: (seriesName: string) => boolean,
): SeasonData[] {
  const coded = all
    .filter(({ antigen }) => antigens.includes(antigen))
    .flatMap(({ series }) => series.filter(({ seriesName }) => isAsked(seriesName)))
    .flatMap(({ doses }) => doses.flatMap((dose) => dose.seasonalRecommendation ?? []));
  const rules = seasons
    .filter(({ antigen }) => antigens.includes(antigen))
    .filter(({ series }) => series === undefined || series.some(isAsked));
  return [...coded, ...rules.flatMap(({ dated }) => dated)];
}
