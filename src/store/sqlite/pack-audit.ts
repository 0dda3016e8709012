import { type AuditAgent, type AuditRow, namesOfAgent, partsOfAuditId } from '../contract/audit.ts';
import { writeAuditText } from '../contract/audit-text.ts';
import { liesInBlock, writeLine } from './audit-block.ts';
import { slotOf } from './audit-month.ts';

/** Who did something: the JSON text that it is kept by, and the names that it is asked for by. */
export type PackedAgent = { readonly text: string; readonly names: readonly string[] };

/** Rows on their way to the writer: what is flat and has no names travels fast. */
export type PackedAudit = {
  readonly agents: readonly PackedAgent[];
  /** Those of all rows that lie by themselves, one after the other. */
  readonly members: readonly (string | number)[];
  readonly blocks: readonly PackedBlock[];
};

/** Rows of one slot that lie together. */
export type PackedBlock = {
  readonly first: number;
  readonly last: number;
  /** Which of the agents; a line tells its own by the place in this list. */
  readonly agents: readonly number[];
  /** Each once, with blanks between. */
  readonly patients: string;
  readonly text: string;
};

export type PackedRow = readonly [
  at: number,
  salt: number,
  /** Which of the agents. */
  nth: number,
  action: string,
  outcome: number,
  text: string,
  /** With blanks between. */
  patients: string,
];

export const membersOfRow = 7;

/** Longer blocks would be read for a page that shows a few of them. */
const mostLines = 500;

/** An agent is the same object for all requests of a caller. */
const known = new WeakMap<AuditAgent, PackedAgent>();

export function packAudit(rows: readonly AuditRow[]): PackedAudit {
  const agents = new Map<PackedAgent, number>();
  const members: (string | number)[] = [];
  const blocks: OpenBlock[] = [];
  for (const row of rows) {
    const nth = placeOf(agents, packAgent(row.agent));
    if (liesInBlock(row)) addToBlock(blockFor(blocks, row), row, nth);
    else members.push(...packRow(row, nth));
  }
  return { agents: [...agents.keys()], members, blocks: blocks.map(closeBlock) };
}

function packRow(row: AuditRow, nth: number): PackedRow {
  const { at, salt } = partsOfAuditId(row.id);
  return [at, salt, nth, row.action, row.outcome, writeAuditText(row), row.patients.join(' ')];
}

type OpenBlock = {
  first: number;
  last: number;
  readonly agents: Map<number, number>;
  readonly patients: Set<string>;
  readonly lines: string[];
};

/** Rows come nearly in the order of time: the last block is the one, or a new one. */
function blockFor(blocks: OpenBlock[], { at }: AuditRow): OpenBlock {
  const last = blocks.at(-1);
  if (last && last.lines.length < mostLines && slotOf(last.first) === slotOf(at)) return last;
  const opened = { first: at, last: at, agents: new Map(), patients: new Set<string>(), lines: [] };
  blocks.push(opened);
  return opened;
}

function addToBlock(block: OpenBlock, row: AuditRow, agent: number): void {
  const { at, patients } = row;
  if (at < block.first) block.first = at;
  if (at > block.last) block.last = at;
  for (const patient of patients) block.patients.add(patient);
  block.lines.push(writeLine(row, placeOf(block.agents, agent)));
}

function closeBlock({ first, last, agents, patients, lines }: OpenBlock): PackedBlock {
  return {
    first,
    last,
    agents: [...agents.keys()],
    patients: [...patients].join(' '),
    text: lines.join('\n'),
  };
}

function placeOf<Key>(places: Map<Key, number>, key: Key): number {
  const there = places.get(key);
  if (there !== undefined) return there;
  places.set(key, places.size);
  return places.size - 1;
}

function packAgent(agent: AuditAgent): PackedAgent {
  const there = known.get(agent);
  if (there) return there;
  const packed = { text: JSON.stringify(agent), names: namesOfAgent(agent) };
  known.set(agent, packed);
  return packed;
}
