import type { EpochMs } from '../../values/instant.ts';
import { type AuditMonth, auditMonthOf } from '../contract/audit.ts';
import { writeAgents } from './audit-block.ts';
import {
  type AuditSlot,
  agentKey,
  auditMonths,
  auditTables,
  dropMonth,
  type MonthWriter,
  makeMonth,
  slotOf,
} from './audit-month.ts';
import { type CommitState, ridOf } from './commit-state.ts';
import { numberOf } from './connection.ts';
import {
  membersOfRow,
  type PackedAgent,
  type PackedAudit,
  type PackedBlock,
  type PackedRow,
} from './pack-audit.ts';

const findAgent = 'SELECT id FROM audit_agent WHERE agent = ?';
const addAgent = 'INSERT INTO audit_agent (agent) VALUES (?) RETURNING id';
const addAgentName = 'INSERT OR IGNORE INTO audit_agent_name (name, agent) VALUES (?, ?)';

const columnsOfRow = 6;
const agentsRemembered = 20_000;

/** So many rows go by one statement: to call SQLite costs more than to add a row. */
const rowsTogether = 8;

/** A row that is there already is left as it is; of one that is in two blocks the first is read (search-audit.ts). */
export function writeAudit(state: CommitState, { agents, members, blocks }: PackedAudit): void {
  const ids = agents.map((agent) => agentOf(state, agent));
  addRows(state, members, ids);
  for (const block of blocks) addBlock(state, block, ids);
}

function addBlock(
  state: CommitState,
  { first, last, agents, patients, text }: PackedBlock,
  ids: readonly number[],
): void {
  const slot = slotAt(state, last);
  const madeBy = agents.map((nth) => ids[nth] ?? 0);
  for (const agent of madeBy) noteIn(state, slot, agentKey(agent));
  if (patients !== '') noteAll(state, slot, patients);
  state.db.run(slot.month.addBlock, [first, last, writeAgents(madeBy), text]);
}

function addRows(state: CommitState, members: PackedAudit['members'], ids: readonly number[]): void {
  let waiting: Waiting | undefined;
  for (let i = 0; i < members.length; i += membersOfRow) {
    const [at, salt, nth, action, outcome, text, patients] = members.slice(
      i,
      i + membersOfRow,
    ) as unknown as PackedRow;
    const slot = slotAt(state, at);
    const agent = ids[nth] ?? 0;
    noteIn(state, slot, agentKey(agent));
    if (patients !== '') noteAll(state, slot, patients);
    if (waiting?.month !== slot.month) {
      addRest(state, waiting);
      waiting = { month: slot.month, values: [] };
    }
    waiting.values.push(at, salt, agent, action, outcome, text);
    if (waiting.values.length === rowsTogether * columnsOfRow) {
      state.db.run(slot.month.addRows, waiting.values);
      waiting.values.length = 0;
    }
  }
  addRest(state, waiting);
}

/** Of one month. */
type Waiting = { readonly month: MonthWriter; readonly values: (string | number)[] };

function addRest({ db }: CommitState, waiting: Waiting | undefined): void {
  if (!waiting) return;
  const { month, values } = waiting;
  for (let i = 0; i < values.length; i += columnsOfRow)
    db.run(month.addRow, values.slice(i, i + columnsOfRow));
}

function noteAll(state: CommitState, slot: AuditSlot, patients: string): void {
  // Nearly always there is one.
  const ids = patients.includes(' ') ? patients.split(' ') : [patients];
  for (const id of ids) noteIn(state, slot, ridOf(state, 'Patient', id));
}

function noteIn({ db }: CommitState, { slot, keys, month }: AuditSlot, key: number): void {
  if (keys.has(key)) return;
  db.run(month.addSlot, [key, slot]);
  keys.add(key);
}

/** Rows come nearly in the order of time: one slot is remembered. */
function slotAt(state: CommitState, at: number): AuditSlot {
  const slot = slotOf(at);
  const there = state.auditSlot;
  if (there?.slot === slot) return there;
  const opened = { slot, keys: new Set<number>(), month: monthAt(state, auditMonthOf(at as EpochMs)) };
  state.auditSlot = opened;
  return opened;
}

/** Another process may have dropped it, but never the month that is being written to by one clock. */
function monthAt({ db, auditMonths: known }: CommitState, month: AuditMonth): MonthWriter {
  const there = known.get(month);
  if (there) return there;
  makeMonth(db, month);
  const { rows, blocks, slots } = auditTables(month);
  const addTo = `INSERT OR IGNORE INTO ${rows} (at, salt, agent, action, outcome, text) VALUES `;
  const values = '(?, ?, ?, ?, ?, ?)';
  const opened = {
    addRow: addTo + values,
    addRows: addTo + Array(rowsTogether).fill(values).join(', '),
    addBlock: `INSERT INTO ${blocks} (first, last, agents, text) VALUES (?, ?, ?, ?)`,
    addSlot: `INSERT OR IGNORE INTO ${slots} (key, slot) VALUES (?, ?)`,
  };
  known.set(month, opened);
  return opened;
}

function agentOf(state: CommitState, { text, names }: PackedAgent): number {
  const known = state.auditAgents.get(text);
  if (known !== undefined) return known;
  const id = findOrAddAgent(state, text, names);
  if (state.auditAgents.size >= agentsRemembered) state.auditAgents.clear();
  state.auditAgents.set(text, id);
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
  state.auditSlot = undefined;
}
