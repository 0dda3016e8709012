import type { CommitState } from './commit-state.ts';
import { type PatientCode, patientsIn } from './patient-code.ts';

/** What a resource says of its Patients. */
type Said = { readonly patient: PatientCode | null; readonly marks: string | null };

const addMark = 'INSERT OR IGNORE INTO patient_mark (patient, mark) VALUES (?, ?)';
const dropMark = 'DELETE FROM patient_mark WHERE patient = ? AND mark = ?';
const findGiver = `SELECT 1 FROM patient_version p CROSS JOIN version v ON v.seq = p.seq
  CROSS JOIN resource r ON r.rid = v.rid
  WHERE p.patient = ? AND r.seq = v.seq AND r.live = 1
    AND EXISTS (SELECT 1 FROM json_each(r.marks) WHERE value = ?) LIMIT 1`;

/** Marks as a row of resource keeps them. */
export function markIds(state: CommitState, marks: readonly string[]): string | null {
  return marks.length === 0 ? null : JSON.stringify(marks.map(state.names.markId));
}

/**
 * Gives the Patients what the resource says of them, and takes from them what it said before and nobody else says. The
 * rows of the resource must stand already.
 */
export function moveMarks(state: CommitState, before: Said | undefined, after: Said): void {
  if (before?.patient === after.patient && before?.marks === after.marks) return;
  const { db } = state;
  const given = new Set<string>();
  for (const [patient, mark] of pairsOf(state, after)) {
    db.run(addMark, [patient, mark]);
    given.add(`${patient} ${mark}`);
  }
  for (const [patient, mark] of before ? pairsOf(state, before) : []) {
    if (given.has(`${patient} ${mark}`) || db.get(findGiver, [patient, mark])) continue;
    db.run(dropMark, [patient, mark]);
  }
}

function pairsOf({ db }: CommitState, { patient, marks }: Said): readonly (readonly [number, number])[] {
  if (marks === null) return [];
  const ids = JSON.parse(marks) as number[];
  return patientsIn(db, patient).flatMap((one) => ids.map((mark) => [one, mark] as const));
}
