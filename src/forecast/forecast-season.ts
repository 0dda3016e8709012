import { endOfTime } from './date-arithmetic.ts';
import type { ForecastSeason } from './forecast-result.ts';
import type { SeriesDose } from './schedule.ts';

/** The season of the first of the doses that has one. */
export function toForecastSeason(doses: readonly SeriesDose[]): ForecastSeason | undefined {
  for (const { season } of doses) {
    if (season?.start === undefined) continue;
    const { start, end, assumed } = season;
    return end === endOfTime ? { start, assumed } : { start, end, assumed };
  }
  return undefined;
}
