import type { AuditMonth } from '../contract/audit.ts';
import type { Connection } from './connection.ts';
import { textOf } from './connection.ts';

const listMonths = 'SELECT month FROM audit_month ORDER BY month DESC';
const noteMonth =
  'INSERT INTO audit_month (month, blocks) VALUES (?, 1) ON CONFLICT (month) DO UPDATE SET blocks = 1 WHERE blocks = 0';
const forgetMonth = 'DELETE FROM audit_month WHERE month = ?';

/** The months that have rows, the newest first. */
export function auditMonths(db: Connection): readonly AuditMonth[] {
  return db.all(listMonths, []).map((row) => textOf(row, 'month') as AuditMonth);
}

/** The tables of a month. Its name comes from a clock or from `audit_month`; it is looked at all the same. */
export function auditTables(month: AuditMonth): AuditTables {
  if (!/^[0-9]{6}$/.test(month)) throw new Error(`${month} is no month`);
  return { rows: `audit_${month}`, blocks: `audit_block_${month}`, slots: `audit_slot_${month}` };
}

type AuditTables = { readonly rows: string; readonly blocks: string; readonly slots: string };

const findBlocks = 'SELECT blocks FROM audit_month WHERE month = ?';

/** A month that an earlier release wrote alone has none. */
export function hasBlocks(db: Connection, month: AuditMonth): boolean {
  return db.get(findBlocks, [month])?.['blocks'] === 1;
}

/** So long is a slot: its rows lie together, and it is noted once in it whose they are and who made them. */
export const slotMs = 10_000;

export function slotOf(at: number): number {
  return Math.floor(at / slotMs);
}

/** The last moment of the slot in which the moment lies. */
export function endOfSlot(at: number): number {
  return (slotOf(at) + 1) * slotMs - 1;
}

/** What a month is written to by. */
export type MonthWriter = {
  readonly addRow: string;
  readonly addRows: string;
  readonly addBlock: string;
  readonly addSlot: string;
};

/** What the writer knows to be there of the slot that it writes to. */
export type AuditSlot = { readonly slot: number; readonly keys: Set<number>; readonly month: MonthWriter };

/** In a slot agents lie below zero, so that one table is enough. */
export function agentKey(agent: number): number {
  return -agent;
}

/**
 * Writes and failures are rows by themselves, which lie by time, so that a month grows at its end. Reads that were answered
 * are nearly all there is: those that are written together lie in blocks, each within one slot (pack-audit.ts); earlier
 * releases made rows of them. A row of an index for each would cost more than the row: a slot has one for each Patient and
 * agent.
 */
export function makeMonth(db: Connection, month: AuditMonth): void {
  const { rows, blocks, slots } = auditTables(month);
  db.exec(`
    CREATE TABLE IF NOT EXISTS ${rows} (
      at INTEGER NOT NULL, salt INTEGER NOT NULL, agent INTEGER NOT NULL, action TEXT NOT NULL,
      outcome INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (at, salt)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS ${rows}_failed ON ${rows} (at, salt, outcome) WHERE outcome <> 0;
    CREATE INDEX IF NOT EXISTS ${rows}_written ON ${rows} (action, at, salt) WHERE action NOT IN ('R', 'E');
    CREATE INDEX IF NOT EXISTS ${rows}_answered ON ${rows} (at, salt) WHERE outcome = 0 AND action IN ('R', 'E');
    CREATE TABLE IF NOT EXISTS ${blocks} (
      id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, agents TEXT NOT NULL, text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS ${blocks}_by_time ON ${blocks} (last);
    CREATE TABLE IF NOT EXISTS ${slots} (
      key INTEGER NOT NULL, slot INTEGER NOT NULL, PRIMARY KEY (key, slot)
    ) STRICT, WITHOUT ROWID;
  `);
  db.run(noteMonth, [month]);
}

export function dropMonth(db: Connection, month: AuditMonth): void {
  for (const table of Object.values(auditTables(month))) db.exec(`DROP TABLE IF EXISTS ${table}`);
  db.run(forgetMonth, [month]);
}
