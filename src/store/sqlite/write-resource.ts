import type { Change, Reindexed, ResourceKey } from '../contract/store.ts';
import { type CommitState, rememberRid, ridOf } from './commit-state.ts';
import { numberOf } from './connection.ts';
import { codeOf, notePast, type PatientCode, patientsOfIndex } from './patient-code.ts';
import { moveSource } from './write-aliases.ts';
import { addIndex, type IndexWriter, replaceIndex } from './write-index.ts';
import { markIds, moveMarks } from './write-marks.ts';

const findResource = 'SELECT rid, version, live, seq, patient, marks FROM resource WHERE type = ? AND id = ?';
const addResource =
  'INSERT INTO resource (rid, type, id, version, seq, last_updated, live, patient, marks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
const moveResource =
  'UPDATE resource SET version = ?, seq = ?, last_updated = ?, live = ?, patient = ?, marks = ? WHERE rid = ?';
const addVersion =
  'INSERT INTO version (seq, rid, type, version, last_updated, high_time, method, text, patient) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
const placeCurrent = 'UPDATE version SET patient = ? WHERE seq = ?';
const redrawResource = 'UPDATE resource SET patient = ?, marks = ? WHERE rid = ?';

/** Where a resource stands; without a row its id was never used nor referred to. */
export type Current = { readonly version: number; readonly row: CurrentRow | undefined };

/** `patient` and `marks` as the row has them (migrations/0002). */
type CurrentRow = {
  readonly rid: number;
  readonly seq: number;
  readonly live: boolean;
  readonly patient: PatientCode | null;
  readonly marks: string | null;
};

export function currentOf(state: CommitState, key: ResourceKey): Current {
  const row = state.db.get(findResource, [state.names.typeId(key.type), key.id]);
  if (!row) return { version: 0, row: undefined };
  const { patient = null, marks = null } = row;
  return {
    version: numberOf(row, 'version'),
    row: {
      rid: numberOf(row, 'rid'),
      seq: numberOf(row, 'seq'),
      live: row['live'] === 1,
      patient: patient as PatientCode | null,
      marks: marks as string | null,
    },
  };
}

export function writeChange(state: CommitState, change: Change, before: CurrentRow | undefined): CurrentRow {
  const { db } = state;
  const { type, id, versionId, lastUpdated, method, text, index } = change;
  const typeId = state.names.typeId(type);
  const row = before && placeReplaced(state, type, before);
  const seq = state.next++;
  const rid = row?.rid ?? seq;
  rememberRid(state, `${type}/${id}`, rid);
  const live = text !== undefined;
  const patient = live ? codeOf(state, change.patients, row?.patient ?? null) : endedPatient(row);
  const marks = live ? markIds(state, change.marks) : null;
  const at = { rid, seq, live, patient, marks };
  state.highTime = Math.max(state.highTime, lastUpdated);
  const isLive = live ? 1 : 0;
  if (row) db.run(moveResource, [versionId, seq, lastUpdated, isLive, patient, marks, rid]);
  else db.run(addResource, [rid, typeId, id, versionId, seq, lastUpdated, isLive, patient, marks]);
  db.run(addVersion, [
    seq,
    rid,
    typeId,
    versionId,
    lastUpdated,
    state.highTime,
    method,
    text ?? null,
    patient,
  ]);
  if (row?.live) notePast(state, row.patient, row.seq);
  if (!live) notePast(state, patient, seq);
  const write = row?.live ? replaceIndex : addIndex;
  write(indexWriter(state), type, rid, index);
  moveMarks(state, row, at);
  moveSource(state, change, rid, !row?.live);
  return at;
}

/** A tombstone concerns those whom the version concerned that it ends. */
function endedPatient(row: CurrentRow | undefined): PatientCode | null {
  return row === undefined || row.seq === 0 ? 0 : row.patient;
}

/** A version of schema 1 that becomes an old one: its index values still tell whom it concerns. */
function placeReplaced(state: CommitState, type: string, row: CurrentRow): CurrentRow {
  if (row.patient !== null || !row.live) return row;
  const patient = patientsOfIndex(state, type, row.rid);
  state.db.run(placeCurrent, [patient, row.seq]);
  return { ...row, patient };
}

/** False when the resource has moved on. */
export function reindexResource(state: CommitState, drawn: Reindexed): boolean {
  const { version, row } = currentOf(state, drawn);
  if (!row?.live || version !== drawn.versionId) return false;
  const { db } = state;
  replaceIndex(indexWriter(state), drawn.type, row.rid, drawn.index);
  const patient = codeOf(state, drawn.patients, row.patient);
  const marks = markIds(state, drawn.marks);
  db.run(redrawResource, [patient, marks, row.rid]);
  if (patient !== row.patient) db.run(placeCurrent, [patient, row.seq]);
  moveMarks(state, row, { ...row, patient, marks });
  moveSource(state, drawn, row.rid, false);
  return true;
}

function indexWriter(state: CommitState): IndexWriter {
  return { db: state.db, rows: state.rows, names: state.names, ridOf: (type, id) => ridOf(state, type, id) };
}
