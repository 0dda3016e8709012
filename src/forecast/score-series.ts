import type { EpochDay } from '../values/epoch-day.ts';
import { addOffset, laterOf } from './date-arithmetic.ts';
import { effectiveAge, isInEffect } from './evaluate-age.ts';
import type { ScoreLine } from './explanation.ts';
import { reachesAge } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';
import { noEndAge } from './schedule.ts';

export type Scored = {
  readonly series: ForecastSeries;
  readonly total: number;
  readonly lines: readonly ScoreLine[];
};

export type ScoreTable = 'Table 8-7' | 'Table 8-9' | 'Table 8-11';

/** Several series are complete: Table 8-7. */
export function scoreComplete(group: readonly ForecastSeries[]): readonly Scored[] {
  return score(group, [mostValidDoses(group, { sole: 1, tied: 0, otherwise: -1 })]);
}

/** Several series are in process: Table 8-9. */
export function scoreInProcess(group: readonly ForecastSeries[]): readonly Scored[] {
  return score(group, [
    condition(
      'product path, all doses valid',
      { sole: 2, tied: 2, otherwise: -2 },
      group,
      isProductPathAllValid,
    ),
    condition('completable', { sole: 3, tied: 3, otherwise: -3 }, group, isCompletable),
    mostValidDoses(group, { sole: 2, tied: 0, otherwise: -2 }),
    leading(
      'closest to completion',
      { sole: 2, tied: 0, otherwise: -2 },
      group,
      (each) => -targetsLeft(each),
    ),
    leading('can finish earliest', { sole: 1, tied: 0, otherwise: -1 }, group, earliestFinish),
  ]);
}

/** No series has a valid dose: Table 8-11. */
export function scoreNotStarted(group: readonly ForecastSeries[]): readonly Scored[] {
  return score(group, [
    leading('can start earliest', { sole: 1, tied: 0, otherwise: -1 }, group, earliestStart),
    condition('completable', { sole: 1, tied: 1, otherwise: -1 }, group, isCompletable),
    condition(
      'product path',
      { sole: -1, tied: -1, otherwise: 1 },
      group,
      ({ series }) => series.isProductPath,
    ),
  ]);
}

type Points = { readonly sole: number; readonly tied: number; readonly otherwise: number };
type Condition = { readonly name: string; readonly points: (series: ForecastSeries) => number };

function score(group: readonly ForecastSeries[], conditions: readonly Condition[]): readonly Scored[] {
  return group.map((series) => {
    const lines = conditions.map(({ name, points }) => ({ condition: name, points: points(series) }));
    return { series, lines, total: lines.reduce((sum, line) => sum + line.points, 0) };
  });
}

/** Points for each series that meets it; fewer when it is not the only one. */
function condition(
  name: string,
  points: Points,
  group: readonly ForecastSeries[],
  meets: (series: ForecastSeries) => boolean,
): Condition {
  const meeting = new Set(group.filter(meets));
  const reward = meeting.size === 1 ? points.sole : points.tied;
  return { name, points: (series) => (meeting.has(series) ? reward : points.otherwise) };
}

/** Points for having the highest measure; a series without one cannot lead. */
function leading(
  name: string,
  points: Points,
  group: readonly ForecastSeries[],
  measure: (series: ForecastSeries) => number | undefined,
): Condition {
  const measures = new Map(group.map((series) => [series, measure(series)]));
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of measures.values()) if (value !== undefined && value > highest) highest = value;
  return condition(name, points, group, (series) => measures.get(series) === highest);
}

function mostValidDoses(group: readonly ForecastSeries[], points: Points): Condition {
  return leading('most valid doses', points, group, ({ satisfied }) => satisfied.length);
}

/** SELECTB-2 and -23: one dose that was not valid spoils it. */
function isProductPathAllValid({ series, records, judgments }: ForecastSeries): boolean {
  return series.isProductPath && records.every((record) => judgments[record.index]?.status === 'Valid');
}

function targetsLeft({ series, next }: ForecastSeries): number {
  return series.doses.length - next;
}

function earliestStart({ forecast }: ForecastSeries): number | undefined {
  return forecast.dates && -forecast.dates.earliest;
}

function earliestFinish(series: ForecastSeries): number | undefined {
  const finish = isCompletable(series) ? finishDate(series) : undefined;
  return finish === undefined ? undefined : -finish;
}

/** SELECTB-3: it can be finished before the maximum age of its last target dose. */
function isCompletable(each: ForecastSeries): boolean {
  const finish = finishDate(each);
  const last = each.series.doses.at(-1);
  if (finish === undefined || !last) return false;
  const ages = effectiveAge(last, each.patient.assessmentDate);
  return finish < reachesAge(each.patient, ages?.maxAge ?? noEndAge);
}

/** SELECTB-12: the earliest date of the next dose, and after it the longest of the minimum intervals that remain. */
function finishDate({ series, next, forecast, patient }: ForecastSeries): EpochDay | undefined {
  const earliest = forecast.dates?.earliest;
  if (earliest === undefined) return undefined;
  let finish = earliest;
  for (let i = next + 1; i < series.doses.length; i++) {
    for (const interval of series.doses[i]?.intervals ?? []) {
      if (!interval.minInt || !isInEffect(interval, patient.assessmentDate)) continue;
      finish = laterOf(finish, addOffset(earliest, interval.minInt));
    }
  }
  return finish;
}
