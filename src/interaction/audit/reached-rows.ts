import type { AuditReach } from '../../access/audit-reach.ts';
import type { AuditId, AuditPage, AuditQuery, AuditRow } from '../../store/contract/audit.ts';
import type { Store } from '../../store/contract/store.ts';
import { askPersons, everyId } from '../ask-persons.ts';

/** The rows as far as the caller may see them: security is inside the query, so pages are whole. */
export type AuditView = {
  readonly searchAudit: (query: AuditQuery) => Promise<AuditPage>;
  readonly readAudit: (id: AuditId) => Promise<AuditRow | undefined>;
};

/** `search` and `read`: whose rows each is allowed with. */
export function auditView(
  store: Pick<Store, 'searchAudit' | 'readAudit' | 'aliasesOf' | 'hasAliases'>,
  reach: (interaction: 'search-type' | 'read') => AuditReach,
): AuditView {
  const { view } = askPersons(store);
  const reached = async (interaction: 'search-type' | 'read'): Promise<AuditReach> => {
    const own = reach(interaction);
    return own === 'all' ? own : everyId(view, own);
  };
  return {
    searchAudit: async ({ patients: asked, ...more }) => {
      const query: AuditQuery = asked ? { ...more, patients: await everyId(view, asked) } : more;
      const own = await reached('search-type');
      if (own === 'all') return store.searchAudit(query);
      const patients = (query.patients ?? own).filter((id) => own.includes(id));
      if (patients.length === 0) return { rows: [] };
      const { rows, ...page } = await store.searchAudit({ ...query, patients });
      return { ...page, rows: rows.map((row) => narrowed(row, own)) };
    },
    readAudit: async (id) => {
      const own = await reached('read');
      const row = own === 'all' || own.length > 0 ? await store.readAudit(id) : undefined;
      if (!row || own === 'all') return row;
      return row.patients.some((patient) => own.includes(patient)) ? narrowed(row, own) : undefined;
    },
  };
}

/**
 * The row as one of several may see it whose data was in it: who else was is not told, nor what was asked for, which may
 * name others, nor from which desk.
 */
function narrowed({ query: _, from: __, ...row }: AuditRow, own: readonly string[]): AuditRow {
  const known = new Set(own);
  const patients = row.patients.filter((id) => known.has(id));
  if (patients.length === row.patients.length) return row;
  const what = row.what.filter(({ type, id }) => type === 'Patient' && known.has(id));
  return { ...row, patients, what };
}
