import type { ResourceId } from '../../values/resource-id.ts';
import {
  type AuditMonth,
  type AuditRow,
  auditMonthOf,
  namesOfAgent,
  partsOfAuditId,
} from '../contract/audit.ts';
import { writeAuditText } from '../contract/audit-text.ts';
import { auditMonths, auditTables, dropMonth, makeMonth } from './audit-month.ts';
import { type CommitState, ridOf } from './commit-state.ts';
import { numberOf } from './connection.ts';

/** A row on its way to the writer: plain data, its texts written. */
export type PackedAudit = {
  readonly month: AuditMonth;
  readonly at: number;
  readonly salt: number;
  /** JSON. */
  readonly agent: string;
  readonly names: readonly string[];
  readonly action: string;
  readonly outcome: number;
  readonly text: string;
  readonly patients: readonly ResourceId[];
};

export function packAudit(row: AuditRow): PackedAudit {
  const { id, agent, action, outcome, patients } = row;
  const { at, salt } = partsOfAuditId(id);
  return {
    month: auditMonthOf(at),
    at,
    salt,
    agent: JSON.stringify(agent),
    names: namesOfAgent(agent),
    action,
    outcome,
    text: writeAuditText(row),
    patients,
  };
}

const findAgent = 'SELECT id FROM audit_agent WHERE agent = ?';
const addAgent = 'INSERT INTO audit_agent (agent) VALUES (?) RETURNING id';
const addAgentName = 'INSERT OR IGNORE INTO audit_agent_name (name, agent) VALUES (?, ?)';

const agentsRemembered = 20_000;

/** What is there already is left as it is. */
export function writeAudit(state: CommitState, rows: readonly PackedAudit[]): void {
  const { db } = state;
  for (const row of rows) {
    requireMonth(state, row.month);
    const tables = auditTables(row.month);
    const { at, salt, action, outcome, text } = row;
    db.run(
      `INSERT OR IGNORE INTO ${tables.rows} (at, salt, agent, action, outcome, text) VALUES (?, ?, ?, ?, ?, ?)`,
      [at, salt, agentOf(state, row), action, outcome, text],
    );
    for (const patient of row.patients) {
      db.run(`INSERT OR IGNORE INTO ${tables.patients} (patient, at, salt) VALUES (?, ?, ?)`, [
        ridOf(state, 'Patient', patient),
        at,
        salt,
      ]);
    }
  }
}

/** Another process may have dropped it, but never the month that is being written to by one clock. */
function requireMonth({ db, auditMonths: known }: CommitState, month: AuditMonth): void {
  if (known.has(month)) return;
  makeMonth(db, month);
  known.add(month);
}

function agentOf(state: CommitState, { agent, names }: PackedAudit): number {
  const known = state.auditAgents.get(agent);
  if (known !== undefined) return known;
  const id = findOrAddAgent(state, agent, names);
  if (state.auditAgents.size >= agentsRemembered) state.auditAgents.clear();
  state.auditAgents.set(agent, id);
  return id;
}

function findOrAddAgent({ db }: CommitState, agent: string, names: readonly string[]): number {
  const found = db.get(findAgent, [agent]);
  if (found) return numberOf(found, 'id');
  const id = numberOf(db.get(addAgent, [agent]) ?? {}, 'id');
  for (const name of names) db.run(addAgentName, [name, id]);
  return id;
}

export function dropAuditBefore(state: CommitState, before: AuditMonth): void {
  for (const month of auditMonths(state.db)) if (month < before) dropMonth(state.db, month);
  state.auditMonths.clear();
}
