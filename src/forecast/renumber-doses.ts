import { ChangeRefusal } from './change-refusal.ts';
import type { IntervalReferenceData, SeriesData, SeriesDoseData } from './schedule-data.ts';

/** A dose before the one that has its number, or behind the last; intervals go on counting from the dose they meant. */
export function addDose(series: SeriesData, number: number, added: SeriesDoseData): SeriesData {
  if (number > series.doses.length + 1) {
    throw new ChangeRefusal(`"${series.seriesName}" has ${series.doses.length} doses, none before ${number}`);
  }
  const moved = series.doses.map((dose) =>
    withReferences(dose, (from) => (from >= number ? from + 1 : from)),
  );
  return { ...series, doses: [...moved.slice(0, number - 1), added, ...moved.slice(number - 1)] };
}

export function removeDose(series: SeriesData, number: number): SeriesData {
  if (number > series.doses.length) {
    throw new ChangeRefusal(`"${series.seriesName}" has ${series.doses.length} doses, no dose ${number}`);
  }
  const moved = series.doses.map((dose, i) =>
    i === number - 1 ? dose : withReferences(dose, (from) => numberWithout(number, from, series)),
  );
  return { ...series, doses: moved.filter((_, i) => i !== number - 1) };
}

function numberWithout(removed: number, from: number, { seriesName }: SeriesData): number {
  if (from === removed) {
    throw new ChangeRefusal(`an interval of "${seriesName}" is counted from dose ${removed}`);
  }
  return from > removed ? from - 1 : from;
}

function withReferences(dose: SeriesDoseData, move: (from: number) => number): SeriesDoseData {
  const moved = <T extends IntervalReferenceData>(interval: T): T =>
    interval.fromTargetDose === undefined
      ? interval
      : { ...interval, fromTargetDose: move(interval.fromTargetDose) };
  return {
    ...dose,
    intervals: dose.intervals.map(moved),
    allowableIntervals: dose.allowableIntervals.map(moved),
  };
}
