import type { RoleName } from '../access/role-name.ts';
import type { TextKey } from './translate.ts';

/** A link of the bar; a page that belongs into the bar adds its row here. */
export type NavigationRow = {
  readonly href: `/app${string}`;
  readonly text: TextKey;
  /** Who sees it; absent: everybody. */
  readonly roles?: readonly RoleName[];
};

/** Who looks people up. */
export const staffRoles: readonly RoleName[] = [
  'clinician',
  'vaccine-coordinator',
  'site-administrator',
  'school-nurse',
  'board-of-health',
  'programme-staff',
  'administrator',
];

/** Who works for the registry itself, on everybody's records. */
export const registryRoles: readonly RoleName[] = ['programme-staff', 'administrator'];

export const navigation: readonly NavigationRow[] = [
  { href: '/app', text: 'shell.home' },
  { href: '/app/patients', text: 'shell.patients', roles: staffRoles },
  {
    href: '/app/today',
    text: 'shell.today',
    roles: ['clinician', 'vaccine-coordinator', 'site-administrator'],
  },
  { href: '/app/review', text: 'shell.review', roles: registryRoles },
  { href: '/app/reporters', text: 'shell.reporters', roles: registryRoles },
  { href: '/app/admin/users', text: 'shell.admin', roles: ['administrator'] },
  { href: '/app/admin/audit', text: 'shell.audit', roles: ['auditor'] },
  { href: '/app/apps', text: 'shell.apps' },
];

/** The pages of one record, for the person and who answers for them. */
export function recordNavigation(record: string, showsSeen: boolean): readonly NavigationRow[] {
  const own = `/app/record/${record}` as const;
  return [
    { href: '/app', text: 'shell.home' },
    { href: own, text: 'shell.record' },
    { href: `${own}/share`, text: 'shell.share' },
    { href: `${own}/apps`, text: 'shell.apps' },
    ...(showsSeen ? [{ href: `${own}/seen`, text: 'shell.seen' } as const] : []),
  ];
}
