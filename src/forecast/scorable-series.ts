import { reachesAge } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';

/** SELECTB-24: series that are not contraindicated, or all of the group if every one is. */
export function candidateSeries(group: readonly ForecastSeries[]): readonly ForecastSeries[] {
  const open = group.filter(({ forecast }) => forecast.status !== 'Contraindicated');
  return open.length === 0 ? group : open;
}

/** SELECTSCORE-2: the candidates of a series group that are worth comparing. */
export function scorableSeries(
  candidates: readonly ForecastSeries[],
  group: readonly ForecastSeries[],
): readonly ForecastSeries[] {
  const hasDefault = group.some(({ series }) => series.isDefault);
  const hasSatisfied = group.some(({ satisfied }) => satisfied.length > 0);
  const facts = { bestPriority: bestRiskPriority(group), anyStandard: !hasDefault && !hasSatisfied };
  return candidates.filter((candidate) => isScorable(candidate, facts));
}

type GroupFacts = {
  /** A before B before C. */
  readonly bestPriority: string;
  /** Nothing in the group tells its standard series apart. */
  readonly anyStandard: boolean;
};

function isScorable(candidate: ForecastSeries, { bestPriority, anyStandard }: GroupFacts): boolean {
  switch (candidate.series.type) {
    case 'Risk':
      return candidate.series.priority === bestPriority;
    case 'Standard':
      return anyStandard || wasStartedInTime(candidate);
    case 'Evaluation Only':
      return candidate.forecast.status === 'Complete';
  }
}

function bestRiskPriority(group: readonly ForecastSeries[]): string {
  let best = 'Z';
  for (const { series } of group)
    if (series.type === 'Risk' && series.priority < best) best = series.priority;
  return best;
}

/** Its first valid dose was given before the maximum age to start. */
function wasStartedInTime({ satisfied, patient, series }: ForecastSeries): boolean {
  const first = satisfied[0];
  return first !== undefined && first.record.date < reachesAge(patient, series.maxAgeToStart);
}
