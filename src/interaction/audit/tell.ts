import type { AuditRow } from '../../store/contract/audit.ts';
import type { Clock } from '../../values/clock.ts';
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
