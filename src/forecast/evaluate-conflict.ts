import { addOffset } from './date-arithmetic.ts';
import type { Dose } from './patient.ts';
import type { Judgment, PatientSeries } from './patient-series.ts';
import type { VaccineConflict } from './schedule.ts';

/** Was an earlier dose, of whatever antigen, too close for this vaccine (6.7)? */
export function hasVaccineConflict(series: PatientSeries, record: Dose): boolean {
  const conflicts = series.patient.schedule.conflicts[record.cvx];
  if (!conflicts) return false;
  for (let i = 0; i < record.index; i++) {
    const earlier = series.patient.doses[i];
    if (!earlier) continue;
    for (const conflict of conflicts) {
      if (conflict.previous !== earlier.cvx) continue;
      if (isInConflict(series, conflict, earlier, record)) return true;
    }
  }
  return false;
}

/**
 * CALCDTCONFLICT-1 and -2, CONFLICT-3: from the begin to before the end, which comes earlier when the earlier dose is
 * Valid here or has no status here, as doses of other antigens have.
 */
function isInConflict(
  series: PatientSeries,
  conflict: VaccineConflict,
  earlier: Dose,
  record: Dose,
): boolean {
  const end = isValidOrUnknown(series.judgments[earlier.index]) ? conflict.minEnd : conflict.end;
  const endDate = addOffset(earlier.date, end);
  const found = addOffset(earlier.date, conflict.begin) <= record.date && record.date < endDate;
  series.steps?.push({
    rule: 'CONFLICT-3',
    subject: `vaccine conflict with CVX ${earlier.given.cvx}`,
    reference: record.date,
    limit: endDate,
    offset: end.text,
    outcome: found ? 'failed' : 'passed',
  });
  return found;
}

function isValidOrUnknown(judgment: Judgment | undefined): boolean {
  return judgment === undefined || judgment.status === 'Valid';
}
