import { type Dose, isOfAge } from './patient.ts';
import type { PatientSeries } from './patient-series.ts';
import type { PreferableVaccine, SeriesDose } from './schedule.ts';

export type VaccineVerdict = 'preferable' | 'preferable-low-volume' | 'allowable' | 'neither';

/** Is it a vaccine that the target dose may be given with (6.8, 6.9)? Any entry that matches suffices. */
export function evaluateVaccine(series: PatientSeries, target: SeriesDose, record: Dose): VaccineVerdict {
  const verdict = preferableVerdict(series, target, record) ?? allowableVerdict(series, target, record);
  series.steps?.push({
    rule: verdict === 'allowable' || verdict === 'neither' ? '6.9' : '6.8',
    subject: `vaccine CVX ${record.given.cvx}: ${verdict}`,
    reference: record.date,
    outcome: verdict === 'neither' ? 'failed' : 'passed',
  });
  return verdict;
}

function preferableVerdict(
  series: PatientSeries,
  target: SeriesDose,
  record: Dose,
): VaccineVerdict | undefined {
  let found: VaccineVerdict | undefined;
  for (const vaccine of target.preferableVaccines) {
    if (vaccine.cvx !== record.cvx || !isOfAge(series.patient, vaccine, record.date)) continue;
    if (!isSameProduct(vaccine, record)) continue;
    if (!isVolumeTooSmall(vaccine, record)) return 'preferable';
    found = 'preferable-low-volume';
  }
  return found;
}

/** A product is compared only by what both sides name. */
function isSameProduct({ tradeName, mvx }: PreferableVaccine, { given }: Dose): boolean {
  if (mvx !== undefined && given.mvx !== undefined && mvx !== given.mvx) return false;
  return (
    tradeName === undefined || given.tradeName === undefined || tradeName === given.tradeName.toLowerCase()
  );
}

function isVolumeTooSmall({ volume }: PreferableVaccine, { given }: Dose): boolean {
  return volume !== undefined && given.volume !== undefined && given.volume < volume;
}

function allowableVerdict(series: PatientSeries, target: SeriesDose, record: Dose): VaccineVerdict {
  for (const vaccine of target.allowableVaccines) {
    if (vaccine.cvx === record.cvx && isOfAge(series.patient, vaccine, record.date)) return 'allowable';
  }
  return 'neither';
}
