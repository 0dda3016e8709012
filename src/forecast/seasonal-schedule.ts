import { type EpochDay, formatEpochDay } from '../values/epoch-day.ts';
import { remember } from '../values/remember.ts';
import type { Antigen, Schedule } from './schedule.ts';
import type { AntigenData, ScheduleData } from './schedule-data.ts';
import { onDay } from './seasons.ts';

/** Days of which it is remembered how the schedule stands on them. */
const daysKept = 5_000;

type Compile = (antigen: AntigenData) => Antigen;

/** Gives a schedule its other seasons. What has none is the same in all of them; each is compiled once. */
export function withSeasons(
  compiled: Omit<Schedule, 'onDay'>,
  data: ScheduleData,
  compile: Compile,
): Schedule {
  const seasonal = data.antigens.flatMap((antigen, place) =>
    hasSeason(antigen) ? [{ antigen, place }] : [],
  );
  const bySeasons = new Map<string, Schedule>();
  const find = (day: EpochDay): Schedule => {
    const text = formatEpochDay(day);
    const moved = seasonal
      .map(({ antigen, place }) => ({
        antigen: onDay(antigen, data.seasons ?? [], text),
        place,
        before: antigen,
      }))
      .filter(({ antigen, before }) => antigen !== before);
    if (moved.length === 0) return schedule;
    const key = moved.map(({ antigen }) => seasonsOf(antigen)).join('|');
    const known = bySeasons.get(key);
    if (known) return known;
    const antigens = [...compiled.antigens];
    for (const { antigen, place } of moved) antigens[place] = compile(antigen);
    const made = { ...schedule, antigens };
    bySeasons.set(key, made);
    return made;
  };
  const schedule: Schedule = {
    ...compiled,
    onDay: remember(daysKept, find),
  };
  return schedule;
}

function hasSeason({ series }: AntigenData): boolean {
  return series.some(({ doses }) => doses.some((dose) => dose.seasonalRecommendation));
}

/** Tells the seasons of an antigen from its others. */
function seasonsOf({ antigen, series }: AntigenData): string {
  const dates = series.map(({ doses }) => doses.map((dose) => dose.seasonalRecommendation?.startDate ?? ''));
  return `${antigen} ${dates.flat().join()}`;
}
