import type { Explanation } from '../../forecast/explanation.ts';
import type { VaccineGroupForecast } from '../../forecast/forecast-result.ts';
import type { AntigenData } from '../../forecast/schedule-data.ts';
import type { KnowledgeBase } from '../../registry/forecasting/knowledge-base.ts';
import { observationTitle } from '../../registry/forecasting/observation-title.ts';
import { type EpochDay, formatEpochDay } from '../../values/epoch-day.ts';
import { clinicalName } from './names.ts';
import { distinct, type RenderedForecast } from './rendered-forecast.ts';

/** Which risks a row is for; none for a row that is for everybody. */
export function risksOf(
  { vaccineGroup, seriesGroup, seriesType }: VaccineGroupForecast,
  { antigens }: Explanation,
): readonly string[] {
  if (seriesType !== 'Risk') return [];
  const series = antigens
    .filter((antigen) => antigen.vaccineGroup === vaccineGroup)
    .flatMap((antigen) => antigen.series)
    .filter((each) => each.prioritized && each.seriesType === 'Risk' && each.seriesGroup === seriesGroup);
  return distinct(series.flatMap(({ indications }) => indications));
}

/** Which of the facts that a row rests on forbid a vaccine, or all. */
export function forbiddingFacts(
  each: VaccineGroupForecast,
  { data }: KnowledgeBase,
): { readonly all: readonly string[]; readonly some: readonly string[] } {
  const antigens = antigensOf(each, data.antigens);
  const of = (codes: readonly string[]) =>
    each.supportingObservations.filter((code) => codes.includes(code)).filter(isFirst);
  const all = of(antigens.flatMap((antigen) => antigen.contraindications.map((one) => one.observation)));
  const single = antigens.flatMap((antigen) =>
    antigen.vaccineContraindications.map((one) => one.observation),
  );
  return { all, some: of(single).filter((code) => !all.includes(code)) };
}

/** Which of them prove immunity; none where the birth date does. */
export function immunityFacts(each: VaccineGroupForecast, { data }: KnowledgeBase): readonly string[] {
  const proofs = antigensOf(each, data.antigens).flatMap(({ immunity }) => immunity.clinicalHistory);
  return each.supportingObservations.filter((code) => proofs.includes(code)).filter(isFirst);
}

function antigensOf({ antigens }: VaccineGroupForecast, all: readonly AntigenData[]): readonly AntigenData[] {
  return all.filter(({ antigen }) => antigens.includes(antigen));
}

function isFirst<Item>(item: Item, i: number, items: readonly Item[]): boolean {
  return items.indexOf(item) === i;
}

/** `HIV Infection, by "HIV" (Condition/1)`, and until when, where it passes. */
export function tellFact(code: string, rendered: RenderedForecast): string {
  const title = observationTitle(code, rendered.knowledgeBase);
  const sources = sourcesOf(code, rendered);
  const by = sources.length === 0 ? '' : `, by ${sources.join(', ')}`;
  const last = lastDayOf(code, rendered);
  return `${title}${by}${last === undefined ? '' : `, until ${formatEpochDay(last)}`}`;
}

/** Undefined where one of those that say so does not pass. */
function lastDayOf(code: string, { reading }: RenderedForecast): EpochDay | undefined {
  const said = reading.history.observations.filter((each) => each.code === code);
  const ends = said.flatMap(({ endDate }) => endDate ?? []);
  return ends.length < said.length ? undefined : ends.sort((a, b) => b - a)[0];
}

/** The resources that say so. */
function sourcesOf(code: string, { reading, record }: RenderedForecast): readonly string[] {
  const references = [...reading.sources].flatMap(([known, from]) => (known === code ? from : []));
  const said = record.clinical.filter(({ reference }) => references.includes(reference));
  return distinct(said.map(clinicalName));
}
