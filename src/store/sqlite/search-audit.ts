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
import { isRead } from './audit-block.ts';
import { agentKey, auditMonths, auditTables, endOfSlot, hasBlocks, slotMs, slotOf } from './audit-month.ts';
import { numberOf, type Row, textOf } from './connection.ts';
import type { Reader } from './reader.ts';
import {
  asksForAnswered,
  isOfOneOf,
  type Look,
  listSql,
  namesSql,
  newestFirst,
  readBlockRow,
  rowsInBlocks,
  type Span,
  wholeMonth,
} from './search-blocks.ts';
import { always, conjunction, glue, limitSql, type Sql, sql } from './sql.ts';

/** So many slots are looked up at once. */
const slotsAtOnce = 100;

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
  return row ? toRow(row) : readBlockRow(db, month, id);
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

/** The rows of a month, the newest first, read as they are needed; of rows by themselves no more than `count` are. */
function* rowsOf(
  { db }: Reader,
  query: AuditQuery,
  { month, count }: { readonly month: AuditMonth; readonly count: number },
  { agents, keys }: Wanted,
): Generator<AuditRow> {
  const patients = query.patients && new Set(query.patients);
  const look: Look = { db, query, month, patients, agents, last: lastOf(query) };
  const blocks = asksForAnswered(query) && hasBlocks(db, month);
  for (const span of keys ? slotsOf(look, keys) : [wholeMonth]) {
    const streams = partsSql(query).map((part) => rowsAlone(look, span, part, count));
    yield* newestFirst(blocks ? [...streams, rowsInBlocks(look, span)] : streams);
  }
}

function* rowsAlone(look: Look, span: Span, part: Sql, count: number): Generator<AuditRow> {
  const { db, query, month, patients, agents } = look;
  const within = sql('a.at BETWEEN ? AND ?', span.first, span.last);
  const madeBy = agents ? glue('a.agent IN (', listSql(agents), ')') : always;
  const conditions = [within, madeBy, namesSql('a.text', query.patients), timeSql(query), part];
  const { text, args } = pageSql(month, conditions, patients ? undefined : count);
  for (const each of db.all(text, args)) {
    const row = toRow(each);
    if (isOfOneOf(row, patients)) yield row;
  }
}

/** The last moment that can be meant. */
function lastOf({ to, after }: AuditQuery): EpochMs | undefined {
  const reached = after === undefined ? undefined : partsOfAuditId(readAuditCursor(after)).at;
  return reached !== undefined && (to === undefined || reached < to) ? reached : to;
}

/** The slots in which something is of one of them, the newest first: read as they are needed. */
function* slotsOf({ db, query, month, last }: Look, keys: readonly number[]): Generator<Span> {
  let below = last === undefined ? Number.MAX_SAFE_INTEGER : slotOf(last) + 1;
  const from = query.from === undefined ? 0 : slotOf(query.from);
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
    for (const slot of slots) yield { first: slot * slotMs, last: endOfSlot(slot * slotMs) };
    if (slots.length < slotsAtOnce) return;
    below = slots.at(-1) ?? 0;
  }
}

function pageSql(month: AuditMonth, conditions: readonly Sql[], count: number | undefined): Sql {
  return glue(
    `SELECT ${columns} FROM ${auditTables(month).rows} a CROSS JOIN audit_agent g ON g.id = a.agent WHERE `,
    conjunction(conditions),
    ` ORDER BY a.at DESC, a.salt DESC${count === undefined ? '' : ` ${limitSql(count)}`}`,
  );
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

/**
 * What is asked for of rows by themselves, in parts that have an index each where few are meant: what an index of few rows
 * is made for is said as the index says it.
 */
function partsSql({ actions, outcomes }: AuditQuery): readonly Sql[] {
  const asked = conjunction([
    actions ? glue('a.action IN (', listSql(actions), ')') : always,
    outcomes ? glue('a.outcome IN (', listSql(outcomes), ')') : always,
  ]);
  const failed = conjunction([asked, sql('a.outcome <> 0')]);
  if (outcomes && !outcomes.includes(0)) return [failed];
  if (!actions) return [asked];
  const written = sql("a.action NOT IN ('R', 'E')");
  if (!actions.some(isRead)) return [conjunction([asked, written])];
  if (!actions.every(isRead)) return [asked];
  const answered = conjunction([asked, sql("a.outcome = 0 AND a.action IN ('R', 'E')")]);
  return outcomes?.every((outcome) => outcome === 0) ? [answered] : [failed, answered];
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
