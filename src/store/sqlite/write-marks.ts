import { concerningParams } from '../../search/compartment.ts';
import { markingTypes } from '../../search/reach.ts';
import type { CommitState } from './commit-state.ts';
import { type PatientCode, patientsIn } from './patient-code.ts';

/** What a resource says of its Patients. */
type Said = { readonly patient: PatientCode | null; readonly marks: string | null };

const dropMark = 'DELETE FROM patient_mark WHERE patient = ? AND mark = ?';
// The Patient itself, and whoever refers to it as concerned.
const findGiver = `SELECT 1 FROM (
    SELECT ? AS rid UNION ALL
    SELECT x.rid FROM reference_value x INDEXED BY reference_by_target
    WHERE x.target = ? AND x.param IN (SELECT value FROM json_each(?))
  ) s CROSS JOIN resource r ON r.rid = s.rid
  WHERE EXISTS (SELECT 1 FROM json_each(r.marks) WHERE value = ?) LIMIT 1`;

/** Marks as a row of resource keeps them. */
export function markIds(state: CommitState, marks: readonly string[]): string | null {
  return marks.length === 0 ? null : JSON.stringify(marks.map(state.names.markId));
}

/**
 * Gives the Patients what the resource says of them, and takes from them what it said before and nobody else says. The
 * rows of the resource must stand already, or wait in the buffer.
 */
export function moveMarks(state: CommitState, before: Said | undefined, after: Said): void {
  if (after.marks !== null && (before?.marks !== after.marks || before.patient !== after.patient)) {
    give(state, after);
  }
  if (before !== undefined && before.marks !== null) takeBack(state, before, after);
}

function give(state: CommitState, said: Said): void {
  for (const [patient, mark] of pairsOf(state, said)) state.rows.add('patient_mark', [patient], [mark]);
}

function takeBack(state: CommitState, before: Said, after: Said): void {
  if (before.patient === after.patient && before.marks === after.marks) return;
  // What it still gives itself need not be looked for: most of a Group stays when one member goes.
  const given = new Set(pairsOf(state, after).map(([patient, mark]) => `${patient} ${mark}`));
  state.rows.flush();
  for (const [patient, mark] of pairsOf(state, before)) {
    if (given.has(`${patient} ${mark}`) || isGiven(state, patient, mark)) continue;
    state.db.run(dropMark, [patient, mark]);
  }
}

function isGiven({ db, names }: CommitState, patient: number, mark: number): boolean {
  const params = markingTypes.flatMap((type) =>
    concerningParams(type).map((code) => names.paramId(type, code)),
  );
  return db.get(findGiver, [patient, patient, JSON.stringify(params), mark]) !== undefined;
}

function pairsOf({ db }: CommitState, { patient, marks }: Said): readonly (readonly [number, number])[] {
  if (marks === null) return [];
  const ids = JSON.parse(marks) as number[];
  return patientsIn(db, patient).flatMap((one) => ids.map((mark) => [one, mark] as const));
}
