import type { EpochDay } from '../values/epoch-day.ts';
import { canSkip } from './conditional-skip.ts';
import { type AgeVerdict, evaluateAge } from './evaluate-age.ts';
import { hasVaccineConflict } from './evaluate-conflict.ts';
import { evaluateInterval, type IntervalVerdict } from './evaluate-interval.ts';
import { evaluateVaccine, type VaccineVerdict } from './evaluate-vaccine.ts';
import type { EvaluationReason, EvaluationStatus } from './forecast-result.ts';
import type { Dose, Patient } from './patient.ts';
import { nextTarget, type PatientSeries } from './patient-series.ts';
import type { Series, SeriesDose } from './schedule.ts';

type SeriesInput = {
  readonly series: Series;
  readonly records: readonly Dose[];
  readonly completedGroups: ReadonlyMap<string, EpochDay>;
};

/** Holds the doses of one antigen, in order, against the target doses of one series (4.4, chapter 6). */
export function evaluateSeries(patient: Patient, input: SeriesInput): PatientSeries {
  const { series, records, completedGroups } = input;
  const evaluated: PatientSeries = {
    patient,
    series,
    records,
    judgments: records.length === 0 ? [] : new Array(patient.doses.length),
    satisfied: [],
    next: 0,
    completedGroups,
    steps: undefined,
    dosesAfterNext: undefined,
  };
  for (let i = 0; i < records.length; i++) {
    const record = records[i];
    if (record) evaluateRecord(evaluated, record, i);
  }
  return evaluated;
}

function evaluateRecord(series: PatientSeries, record: Dose, recordsBefore: number): void {
  if (series.patient.explains) series.steps = [];
  const unfit = nextTarget(series) && evaluateDoseCondition(series, record);
  if (unfit) {
    judge(series, record, { status: 'Sub-standard', reasons: [unfit], target: nextTarget(series) });
    return;
  }
  skipTargets(series, record, recordsBefore);
  const target = nextTarget(series);
  if (!target) {
    judge(series, record, { status: 'Extraneous', reasons: ['series-already-complete'], target });
  } else if (isInadvertentVaccine(series, target, record)) {
    judge(series, record, { status: 'Not Valid', reasons: ['inadvertent-vaccine'], target });
  } else {
    evaluateAgainst(series, target, record, recordsBefore);
  }
}

type Finding = {
  readonly status: EvaluationStatus;
  readonly reasons: readonly EvaluationReason[];
  readonly target: SeriesDose | undefined;
};

function judge(series: PatientSeries, record: Dose, { status, reasons, target }: Finding): void {
  series.judgments[record.index] = { status, reasons, targetDose: target?.number, steps: series.steps };
}

/** Dose administered condition (6.1, CALCDTLOTEXP-1). */
function evaluateDoseCondition(series: PatientSeries, { date, given }: Dose): EvaluationReason | undefined {
  const expired = given.lotExpiration !== undefined && date > given.lotExpiration;
  const unfit = expired ? 'lot-expired' : given.condition && 'dose-condition';
  if (unfit === undefined || !series.steps) return unfit;
  series.steps.push({
    rule: expired ? 'CALCDTLOTEXP-1' : '6.1',
    subject: expired ? 'lot expiration' : `dose condition: ${given.condition}`,
    reference: date,
    ...(given.lotExpiration !== undefined && { limit: given.lotExpiration }),
    outcome: 'failed',
  });
  return unfit;
}

/** The same record is held against the next target dose as long as one can be skipped (6.2). */
function skipTargets(series: PatientSeries, record: Dose, recordsBefore: number): void {
  const view = {
    context: 'Evaluation',
    reference: record.date,
    anchor: record.date,
    recordsBefore,
    dosesBefore: record.index,
  } as const;
  let target = nextTarget(series);
  while (target && canSkip(series, target, view)) {
    series.next++;
    target = nextTarget(series);
  }
}

/** Inadvertent administration (6.3). */
function isInadvertentVaccine(series: PatientSeries, target: SeriesDose, record: Dose): boolean {
  if (!target.inadvertentVaccines.includes(record.cvx)) return false;
  series.steps?.push({
    rule: '6.3',
    subject: `inadvertent vaccine CVX ${record.given.cvx}`,
    reference: record.date,
    outcome: 'failed',
  });
  return true;
}

/** Age, interval, conflict and vaccine together decide (6.4 to 6.10). */
function evaluateAgainst(
  series: PatientSeries,
  target: SeriesDose,
  record: Dose,
  recordsBefore: number,
): void {
  const age = evaluateAge(series, target, record);
  const interval = evaluateInterval(series, target, record, { recordsBefore, dosesBefore: record.index });
  const conflict = hasVaccineConflict(series, record);
  const vaccine = evaluateVaccine(series, target, record);
  const found = { age, interval, conflict, vaccine };
  const status = targetDoseVerdict(found);
  judge(series, record, { status, reasons: reasonsFor(found), target });
  if (status === 'Valid') satisfy(series, target, record);
}

type Verdicts = {
  readonly age: AgeVerdict;
  readonly interval: IntervalVerdict;
  readonly conflict: boolean;
  readonly vaccine: VaccineVerdict;
};

/** Is the target dose satisfied? Table 6-31. A dose given too old is extraneous, whatever else holds. */
export function targetDoseVerdict({ age, interval, conflict, vaccine }: Verdicts): EvaluationStatus {
  if (age === 'too-old') return 'Extraneous';
  const fails = age === 'too-young' || interval === 'too-soon' || conflict || vaccine === 'neither';
  return fails ? 'Not Valid' : 'Valid';
}

const noReasons: readonly EvaluationReason[] = [];

/** Every reason: first those that fail a dose, by age, interval, conflict and vaccine, then the remarks. */
function reasonsFor({ age, interval, conflict, vaccine }: Verdicts): readonly EvaluationReason[] {
  if (age === 'right' && interval === 'right' && !conflict && vaccine === 'preferable') return noReasons;
  const reasons: EvaluationReason[] = [];
  if (age === 'too-young' || age === 'too-old') reasons.push(age);
  if (interval === 'too-soon') reasons.push(interval);
  if (conflict) reasons.push('vaccine-conflict');
  if (vaccine === 'neither') reasons.push('not-preferable-or-allowable');
  if (age === 'grace-period') reasons.push('age-grace-period');
  if (interval === 'grace-period') reasons.push('interval-grace-period');
  if (vaccine === 'allowable') reasons.push('not-preferable-but-allowable');
  if (vaccine === 'preferable-low-volume') reasons.push('volume-below-recommended');
  return reasons;
}

/** A recurring target dose is asked for again. */
function satisfy(series: PatientSeries, target: SeriesDose, record: Dose): void {
  series.satisfied.push({ target, record });
  if (!target.recurring) series.next++;
}
