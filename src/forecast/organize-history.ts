import type { DataProblem } from './forecast-result.ts';
import { type Dose, isOfAge, type Patient } from './patient.ts';
import type { PatientHistory } from './patient-history.ts';
import { compareDoses, repeatedDoses } from './same-day.ts';
import type { Schedule } from './schedule.ts';

/**
 * Splits each dose into the antigens it holds, at the age at which it holds them (4.2). By place of the antigen in
 * the schedule; an antigen without a dose has no entry.
 */
export function organizeHistory(patient: Patient): readonly (readonly Dose[] | undefined)[] {
  const byAntigen: Dose[][] = new Array(patient.schedule.antigens.length);
  for (const dose of patient.doses) {
    for (const association of patient.schedule.associations[dose.cvx] ?? []) {
      if (!isOfAge(patient, association, dose.date)) continue;
      const records = byAntigen[association.antigen];
      if (records) records.push(dose);
      else byAntigen[association.antigen] = [dose];
    }
  }
  return byAntigen;
}

/** Doses that no rule can judge. They are told, not guessed. */
export function dataProblems(
  schedule: Schedule,
  history: PatientHistory,
  assessmentDate: number,
): readonly DataProblem[] {
  const problems: DataProblem[] = [];
  const repeated = repeatedDoses([...history.doses].sort(compareDoses));
  for (const dose of history.doses) {
    const { id, date, cvx } = dose;
    if (date < history.dateOfBirth) problems.push({ doseId: id, problem: 'before-birth' });
    else if (date > assessmentDate) problems.push({ doseId: id, problem: 'after-assessment' });
    else if (!schedule.associations[Number(cvx)]) problems.push({ doseId: id, problem: 'unknown-cvx' });
    else if (repeated.has(dose)) problems.push({ doseId: id, problem: 'repeated' });
  }
  return problems;
}
