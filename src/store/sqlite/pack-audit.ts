import { type AuditAgent, type AuditRow, namesOfAgent, partsOfAuditId } from '../contract/audit.ts';
import { writeAuditText } from '../contract/audit-text.ts';

/** Who did something: the JSON text that it is kept by, and the names that it is asked for by. */
export type PackedAgent = { readonly text: string; readonly names: readonly string[] };

/** Rows on their way to the writer: what is flat and has no names travels fast. */
export type PackedAudit = {
  readonly agents: readonly PackedAgent[];
  /** Those of all rows, one after the other. */
  readonly members: readonly (string | number)[];
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

/** An agent is the same object for all requests of a caller. */
const known = new WeakMap<AuditAgent, PackedAgent>();

export function packAudit(rows: readonly AuditRow[]): PackedAudit {
  const agents = new Map<PackedAgent, number>();
  const members: (string | number)[] = [];
  for (const row of rows) {
    const agent = packAgent(row.agent);
    const nth = agents.get(agent) ?? agents.size;
    agents.set(agent, nth);
    const { at, salt } = partsOfAuditId(row.id);
    const patients = row.patients.join(' ');
    const packed: PackedRow = [at, salt, nth, row.action, row.outcome, writeAuditText(row), patients];
    members.push(...packed);
  }
  return { agents: [...agents.keys()], members };
}

function packAgent(agent: AuditAgent): PackedAgent {
  const there = known.get(agent);
  if (there) return there;
  const packed = { text: JSON.stringify(agent), names: namesOfAgent(agent) };
  known.set(agent, packed);
  return packed;
}
