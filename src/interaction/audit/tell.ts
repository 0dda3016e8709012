import type { Caller } from '../../access/caller.ts';
import type { AuditRow } from '../../store/contract/audit.ts';
import type { Clock } from '../../values/clock.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import type { InteractionContext, ServerContext } from '../context.ts';
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
export const mostInRow = 5000;

/** Who asked for an export, as the audit tells of it; plain data, so that a job can keep it. */
export type Exporter = Pick<AuditRow, 'agent' | 'purpose' | 'from'>;

/** Undefined for what the server does by itself; `from`: the address. */
export function exporterOf(caller: Caller, from?: string): Exporter | undefined {
  if (!isTold(caller)) return undefined;
  const { purpose } = purposeOf(caller, []);
  return {
    agent: agentOf(caller),
    ...(purpose !== undefined && { purpose }),
    ...(from !== undefined && { from }),
  };
}

/**
 * Tells of a bulk export by one row with all who are in it, or by one for each 5,000: `/seen` of each of them finds it. To
 * be called by the job before the first file can be fetched.
 */
export async function tellExport(
  { audit, clock }: Pick<ServerContext, 'audit' | 'clock'>,
  exporter: Exporter,
  told: ExportTold,
): Promise<void> {
  if (!audit) return;
  const tell = openTell(audit, clock);
  const { query, outcome, from } = told;
  const common = { ...exporter, action: 'E', interaction: 'bulk export', query, outcome } as const;
  const patients = [...new Set(told.patients)];
  for (let at = 0; at === 0 || at < patients.length; at += mostInRow) {
    const part = patients.slice(at, at + mostInRow);
    await tell({ ...common, ...(from !== undefined && { from }), patients: part });
  }
}

/** Tells that a file of an export was fetched; whose data is in it was told when it was written. */
export async function tellDownload(ctx: InteractionContext, file: string, from: string): Promise<void> {
  const exporter = exporterOf(ctx.caller, from);
  if (exporter) await tellFetched(ctx, exporter, { file });
}

/** A file that was fetched, and from which address where nothing else is known of who did it. */
export type Fetched = { readonly file: string; readonly from?: string };

export async function tellFetched(
  { audit, clock }: Pick<ServerContext, 'audit' | 'clock'>,
  exporter: Exporter,
  { file, from }: Fetched,
): Promise<void> {
  if (!audit) return;
  const tell = openTell(audit, clock);
  const told = { action: 'R', interaction: 'bulk download', query: file, outcome: 0 } as const;
  await tell({ ...exporter, ...told, ...(from !== undefined && { from }) });
}
