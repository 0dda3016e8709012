import type { AccessShown } from '../../pages/auth-pages.ts';
import { tableOf } from '../../values/table-of.ts';
import type { AuthServer } from '../auth-server.ts';
import { ownPages } from './objection.ts';

/** Rows of the audit in the words of the page: apps by their names, what was done by the codes that have a text. */
export async function seenRows(
  { clients }: AuthServer,
  rows: readonly AccessShown[],
): Promise<readonly AccessShown[]> {
  const apps = new Map([[ownPages.id, ownPages.name]]);
  for (const { app } of rows) {
    if (app !== undefined && !apps.has(app)) apps.set(app, (await clients.read(app))?.name ?? app);
  }
  return rows.map(({ app, what, ...row }) => ({
    ...row,
    what: codeOf(what),
    ...(app !== undefined && { app: apps.get(app) ?? app }),
  }));
}

const codes: Readonly<Record<string, string>> = tableOf({
  history: 'read',
  'look-up': 'search',
  'operation $immds-forecast': 'forecast',
  'operation $immds-what-if': 'forecast',
  'health link': 'health-link',
  'health link file': 'health-link',
  'CDS Hooks patient-view': 'forecast',
  'CDS Hooks order-select': 'forecast',
  'operation $break-glass': 'break-glass',
  'bulk export': 'export',
});

function codeOf(what: string): string {
  if (what.startsWith('page ')) return 'read';
  return codes[what] ?? (what.startsWith('operation ') ? 'operation' : what);
}
