import type { AuditId, AuditRow } from '../../store/contract/audit.ts';
import type { EpochMs } from '../../values/instant.ts';

/** Where rows go that belong to no write. */
export type AuditLog = {
  /** The id of a new row of that time. */
  readonly newId: (at: EpochMs) => AuditId;
  /** Takes the row at once; it is on disk within a second. */
  readonly append: (row: AuditRow) => void;
  /** To be awaited before more is done that leaves a row; undefined as long as there is room for it. */
  readonly room: () => Promise<void> | undefined;
};
