import type { EpochMs } from '../../values/instant.ts';
import type { RecordChange } from '../contract/store.ts';
import type { Connection } from './connection.ts';

const findValue =
  'SELECT value FROM record WHERE collection = ? AND key = ? AND (expires IS NULL OR expires > ?)';
const putRecord = 'INSERT OR REPLACE INTO record (collection, key, value, expires) VALUES (?, ?, ?, ?)';
const dropRecord = 'DELETE FROM record WHERE collection = ? AND key = ?';
const purgeRecords =
  'DELETE FROM record WHERE (collection, key) IN (SELECT collection, key FROM record WHERE expires <= ? LIMIT 100)';

/** Whether what is there is what the change expects. */
export function isAsExpected(db: Connection, change: RecordChange, now: EpochMs): boolean {
  const { expected } = change;
  if (!expected) return true;
  const { collection, key } = change.kind === 'put' ? change.record : change;
  const row = db.get(findValue, [collection, JSON.stringify(key), now]);
  return expected.kind === 'absent' ? row === undefined : row?.['value'] === expected.value;
}

/** Each put sweeps away a few records that have expired, so that they never pile up. */
export function writeRecord(db: Connection, change: RecordChange, now: EpochMs): void {
  if (change.kind === 'delete') {
    db.run(dropRecord, [change.collection, JSON.stringify(change.key)]);
    return;
  }
  const { collection, key, value, expires } = change.record;
  db.run(purgeRecords, [now]);
  db.run(putRecord, [collection, JSON.stringify(key), value, expires ?? null]);
}
