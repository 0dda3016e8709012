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
  mostNamed,
  partsOfAuditId,
  readAuditCursor,
  toAuditId,
  toAuditPage,
} from '../contract/audit.ts';
import { readAuditText } from '../contract/audit-text.ts';
import { agentKey, auditMonths, auditTables, slotMs, slotOf } from './audit-month.ts';
import { type Connection, numberOf, type Row, textOf } from './connection.ts';
import type { Reader } from './reader.ts';
import { always, conjunction, glue, join, limitSql, type Sql, sql } from './sql.ts';

/** So many slots are looked up at once. */
const slotsAtOnce = 100;
/** Patients whom SQLite itself looks for. */
const mostLookedFor = 50;

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
  const wanted = wantedOf(reader, query);
  const found: AuditRow[] = [];
  let named = 0;
  for (const month of monthsOf(reader, query)) {
    const count = named > mostNamed ? 0 : query.count + 1 - found.length;
    for (const row of count > 0 ? rowsOf(reader, query, { month, count }, wanted) : []) {
      named += row.patients.length;
      if (found.push(row) > query.count || named > mostNamed) break;
    }
  }
  return toAuditPage(found, query.count);
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

/** Which rows are looked for by whom they are of or who made them; of nobody, when a list is empty. */
type Wanted = {
  readonly agents?: readonly number[];
  /** The keys of those by whom the slots are found. */
  readonly keys?: readonly number[];
};

function wantedOf({ db }: Reader, { patients, agent }: AuditQuery): Wanted {
  const agents =
    agent === undefined ? undefined : db.all(findAgents, [agent]).map((row) => numberOf(row, 'agent'));
  const known = agents && { agents };
  if (patients) {
    const keys = [...new Set(patients)].flatMap((id) => {
      const row = db.get(findPatient, [id]);
      return row ? [numberOf(row, 'rid')] : [];
    });
    return { ...known, keys };
  }
  return agents ? { agents, keys: agents.map(agentKey) } : {};
}

/** The rows of a month, the newest first, read as they are needed; no more than `count` of them are. */
function* rowsOf(
  { db }: Reader,
  query: AuditQuery,
  { month, count }: { readonly month: AuditMonth; readonly count: number },
  { agents, keys }: Wanted,
): Generator<AuditRow> {
  const { patients } = query;
  const madeBy = agents ? glue('a.agent IN (', listSql(agents), ')') : always;
  const limit = patients ? undefined : count;
  const wanted = patients && new Set<string>(patients);
  for (const within of keys ? slotsOf(db, query, month, keys) : [always]) {
    const { text, args } = pageSql(query, month, [within, madeBy, namesSql(patients)], limit);
    for (const each of db.all(text, args)) {
      const row = toRow(each);
      if (!wanted || row.patients.some((id) => wanted.has(id))) yield row;
    }
  }
}

/** The slots in which something is of one of them, the newest first: read as they are needed. */
function* slotsOf(
  db: Connection,
  query: AuditQuery,
  month: AuditMonth,
  keys: readonly number[],
): Generator<Sql> {
  const { first, last } = spanOf(query);
  let below = last === undefined ? Number.MAX_SAFE_INTEGER : slotOf(last) + 1;
  const from = first === undefined ? 0 : slotOf(first);
  const select = `SELECT DISTINCT slot FROM ${auditTables(month).slots} WHERE key IN (`;
  for (;;) {
    const page = glue(
      select,
      listSql(keys),
      ') AND ',
      sql('slot >= ? AND slot < ?', from, below),
      ` ORDER BY slot DESC LIMIT ${slotsAtOnce}`,
    );
    const slots = db.all(page.text, page.args).map((row) => numberOf(row, 'slot'));
    for (const slot of slots) yield sql('a.at BETWEEN ? AND ?', slot * slotMs, (slot + 1) * slotMs - 1);
    if (slots.length < slotsAtOnce) return;
    below = slots.at(-1) ?? 0;
  }
}

function pageSql(
  query: AuditQuery,
  month: AuditMonth,
  conditions: readonly Sql[],
  count: number | undefined,
): Sql {
  return glue(
    `SELECT ${columns} FROM ${auditTables(month).rows} a CROSS JOIN audit_agent g ON g.id = a.agent WHERE `,
    conjunction([...conditions, timeSql(query), partsSql(query)]),
    ` ORDER BY a.at DESC, a.salt DESC${count === undefined ? '' : ` ${limitSql(count)}`}`,
  );
}

/** Passes over most rows that are of others without reading them; whether a row is of one of these is asked afterwards. */
function namesSql(patients: readonly string[] | undefined): Sql {
  if (!patients || patients.length > mostLookedFor) return always;
  return glue(
    '(',
    join(
      patients.map((id) => sql('instr(a.text, ?) > 0', id)),
      ' OR ',
    ),
    ')',
  );
}

/** The first and the last moment that can be meant. */
function spanOf({ from, to, after }: AuditQuery): { readonly first?: EpochMs; readonly last?: EpochMs } {
  const reached = after === undefined ? undefined : partsOfAuditId(readAuditCursor(after)).at;
  const last = reached !== undefined && (to === undefined || reached < to) ? reached : to;
  return { ...(from !== undefined && { first: from }), ...(last !== undefined && { last }) };
}

function timeSql({ from, to, after }: AuditQuery): Sql {
  const parts: Sql[] = [];
  if (from !== undefined) parts.push(sql('a.at >= ?', from));
  if (to !== undefined) parts.push(sql('a.at <= ?', to));
  if (after !== undefined) {
    const { at, salt } = partsOfAuditId(readAuditCursor(after));
    parts.push(sql('(a.at, a.salt) < (?, ?)', at, salt));
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
