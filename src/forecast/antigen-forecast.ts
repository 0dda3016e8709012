import type { EpochDay } from '../values/epoch-day.ts';
import { findContraindications } from './contraindications.ts';
import { evaluateSeries } from './evaluate-series.ts';
import { findEvidenceOfImmunity, type ImmunityEvidence } from './evidence-of-immunity.ts';
import { type AntigenFacts, forecastSeries } from './forecast-series.ts';
import type { Dose, Patient } from './patient.ts';
import type { ForecastSeries } from './patient-series.ts';
import { isRelevant } from './relevant-series.ts';
import type { Antigen } from './schedule.ts';
import { type BestVerdict, judgeBest, type Selection, selectPrioritized } from './select-series.ts';

/** All that was found for one antigen. */
export type AntigenForecast = {
  readonly antigen: Antigen;
  readonly records: readonly Dose[];
  readonly facts: AntigenFacts;
  readonly immunity: ImmunityEvidence | undefined;
  readonly series: readonly ForecastSeries[];
  readonly selections: readonly JudgedSelection[];
};

export type JudgedSelection = Selection & { readonly verdict: BestVerdict | undefined };

/** Evaluates and forecasts every relevant series of an antigen and chooses the best (chapters 5 to 8). */
export function forecastAntigen(
  patient: Patient,
  antigen: Antigen,
  records: readonly Dose[],
): AntigenForecast {
  const immunity = findEvidenceOfImmunity(patient, antigen.immunity);
  const contraindications = findContraindications(patient, antigen);
  const facts = { isImmune: immunity !== undefined, contraindications };
  const series = forecastRelevantSeries(patient, { antigen, records, facts });
  return { antigen, records, facts, immunity, series, selections: select(series) };
}

type AntigenInput = {
  readonly antigen: Antigen;
  readonly records: readonly Dose[];
  readonly facts: AntigenFacts;
};

const noGroups = new Map<string, EpochDay>();

function forecastRelevantSeries(
  patient: Patient,
  { antigen, records, facts }: AntigenInput,
): readonly ForecastSeries[] {
  const found: ForecastSeries[] = [];
  const completedGroups = antigen.asksForCompletedSeries ? new Map<string, EpochDay>() : noGroups;
  // Most people have no observation, and most series are for one.
  const possible = patient.observations.size === 0 ? antigen.seriesWithoutRisk : antigen.series;
  for (const series of possible) {
    if (!isRelevant(patient, series)) continue;
    const evaluated = evaluateSeries(patient, { series, records, completedGroups });
    const forecast = forecastSeries(evaluated, facts);
    if (antigen.asksForCompletedSeries) noteCompletion(forecast, completedGroups);
    found.push(forecast);
  }
  return found;
}

/** A group is complete from the day of the dose with which its first series was. */
function noteCompletion(
  { series, forecast, satisfied }: ForecastSeries,
  completedGroups: Map<string, EpochDay>,
): void {
  const last = satisfied.at(-1);
  if (forecast.status !== 'Complete' || !last) return;
  const known = completedGroups.get(series.group);
  if (known === undefined || last.record.date < known) completedGroups.set(series.group, last.record.date);
}

function select(series: readonly ForecastSeries[]): readonly JudgedSelection[] {
  const groups: ForecastSeries[][] = [];
  for (const each of series) {
    const group = groups.find((known) => known[0]?.series.group === each.series.group);
    if (group) group.push(each);
    else groups.push([each]);
  }
  const selections = groups.map(selectPrioritized);
  return selections.map((selection) => judge(selection, selections));
}

function judge(selection: Selection, all: readonly Selection[]): JudgedSelection {
  const { seriesGroup, group, candidates, scorable, choice } = selection;
  return { seriesGroup, group, candidates, scorable, choice, verdict: verdictOn(choice.prioritized, all) };
}

function verdictOn(
  prioritized: ForecastSeries | undefined,
  all: readonly Selection[],
): BestVerdict | undefined {
  if (!prioritized) return undefined;
  const { equivalentGroups } = prioritized.series;
  const equivalent: ForecastSeries[] = [];
  for (const { seriesGroup, choice } of all) {
    if (choice.prioritized && equivalentGroups.includes(seriesGroup)) equivalent.push(choice.prioritized);
  }
  return judgeBest(prioritized, equivalent);
}
