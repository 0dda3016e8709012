import type { VNode } from 'preact';
import type { RoleName } from '../../../access/role-name.ts';
import type { Translate } from '../../translate.ts';

export const auditRoles: readonly RoleName[] = ['administrator', 'auditor'];

const tabs = [
  { key: 'users', roles: ['administrator'] },
  { key: 'clients', roles: ['administrator'] },
  { key: 'jobs', roles: ['administrator'] },
  { key: 'audit', roles: auditRoles },
] as const satisfies readonly { readonly key: string; readonly roles: readonly RoleName[] }[];

type TabsProps = {
  readonly here: (typeof tabs)[number]['key'];
  readonly role: string | undefined;
  readonly t: Translate;
};

/** The pages of administration that somebody has. */
export function AdminTabs({ here, role, t }: TabsProps): VNode | null {
  const shown = tabs.filter(({ roles }) => roles.some((one) => one === role));
  if (shown.length < 2) return null;
  return (
    <nav class="pills" aria-label={t('admin.title')}>
      {shown.map(({ key }) => (
        <a key={key} href={`/app/admin/${key}`} aria-current={key === here ? 'page' : undefined}>
          {t(`admin.${key}`)}
        </a>
      ))}
    </nav>
  );
}
