import type { EpochDay } from '../values/epoch-day.ts';
import type { CvxCode } from '../values/vaccine-code.ts';
import { laterOf } from './date-arithmetic.ts';
import { isOfAge, type Patient } from './patient.ts';
import type { CandidateDates } from './patient-series.ts';
import type { PreferableVaccine } from './schedule.ts';
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
 * anything in the past. The others fit as well but are not put forward. For a group of several antigens (FORECASTVG-9)
 * what is put forward for any of them counts, and what is forbidden for one is forbidden. What holds all antigens that
 * are needed is named first: who is given Td for want of pertussis needs the next dose in four weeks, for good.
 */
export function chooseVaccines(contained: readonly BestSeries[]): VaccineChoice {
  const contraindicated: CvxCode[] = [];
  const recommended: CvxCode[] = [];
  const fitting: CvxCode[] = [];
  for (const each of contained) addContraindicated(each, contraindicated);
  for (const { series } of contained) {
    const { patient, forecast } = series;
    for (const vaccine of forecast.target?.preferableVaccines ?? []) {
      if (contraindicated.includes(vaccine.code) || !isOfAgeWhenDue(patient, vaccine, forecast.dates))
        continue;
      addOnce(vaccine.forecast ? recommended : fitting, vaccine.code);
    }
  }
  const others = fitting.filter((code) => !recommended.includes(code));
  return { recommended, others, named: wholeFirst([...recommended, ...others], contained), contraindicated };
}

/** Those that hold all antigens that are needed, then the others, each in their order. */
function wholeFirst(codes: readonly CvxCode[], contained: readonly BestSeries[]): readonly CvxCode[] {
  if (contained.length < 2) return codes;
  const needed = contained.filter(({ series }) => series.forecast.dates !== undefined);
  const isWhole = (code: CvxCode) => needed.every((each) => holds(each, code));
  const whole = codes.filter(isWhole);
  return whole.length === 0 ? codes : [...whole, ...codes.filter((code) => !isWhole(code))];
}

function holds({ antigen, series }: BestSeries, code: CvxCode): boolean {
  const { schedule } = series.patient;
  const held = schedule.associations[Number(code)] ?? [];
  return held.some((each) => schedule.antigens[each.antigen]?.name === antigen.antigen.name);
}

/** The preferable vaccines of the series that this patient must not have. */
function addContraindicated({ antigen, series }: BestSeries, codes: CvxCode[]): void {
  const { observations, vaccines } = antigen.facts.contraindications;
  if (observations.length === 0 && vaccines.size === 0) return;
  for (const { cvx, code } of series.series.doses.flatMap((dose) => dose.preferableVaccines)) {
    if (observations.length > 0 || vaccines.has(cvx)) addOnce(codes, code);
  }
}

function isOfAgeWhenDue(
  patient: Patient,
  vaccine: PreferableVaccine,
  dates: CandidateDates | undefined,
): boolean {
  if (!dates) return false;
  const fitsOn = (day: EpochDay) => isOfAge(patient, vaccine, laterOf(day, patient.assessmentDate));
  return fitsOn(dates.earliest) || fitsOn(dates.recommended);
}

function addOnce<T>(list: T[], item: T): void {
  if (!list.includes(item)) list.push(item);
}
