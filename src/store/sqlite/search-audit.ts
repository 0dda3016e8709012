import type { EpochMs } from '../../values/instant.ts';
import {
  type AuditAction,
  type AuditAgent,
  type AuditId,
  type AuditMonth,
  type AuditOutcome,
  type AuditPage,
  type AuditQuery,
  type AuditRow,
  auditMonthOf,
  partsOfAuditId,
  readAuditCursor,
  toAuditId,
} from '../contract/audit.ts';
import { readAuditText } from '../contract/audit-text.ts';
import { auditMonths, auditTables } from './audit-month.ts';
import { numberOf, type Row, textOf } from './connection.ts';
import type { Reader } from './reader.ts';
import { always, conjunction, glue, join, limitSql, type Sql, sql } from './sql.ts';

/** Patients and agents of whom each has an index range of its own; the ranges of more are walked through together. */
const mostRanges = 50;

const columns =
  'a.at AS at, a.salt AS salt, g.agent AS agent, a.action AS action, a.outcome AS outcome, a.text AS text';
const findAgents = 'SELECT agent FROM audit_agent_name WHERE name = ?';
const findPatient =
  "SELECT r.rid AS rid FROM resource r JOIN type t ON t.id = r.type WHERE t.name = 'Patient' AND r.id = ?";

export function readAuditRow({ db }: Reader, id: AuditId): AuditRow | undefined {
  const { at, salt } = partsOfAuditId(id);
  const month = auditMonthOf(at);
  if (!auditMonths(db).includes(month)) return undefined;
  const { rows } = auditTables(month);
  const from = `SELECT ${columns} FROM ${rows} a JOIN audit_agent g ON g.id = a.agent`;
  const row = db.get(`${from} WHERE a.at = ? AND a.salt = ?`, [at, salt]);
  return row && toRow(row);
}

/** Month by month, the newest first, until there is one row more than a page. */
export function auditPage(reader: Reader, query: AuditQuery): AuditPage {
  const walks = walksOf(reader, query);
  const found: AuditRow[] = [];
  for (const month of monthsOf(reader, query)) {
    if (found.length > query.count) break;
    found.push(...rowsOf(reader, query, month, walks, query.count + 1 - found.length));
  }
  const rows = found.slice(0, query.count);
  const last = rows.at(-1);
  return { rows, ...(last && found.length > rows.length && { next: last.id }) };
}

function monthsOf({ db }: Reader, { from, to, after }: AuditQuery): readonly AuditMonth[] {
  const last = after === undefined ? to : partsOfAuditId(readAuditCursor(after)).at;
  return auditMonths(db).filter(
    (month) =>
      (from === undefined || month >= auditMonthOf(from)) &&
      (last === undefined || month <= auditMonthOf(last)) &&
      (to === undefined || month <= auditMonthOf(to)),
  );
}

/** Along what rows are walked in the order of time: of one patient, of one agent, or all. */
type Walk =
  | { readonly along: 'patient'; readonly rid: number }
  | { readonly along: 'agent'; readonly agent: number }
  | { readonly along: 'time' };

type Walks = { readonly walks: readonly Walk[]; readonly agents?: readonly number[] };

function walksOf({ db }: Reader, { patients, agent }: AuditQuery): Walks {
  const agents =
    agent === undefined ? undefined : db.all(findAgents, [agent]).map((row) => numberOf(row, 'agent'));
  if (patients) {
    const walks = [...new Set(patients)].flatMap((id): readonly Walk[] => {
      const row = db.get(findPatient, [id]);
      return row ? [{ along: 'patient', rid: numberOf(row, 'rid') }] : [];
    });
    return { walks, ...(agents && { agents }) };
  }
  if (!agents) return { walks: [{ along: 'time' }] };
  if (agents.length > mostRanges) return { walks: [{ along: 'time' }], agents };
  return { walks: agents.map((one) => ({ along: 'agent', agent: one })) };
}

function rowsOf(
  { db }: Reader,
  query: AuditQuery,
  month: AuditMonth,
  { walks, agents }: Walks,
  count: number,
): readonly AuditRow[] {
  const found = new Map<AuditId, AuditRow>();
  for (const walk of walks) {
    const { text, args } = walkSql(query, month, walk, agents, count);
    for (const row of db.all(text, args).map(toRow)) found.set(row.id, row);
  }
  const rows = [...found.values()];
  // One walk has the order already; several are put together.
  if (walks.length > 1) rows.sort((a, b) => (a.id < b.id ? 1 : -1));
  return rows.slice(0, count);
}

function walkSql(
  query: AuditQuery,
  month: AuditMonth,
  walk: Walk,
  agents: readonly number[] | undefined,
  count: number,
): Sql {
  const tables = auditTables(month);
  const isOfPatient = walk.along === 'patient';
  const key = isOfPatient ? 'p' : 'a';
  const source = isOfPatient
    ? `${tables.patients} p CROSS JOIN ${tables.rows} a ON a.at = p.at AND a.salt = p.salt`
    : `${tables.rows} a`;
  const conditions = conjunction([
    alongSql(walk),
    timeSql(query, key),
    agents ? glue('a.agent IN (', listSql(agents), ')') : always,
    partsSql(query),
  ]);
  return glue(
    `SELECT ${columns} FROM ${source} CROSS JOIN audit_agent g ON g.id = a.agent WHERE `,
    conditions,
    ` ORDER BY ${key}.at DESC, ${key}.salt DESC ${limitSql(count)}`,
  );
}

function alongSql(walk: Walk): Sql {
  switch (walk.along) {
    case 'patient':
      return sql('p.patient = ?', walk.rid);
    case 'agent':
      return sql('a.agent = ?', walk.agent);
    case 'time':
      return always;
  }
}

function timeSql({ from, to, after }: AuditQuery, key: 'a' | 'p'): Sql {
  const parts: Sql[] = [];
  if (from !== undefined) parts.push(sql(`${key}.at >= ?`, from));
  if (to !== undefined) parts.push(sql(`${key}.at <= ?`, to));
  if (after !== undefined) {
    const { at, salt } = partsOfAuditId(readAuditCursor(after));
    parts.push(sql(`(${key}.at, ${key}.salt) < (?, ?)`, at, salt));
  }
  return conjunction(parts);
}

/** What an index of few rows is made for is said as the index says it. */
function partsSql({ actions, outcomes }: AuditQuery): Sql {
  const parts: Sql[] = [];
  if (actions) {
    parts.push(glue('a.action IN (', listSql(actions), ')'));
    if (!actions.some((action) => action === 'R' || action === 'E'))
      parts.push(sql("a.action NOT IN ('R', 'E')"));
  }
  if (outcomes) {
    parts.push(glue('a.outcome IN (', listSql(outcomes), ')'));
    if (!outcomes.includes(0)) parts.push(sql('a.outcome <> 0'));
  }
  return conjunction(parts);
}

function listSql(values: readonly (string | number)[]): Sql {
  return join(
    values.map((value) => sql('?', value)),
    ', ',
  );
}

function toRow(row: Row): AuditRow {
  const at = numberOf(row, 'at') as EpochMs;
  return {
    id: toAuditId(at, numberOf(row, 'salt')),
    at,
    agent: JSON.parse(textOf(row, 'agent')) as AuditAgent,
    action: textOf(row, 'action') as AuditAction,
    outcome: numberOf(row, 'outcome') as AuditOutcome,
    ...readAuditText(textOf(row, 'text')),
  };
}
