import type { EpochMs } from '../../values/instant.ts';
import {
  type AuditAgent,
  type AuditId,
  type AuditMonth,
  type AuditQuery,
  type AuditRow,
  partsOfAuditId,
} from '../contract/audit.ts';
import { type AuditLine, isRead, readAgents, readLine, rowOfLine, writeAgents } from './audit-block.ts';
import { auditTables, endOfSlot, hasBlocks } from './audit-month.ts';
import { type Connection, numberOf, type Row, textOf } from './connection.ts';
import { always, conjunction, glue, join, limitSql, never, type Sql, sql } from './sql.ts';

/** What is looked for in a month, and where. */
export type Look = {
  readonly db: Connection;
  readonly query: AuditQuery;
  readonly month: AuditMonth;
  /** The Patients that are asked for: there may be thousands. */
  readonly patients: ReadonlySet<string> | undefined;
  /** Only what one of them did. */
  readonly agents: readonly number[] | undefined;
  /** The last moment that can be meant. */
  readonly last: EpochMs | undefined;
};

/** Milliseconds, both ends included. */
export type Span = { readonly first: number; readonly last: number };

export const wholeMonth: Span = { first: 0, last: Number.MAX_SAFE_INTEGER };

/** Patients whom SQLite itself looks for. */
const mostLookedFor = 50;
/** So many blocks are read at once. */
const blocksAtOnce = 8;

type Block = {
  readonly id: number;
  readonly last: number;
  /** Their numbers; a line tells its own by the place in this list. */
  readonly agents: readonly number[];
  readonly lines: readonly string[];
};

/** Reads that were answered: what lies in blocks is nothing else. */
export function asksForAnswered({ actions, outcomes }: AuditQuery): boolean {
  return (!outcomes || outcomes.includes(0)) && (!actions || actions.some(isRead));
}

export function isOfOneOf({ patients }: AuditRow, wanted: ReadonlySet<string> | undefined): boolean {
  return !wanted || patients.some((id) => wanted.has(id));
}

/** Passes over most that is of others without reading it; whether it is of one of these is asked afterwards. */
export function namesSql(column: string, patients: readonly string[] | undefined): Sql {
  if (!patients || patients.length > mostLookedFor) return always;
  const parts = patients.map((id) => sql(`instr(${column}, ?) > 0`, id));
  return glue('(', join(parts, ' OR '), ')');
}

export function listSql(values: readonly (string | number)[]): Sql {
  const parts = values.map((value) => sql('?', value));
  return join(parts, ', ');
}

/** The first that was kept of it, as of rows by themselves. */
export function readBlockRow(db: Connection, month: AuditMonth, id: AuditId): AuditRow | undefined {
  if (!hasBlocks(db, month)) return undefined;
  const { at } = partsOfAuditId(id);
  const where = conjunction([
    sql('b.last BETWEEN ? AND ? AND b.first <= ?', at, endOfSlot(at), at),
    // At the beginning of a line: whoever has read the row is told with its id too.
    sql('instr(char(10) || b.text, ?) > 0', `\n${id} `),
  ]);
  const { text, args } = glue(selectBlocks(month), where, ' ORDER BY b.id LIMIT 1');
  const [found] = db.all(text, args);
  if (!found) return undefined;
  const block = toBlock(found);
  const line = block.lines.map(readLine).find((one) => one.id === id);
  return line && rowOfLine(line, agentOfLine(db, block, line, new Map()));
}

/**
 * The newest first, each block read when it is needed: what lies in blocks that are read already is given when it is newer
 * than all of the next.
 */
export function* rowsInBlocks(look: Look, span: Span): Generator<AuditRow> {
  const known = new Map<number, AuditAgent>();
  const waiting: Found[] = [];
  for (const block of blocksOf(look, span)) {
    const newer = waiting.findIndex(({ row }) => row.at > block.last);
    if (newer >= 0) yield* newestOf(waiting.splice(newer));
    for (const row of meantRows(look, block, known)) waiting.push({ row, block: block.id });
    waiting.sort(compareFound);
  }
  yield* newestOf(waiting);
}

type Found = { readonly row: AuditRow; readonly block: number };

/** The oldest first; of one row that is in two blocks, what came first is last. */
function compareFound(one: Found, other: Found): number {
  if (one.row.id !== other.row.id) return one.row.id < other.row.id ? -1 : 1;
  return other.block - one.block;
}

function* newestOf(found: readonly Found[]): Generator<AuditRow> {
  for (let i = found.length - 1; i >= 0; i--) {
    const row = found[i]?.row;
    if (row) yield row;
  }
}

/** Rows of several places, each the newest first, as those of one; of what is in several, what the first place has. */
export function* newestFirst(places: readonly Iterator<AuditRow, void>[]): Generator<AuditRow> {
  const heads = places.map((place) => place.next().value ?? undefined);
  let given: AuditId | undefined;
  for (;;) {
    let newest = -1;
    for (const [i, head] of heads.entries()) if (head && isNewer(head, heads[newest])) newest = i;
    const row = heads[newest];
    if (!row) return;
    heads[newest] = places[newest]?.next().value ?? undefined;
    if (row.id !== given) yield row;
    given = row.id;
  }
}

function isNewer(row: AuditRow, other: AuditRow | undefined): boolean {
  return !other || row.id > other.id;
}

/** The rows of a block that are meant. */
function* meantRows(look: Look, block: Block, known: Map<number, AuditAgent>): Generator<AuditRow> {
  const { patients } = look.query;
  const mentioned = patients && patients.length <= mostLookedFor ? patients : undefined;
  for (const text of block.lines) {
    if (mentioned && !mentioned.some((id) => text.includes(id))) continue;
    const line = readLine(text);
    if (!isMeant(look, block, line)) continue;
    const row = rowOfLine(line, agentOfLine(look.db, block, line, known));
    if (isOfOneOf(row, look.patients)) yield row;
  }
}

function isMeant({ query, agents }: Look, block: Block, { id, nth, action }: AuditLine): boolean {
  const { from, to, after, actions } = query;
  const { at } = partsOfAuditId(id);
  return (
    (from === undefined || at >= from) &&
    (to === undefined || at <= to) &&
    (after === undefined || id < after) &&
    (!actions || actions.includes(action)) &&
    (!agents || agents.includes(block.agents[nth] ?? 0))
  );
}

const findAgent = 'SELECT agent FROM audit_agent WHERE id = ?';

function agentOfLine(
  db: Connection,
  { agents }: Block,
  { nth }: AuditLine,
  known: Map<number, AuditAgent>,
): AuditAgent {
  const id = agents[nth] ?? 0;
  const there = known.get(id);
  if (there) return there;
  const agent = JSON.parse(textOf(db.get(findAgent, [id]) ?? {}, 'agent')) as AuditAgent;
  known.set(id, agent);
  return agent;
}

function selectBlocks(month: AuditMonth): string {
  return `SELECT b.id AS id, b.last AS last, b.agents AS agents, b.text AS text FROM ${auditTables(month).blocks} b WHERE `;
}

/** Those in which something may be meant, by the time of their last row, the newest first. */
function* blocksOf({ db, query, month, agents, last }: Look, span: Span): Generator<Block> {
  const start = Math.max(span.first, query.from ?? 0);
  const end = last === undefined ? span.last : Math.min(span.last, endOfSlot(last));
  const meant = [
    sql('b.last BETWEEN ? AND ?', start, end),
    last === undefined ? always : sql('b.first <= ?', last),
    agents ? anyAgentSql(agents) : always,
    namesSql('b.text', query.patients),
  ];
  let before: Sql = always;
  for (;;) {
    const conditions = conjunction([...meant, before]);
    const { text, args } = glue(selectBlocks(month), conditions, newestBlocks);
    const page = db.all(text, args).map(toBlock);
    yield* page;
    const oldest = page.at(-1);
    if (!oldest || page.length < blocksAtOnce) return;
    before = sql('(b.last, b.id) < (?, ?)', oldest.last, oldest.id);
  }
}

const newestBlocks = ` ORDER BY b.last DESC, b.id DESC ${limitSql(blocksAtOnce)}`;

function anyAgentSql(agents: readonly number[]): Sql {
  const parts = agents.map((id) => sql('instr(b.agents, ?) > 0', writeAgents([id])));
  return parts.length === 0 ? never : glue('(', join(parts, ' OR '), ')');
}

function toBlock(row: Row): Block {
  return {
    id: numberOf(row, 'id'),
    last: numberOf(row, 'last'),
    agents: readAgents(textOf(row, 'agents')),
    lines: textOf(row, 'text').split('\n'),
  };
}
