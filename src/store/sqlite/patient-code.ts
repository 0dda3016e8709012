import type { ResourceType } from '../../fhir/resource-type.ts';
import { concerningParams } from '../../search/compartment.ts';
import { type CommitState, ridOf } from './commit-state.ts';
import { type Connection, numberOf } from './connection.ts';

/** Whom a version concerns, in one number: 0 = nobody, the rid of one Patient, or the id of a list, negated. */
export type PatientCode = number;

const addList = 'INSERT INTO patient_list (patients) VALUES (?) RETURNING id';
const readList = 'SELECT patients FROM patient_list WHERE id = ?';
const addPast = 'INSERT OR IGNORE INTO past_version (patient, seq) VALUES (?, ?)';
const patientsReferred = `SELECT DISTINCT x.target AS rid FROM reference_value x CROSS JOIN resource q ON q.rid = x.target
  WHERE x.rid = ? AND q.type = ? AND x.param IN (SELECT value FROM json_each(?)) ORDER BY x.target`;

/** The list of the version before is taken again where the Patients are the same. */
export function codeOf(
  state: CommitState,
  patients: readonly string[],
  before: PatientCode | null,
): PatientCode {
  const [only, ...others] = patients;
  if (only === undefined) return 0;
  if (others.length === 0) return ridOf(state, 'Patient', only);
  return listCode(
    state.db,
    patients.map((id) => ridOf(state, 'Patient', id)),
    before,
  );
}

function listCode(db: Connection, rids: readonly number[], before: PatientCode | null): PatientCode {
  const list = JSON.stringify([...rids].sort((a, b) => a - b));
  if (before !== null && before < 0 && db.get(readList, [-before])?.['patients'] === list) return before;
  return -numberOf(db.get(addList, [list]) ?? {}, 'id');
}

/** The rids of the Patients; none where it is not known. */
export function patientsIn(db: Connection, code: PatientCode | null): readonly number[] {
  if (code === null || code === 0) return [];
  if (code > 0) return [code];
  return JSON.parse(String(db.get(readList, [-code])?.['patients'] ?? '[]')) as number[];
}

/** What is no longer current, or a tombstone, is found by whom it concerns from now on: by one, since all are asked for. */
export function notePast({ db }: CommitState, code: PatientCode | null, seq: number): void {
  const [first] = patientsIn(db, code);
  if (first !== undefined) db.run(addPast, [first, seq]);
}

/** What `patientsOf` says of a live resource, read from its index values. */
export function patientsOfIndex(state: CommitState, type: string, rid: number): PatientCode {
  if (type === 'Patient') return rid;
  const params = concerningParams(type as ResourceType).map((code) => state.names.paramId(type, code));
  const ofPatients = state.names.typeId('Patient');
  state.rows.flush();
  const rows = state.db.all(patientsReferred, [rid, ofPatients, JSON.stringify(params)]);
  const [only, ...others] = rows.map((row) => numberOf(row, 'rid'));
  if (only === undefined) return 0;
  return others.length === 0 ? only : listCode(state.db, [only, ...others], null);
}
