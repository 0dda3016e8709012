import type { CvxCode } from '../values/vaccine-code.ts';
import { begunFirst } from './brand-families.ts';
import { isOffered } from './offered-vaccines.ts';
import type { ForecastSeries } from './patient-series.ts';
import { alternativesTo, fitsWhenDue } from './shown-series.ts';
import type { BestSeries } from './vaccine-group-forecast.ts';

export type VaccineChoice = {
  readonly recommended: readonly CvxCode[];
  readonly others: readonly CvxCode[];
  /** Both, in the order in which they are to be offered. */
  readonly named: readonly CvxCode[];
  readonly contraindicated: readonly CvxCode[];
};

/**
 * FORECASTRECVAC-1: the preferable vaccines of the target dose that the schedule puts into forecasts and that fit the
 * age on the earliest or the recommended day, or on the assessment date where that is later: nobody can be given
 * anything in the past. The others fit as well but are not put forward, nor are those of the other series that could
 * be gone on with. For a group of several antigens (FORECASTVG-9) what is put forward for any of them counts, and what
 * is forbidden for one is forbidden. What holds all antigens that are needed is named first: who is given Td for want of
 * pertussis needs the next dose in four weeks, for good; then what goes on with the brand that was begun with.
 */
export function chooseVaccines(contained: readonly BestSeries[]): VaccineChoice {
  const contraindicated: CvxCode[] = [];
  for (const each of contained) addContraindicated(each, contraindicated);
  const fitting: Fitting = { forecast: [], others: [] };
  for (const { shown } of contained) addFitting(fitting, shown, contraindicated);
  if (fitting.forecast.length === 0 && fitting.others.length === 0 && !contained.some(hasTarget)) {
    return contraindicated.length === 0 ? nothing : { ...nothing, contraindicated };
  }
  for (const each of alternatives(contained)) addFitting(fitting, each, contraindicated, 'alternative');
  const { forecast, others } = fitting;
  if (forecast.length === 0) {
    return { recommended: forecast, others, named: inOrder(others, contained), contraindicated };
  }
  const remaining = others.length === 0 ? others : others.filter((code) => !forecast.includes(code));
  const codes = remaining.length === 0 ? forecast : forecast.concat(remaining);
  return { recommended: forecast, others: remaining, named: inOrder(codes, contained), contraindicated };
}

type Fitting = { readonly forecast: CvxCode[]; readonly others: CvxCode[] };

function hasTarget({ shown }: BestSeries): boolean {
  return shown.forecast.target !== undefined;
}

function addFitting(
  { forecast, others }: Fitting,
  series: ForecastSeries,
  contraindicated: readonly CvxCode[],
  role: 'shown' | 'alternative' = 'shown',
): void {
  const { target } = series.forecast;
  if (!target) return;
  for (const vaccine of target.preferableVaccines) {
    if (!fitsWhenDue(series, vaccine) || !isOffered(series, vaccine)) continue;
    if (contraindicated.includes(vaccine.code)) continue;
    addOnce(vaccine.forecast && role === 'shown' ? forecast : others, vaccine.code);
  }
}

/** Series of a group of one antigen; those of a group of several hold the same vaccines. */
function alternatives(contained: readonly BestSeries[]): readonly ForecastSeries[] {
  const [only, second] = contained;
  return only && !second ? alternativesTo(only.shown, only.group) : [];
}

function inOrder(codes: readonly CvxCode[], contained: readonly BestSeries[]): readonly CvxCode[] {
  const [only, second] = contained;
  if (!only || second) return wholeFirst(codes, contained);
  if (codes.length < 2 || only.shown.satisfied.length === 0) return codes;
  return begunFirst(codes, givenIn(only), (code) => heldBy(only, code).length > 1);
}

const nothing: VaccineChoice = { recommended: [], others: [], named: [], contraindicated: [] };

/** The vaccines of its valid doses, the last one last. */
function givenIn({ shown }: BestSeries): readonly CvxCode[] {
  return shown.satisfied.map(({ record }) => record.given.cvx);
}

/** Those that hold all antigens that are needed, then the others, each in their order. */
function wholeFirst(codes: readonly CvxCode[], contained: readonly BestSeries[]): readonly CvxCode[] {
  if (contained.length < 2) return codes;
  const needed = contained.filter(({ series }) => series.forecast.dates !== undefined);
  const isWhole = (code: CvxCode) => needed.every((each) => holds(each, code));
  const whole = codes.filter(isWhole);
  return whole.length === 0 ? codes : [...whole, ...codes.filter((code) => !isWhole(code))];
}

function holds(best: BestSeries, code: CvxCode): boolean {
  const { antigens } = best.series.patient.schedule;
  return heldBy(best, code).some((each) => antigens[each.antigen]?.name === best.antigen.antigen.name);
}

/** The antigens that a vaccine holds. */
function heldBy({ series }: BestSeries, code: CvxCode) {
  return series.patient.schedule.associations[Number(code)] ?? [];
}

/** The preferable vaccines of the series that this patient must not have. */
function addContraindicated({ antigen, series }: BestSeries, codes: CvxCode[]): void {
  const { observations, vaccines } = antigen.facts.contraindications;
  if (observations.length === 0 && vaccines.size === 0) return;
  for (const { preferableVaccines } of series.series.doses) {
    for (const { cvx, code } of preferableVaccines) {
      if (observations.length > 0 || vaccines.has(cvx)) addOnce(codes, code);
    }
  }
}

function addOnce<T>(list: T[], item: T): void {
  if (!list.includes(item)) list.push(item);
}
