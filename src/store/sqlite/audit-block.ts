import {
  type AuditAction,
  type AuditAgent,
  type AuditId,
  type AuditRow,
  partsOfAuditId,
} from '../contract/audit.ts';
import { readAuditText, writeAuditText } from '../contract/audit-text.ts';

// Reads that were answered and are written together lie in one text, a line for each: id, which agent of the block, action,
// and the rest as JSON, in which there is no line end.

/** Nearly all rows do: what is looked for by its action or outcome lies by itself. */
export function liesInBlock({ action, outcome }: Pick<AuditRow, 'action' | 'outcome'>): boolean {
  return outcome === 0 && isRead(action);
}

export function isRead(action: AuditAction): boolean {
  return action === 'R' || action === 'E';
}

/** A line, of which the rest is not read yet. */
export type AuditLine = {
  readonly id: AuditId;
  readonly nth: number;
  readonly action: AuditAction;
  readonly rest: string;
};

export function writeLine(row: AuditRow, nth: number): string {
  return `${row.id} ${nth} ${row.action} ${writeAuditText(row)}`;
}

export function readLine(line: string): AuditLine {
  const [id = '', nth = '', action = ''] = line.split(' ', 3);
  const rest = line.slice(id.length + nth.length + action.length + 3);
  return { id: id as AuditId, nth: Number(nth), action: action as AuditAction, rest };
}

export function rowOfLine({ id, action, rest }: AuditLine, agent: AuditAgent): AuditRow {
  return { id, at: partsOfAuditId(id).at, agent, action, outcome: 0, ...readAuditText(rest) };
}

/** The agents of a block as it keeps them: a number stands between blanks, by which it is looked for. */
export function writeAgents(agents: readonly number[]): string {
  return ` ${agents.join(' ')} `;
}

export function readAgents(text: string): readonly number[] {
  return text.trim().split(' ').map(Number);
}
