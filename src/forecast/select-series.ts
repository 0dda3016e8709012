import type { BestReason, SelectionDecision } from './explanation.ts';
import type { ForecastSeries } from './patient-series.ts';
import { candidateSeries, scorableSeries } from './scorable-series.ts';
import {
  type Scored,
  type ScoreTable,
  scoreComplete,
  scoreInProcess,
  scoreNotStarted,
} from './score-series.ts';

/** One series group of one antigen, and the series that stands for it. */
export type Selection = {
  readonly seriesGroup: string;
  readonly group: readonly ForecastSeries[];
  readonly candidates: readonly ForecastSeries[];
  readonly scorable: readonly ForecastSeries[];
  readonly choice: Choice;
};

type Choice = {
  readonly table: 'Table 8-3' | ScoreTable;
  readonly decision: SelectionDecision;
  readonly scores: readonly Scored[];
  readonly prioritized: ForecastSeries | undefined;
};

/** Chooses the prioritized series of a group (8.1 to 8.7). */
export function selectPrioritized(group: readonly ForecastSeries[]): Selection {
  const candidates = candidateSeries(group);
  const scorable = scorableSeries(candidates, group);
  const choice = pickObvious(scorable, group) ?? pickByScore(scorable);
  return { seriesGroup: group[0]?.series.group ?? '', group, candidates, scorable, choice };
}

/** One obvious winner, Table 8-3: the first row that fits. The default series need not be scorable. */
function pickObvious(
  scorable: readonly ForecastSeries[],
  group: readonly ForecastSeries[],
): Choice | undefined {
  const fallback = group.find(({ series }) => series.isDefault);
  if (scorable.length === 0) {
    return fallback ? obvious('default-series', fallback) : obvious('no-series', undefined);
  }
  if (scorable.length === 1) return obvious('only-scorable', scorable[0]);
  const complete = scorable.filter(isComplete);
  if (complete.length === 1) return obvious('only-complete', complete[0]);
  if (complete.length > 1) return undefined;
  const inProcess = scorable.filter(isInProcess);
  if (inProcess.length === 1) return obvious('only-in-process', inProcess[0]);
  return inProcess.length === 0 && fallback ? obvious('default-series', fallback) : undefined;
}

function obvious(decision: SelectionDecision, prioritized: ForecastSeries | undefined): Choice {
  return { table: 'Table 8-3', decision, scores: [], prioritized };
}

function isComplete({ forecast }: ForecastSeries): boolean {
  return forecast.status === 'Complete';
}

/** SELECTB-16 */
function isInProcess({ forecast, satisfied }: ForecastSeries): boolean {
  return forecast.status === 'Not Complete' && satisfied.length > 0;
}

/** Table 8-5 says which table gives the points; where none fits, the most valid doses decide. */
function pickByScore(scorable: readonly ForecastSeries[]): Choice {
  const complete = scorable.filter(isComplete);
  if (complete.length > 0) return byScore('Table 8-7', scoreComplete(complete));
  const inProcess = scorable.filter(isInProcess);
  if (inProcess.length > 0) return byScore('Table 8-9', scoreInProcess(inProcess));
  if (scorable.every(({ satisfied }) => satisfied.length === 0)) {
    return byScore('Table 8-11', scoreNotStarted(scorable));
  }
  const byDoses = scorable.map((series) => ({
    series,
    lines: [{ condition: 'valid doses', points: series.satisfied.length }],
    total: series.satisfied.length,
  }));
  return { ...byScore('Table 8-7', byDoses), table: 'Table 8-3', decision: 'most-valid-doses' };
}

/** SELECTBEST-1 and -2: the highest sum, and between equals the lowest preference, at last the order in the file. */
function byScore(table: ScoreTable, scores: readonly Scored[]): Choice {
  let winner: Scored | undefined;
  for (const each of scores) if (!winner || isBetter(each, winner)) winner = each;
  return { table, decision: 'highest-score', scores, prioritized: winner?.series };
}

function isBetter(a: Scored, b: Scored): boolean {
  if (a.total !== b.total) return a.total > b.total;
  const [left, right] = [a.series.series, b.series.series];
  if (left.preference !== right.preference) return left.preference < right.preference;
  return left.order < right.order;
}

export type BestVerdict = { readonly best: boolean; readonly because: BestReason };

/** Is the prioritized series of a group one of the best? Table 8-14, given those of the equivalent groups. */
export function judgeBest(prioritized: ForecastSeries, equivalent: readonly ForecastSeries[]): BestVerdict {
  if (isComplete(prioritized)) return { best: true, because: 'complete' };
  if (equivalent.some(isComplete)) return { best: false, because: 'equivalent-complete' };
  switch (prioritized.series.type) {
    case 'Evaluation Only':
      return { best: false, because: 'evaluation-only' };
    case 'Risk':
      return { best: true, because: 'risk' };
    case 'Standard':
      return equivalent.some(({ series }) => series.type === 'Risk')
        ? { best: false, because: 'equivalent-risk' }
        : { best: true, because: 'standard' };
  }
}
