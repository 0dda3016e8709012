import type { AuditRow } from '../../store/contract/audit.ts';
import type { Clock } from '../../values/clock.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { InteractionContext } from '../context.ts';
import { agentOf, isTold, purposeOf } from './audit-agent.ts';
import type { AuditLog } from './audit-log.ts';

/** Something that no request for FHIR did: a sign-in, a page, a command, an export. */
export type Told = Pick<AuditRow, 'agent' | 'action' | 'interaction' | 'outcome'> &
  Partial<Pick<AuditRow, 'what' | 'patients' | 'from' | 'query' | 'purpose' | 'why'>>;

/** Leaves a row; waits first where the audit is behind, and throws `busy` when that takes too long. */
export type Tell = (told: Told) => Promise<void>;

export function openTell(log: AuditLog, clock: Clock): Tell {
  return async (told) => {
    await log.room();
    const at = clock.now();
    log.append({ what: [], patients: [], ...told, id: log.newId(at), at });
  };
}

/** An export of many resources, as the audit tells of it. */
export type ExportTold = {
  /** What was asked for, as the client sent it. */
  readonly query: string;
  /** Ids of all Patients whose data is in it; each may come often. */
  readonly patients: Iterable<ResourceId>;
  readonly outcome: AuditRow['outcome'];
  /** The address it came from. */
  readonly from?: string;
};

/** A list of more would hold up whoever writes beside it, and whoever reads it to see whether one person is in it. */
const mostInRow = 5000;

/**
 * Tells of a bulk export by one row with all who are in it, or by one for each 5,000: `/seen` of each of them finds it. To
 * be called by the job once, before the first file can be fetched, and again with another outcome when it fails.
 *
 * @public
 */
export async function tellExport(ctx: InteractionContext, told: ExportTold): Promise<void> {
  const { audit, caller, clock } = ctx;
  if (!audit || !isTold(caller)) return;
  const tell = openTell(audit, clock);
  const { query, outcome, from } = told;
  const common = { agent: agentOf(caller), action: 'E', interaction: 'bulk export', query, outcome } as const;
  const patients = [...new Set(told.patients)];
  for (let at = 0; at === 0 || at < patients.length; at += mostInRow) {
    const part = patients.slice(at, at + mostInRow);
    const origin = from === undefined ? {} : { from };
    await tell({ ...common, ...origin, patients: part, ...purposeOf(caller, part) });
  }
}
