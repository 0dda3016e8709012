import type { CvxCode } from '../values/vaccine-code.ts';
import { isOfAge, type Patient } from './patient.ts';
import type { CandidateDates } from './patient-series.ts';
import type { PreferableVaccine } from './schedule.ts';
import type { BestSeries } from './vaccine-group-forecast.ts';

export type VaccineChoice = {
  readonly recommended: readonly CvxCode[];
  readonly others: readonly CvxCode[];
  readonly contraindicated: readonly CvxCode[];
};

/**
 * FORECASTRECVAC-1: the preferable vaccines of the target dose that the schedule puts into forecasts and that fit the
 * age on the earliest or the recommended day. The others fit as well but are not put forward. For a group of several
 * antigens (FORECASTVG-9) what is put forward for any of them counts, and what is forbidden for one is forbidden.
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
  return { recommended, others, contraindicated };
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
  return isOfAge(patient, vaccine, dates.earliest) || isOfAge(patient, vaccine, dates.recommended);
}

function addOnce<T>(list: T[], item: T): void {
  if (!list.includes(item)) list.push(item);
}
