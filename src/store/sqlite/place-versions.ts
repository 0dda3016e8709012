import type { ResourceKey } from '../contract/store.ts';
import type { CommitState } from './commit-state.ts';
import { numberOf } from './connection.ts';
import { codeOf, notePast } from './patient-code.ts';

/** Whom an old version concerns. */
export type Placed = ResourceKey & { readonly versionId: number; readonly patients: readonly string[] };

const findUnplaced = `SELECT v.seq, v.rid FROM resource r CROSS JOIN version v
  ON v.seq IN (SELECT r.rid UNION ALL SELECT seq FROM version WHERE rid = r.rid AND rid <> seq AND version = ?)
  WHERE r.type = ? AND r.id = ? AND v.rid = r.rid AND v.version = ? AND v.patient IS NULL`;
const place = 'UPDATE version SET patient = ? WHERE seq = ?';
const placeTombstone = 'UPDATE resource SET patient = ? WHERE rid = ? AND seq = ? AND live = 0';
const moveOn = 'UPDATE unplaced SET rid = max(rid, ?)';
const allPlaced = 'DELETE FROM unplaced';

export function placeVersion(state: CommitState, version: Placed): void {
  const { db } = state;
  const { type, id, versionId, patients } = version;
  const row = db.get(findUnplaced, [versionId, state.names.typeId(type), id, versionId]);
  if (!row) return;
  const seq = numberOf(row, 'seq');
  const code = codeOf(state, patients, null);
  db.run(place, [code, seq]);
  db.run(placeTombstone, [code, numberOf(row, 'rid'), seq]);
  notePast(state, code, seq);
}

export function notePlaced({ db }: CommitState, below: number | undefined): void {
  if (below === undefined) db.run(allPlaced, []);
  else db.run(moveOn, [below]);
}
