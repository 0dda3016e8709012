import type { AntigenData, ScheduleData, SeasonData, SeasonRuleData, SeriesData } from './schedule-data.ts';
import { ScheduleError } from './schedule-error.ts';

/**
 * A rule is for a season that is there, no two are for the same series, and the seasons that one dates follow one
 * another. Throws a ScheduleError.
 */
export function checkSeasons({ antigens, seasons = [] }: ScheduleData): void {
  seasons.forEach((rule, i) => {
    const path = `seasons[${i}]`;
    const seasonal = seasonalSeries(antigens, rule, path);
    const named = new Set(rule.series ?? seasonal.map(({ seriesName }) => seriesName));
    const rival = seasons.slice(0, i).find((each) => isRival(each, rule, named));
    if (rival) throw new ScheduleError(`${path}.series`, 'another rule is for the same series');
    const coded = seasonal
      .filter(({ seriesName }) => named.has(seriesName))
      .flatMap(({ doses }) => doses.flatMap((dose) => dose.seasonalRecommendation ?? []));
    checkDated(rule, coded, path);
    checkRepeated(rule, path);
  });
}

/** The season after the last dated one begins when that has ended. */
function checkRepeated({ dated, repeats }: SeasonRuleData, path: string): void {
  const { startDate, endDate } = dated.at(-1) ?? {};
  if (!repeats || startDate === undefined || endDate === undefined) return;
  const year = Number(startDate.slice(0, 4)) + (repeats.from > startDate.slice(5) ? 0 : 1);
  const next = `${String(year).padStart(4, '0')}-${repeats.from}`;
  if (next > endDate) return;
  const at = `${path}.dated[${dated.length - 1}].endDate`;
  throw new ScheduleError(at, `lies behind ${next}, when the season after it begins`);
}

function seasonalSeries(
  antigens: readonly AntigenData[],
  rule: SeasonRuleData,
  path: string,
): readonly SeriesData[] {
  const series = antigens.find(({ antigen }) => antigen === rule.antigen)?.series ?? [];
  const seasonal = series.filter(({ doses }) => doses.some((dose) => dose.seasonalRecommendation));
  if (seasonal.length === 0) throw new ScheduleError(`${path}.antigen`, `"${rule.antigen}" has no season`);
  rule.series?.forEach((name, j) => {
    if (seasonal.some(({ seriesName }) => seriesName === name)) return;
    throw new ScheduleError(`${path}.series[${j}]`, `"${name}" has no season`);
  });
  return seasonal;
}

/** A rule for some series goes before one for all of the antigen; two of one kind would contradict each other. */
function isRival(one: SeasonRuleData, other: SeasonRuleData, named: ReadonlySet<string>): boolean {
  if (one.antigen !== other.antigen || (one.series === undefined) !== (other.series === undefined))
    return false;
  return one.series?.some((name) => named.has(name)) ?? true;
}

function checkDated({ dated }: SeasonRuleData, coded: readonly SeasonData[], path: string): void {
  dated.forEach(({ startDate, endDate }, j) => {
    const at = `${path}.dated[${j}]`;
    if (endDate !== undefined && endDate < startDate) {
      throw new ScheduleError(`${at}.endDate`, 'lies before its startDate');
    }
    const before = j === 0 ? coded : dated.slice(j - 1, j);
    if (before.every((season) => startDate > (season.endDate ?? season.startDate ?? ''))) return;
    throw new ScheduleError(`${at}.startDate`, 'the season before has not ended by then');
  });
}
