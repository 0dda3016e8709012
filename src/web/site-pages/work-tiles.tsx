import type { VNode } from 'preact';
import type { RoleName } from '../../access/role-name.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { searchResources } from '../../interaction/search-resources.ts';
import { type EpochMs, formatInstant } from '../../values/instant.ts';
import { registryRoles } from '../navigation.ts';
import type { Visit } from '../site/page-door.ts';
import type { SiteServices } from '../site/site-services.ts';
import type { Translate } from '../translate.ts';
import { auditRoles } from './admin/admin-tabs.tsx';
import { codeOfKind } from './review/question.ts';
import { clinicRoles } from './today/today-page.tsx';

/** Work that waits, as the start page shows it. */
export type WorkTile = { readonly href: string; readonly key: TileKey; readonly count?: number };

type TileKey = 'today' | 'review' | 'jobs' | 'reporters' | 'accounts' | 'audit';

type Tile = {
  readonly key: TileKey;
  readonly href: string;
  readonly roles: readonly RoleName[];
  readonly count?: (ctx: InteractionContext, services: Pick<SiteServices, 'jobs'>) => Promise<number>;
  /** It is no work where the number is 0. */
  readonly isOnlyWithNumber?: true;
};

const tiles: readonly Tile[] = [
  { key: 'today', href: '/app/today', roles: clinicRoles },
  { key: 'review', href: '/app/review', roles: registryRoles, count: countOpen },
  {
    key: 'jobs',
    href: '/app/admin/jobs?state=failed',
    roles: ['administrator'],
    count: countFailed,
    isOnlyWithNumber: true,
  },
  { key: 'reporters', href: '/app/reporters', roles: registryRoles },
  { key: 'accounts', href: '/app/admin/users', roles: ['administrator'] },
  { key: 'audit', href: '/app/admin/audit', roles: auditRoles },
];

/** The work of the role, as far as there is room for it. */
export async function workTiles(
  { ctx, visitor }: Visit,
  room: number,
  services: Pick<SiteServices, 'jobs'>,
): Promise<readonly WorkTile[]> {
  const shown: WorkTile[] = [];
  for (const { key, href, roles, count, isOnlyWithNumber } of tiles) {
    if (shown.length >= room || !roles.includes(visitor.role)) continue;
    const counted = await count?.(ctx, services);
    if (isOnlyWithNumber && counted === 0) continue;
    shown.push({ key, href, ...(counted !== undefined && { count: counted }) });
  }
  return shown;
}

async function countOpen(ctx: InteractionContext): Promise<number> {
  const code = `${codeOfKind.people},${codeOfKind.doses}`;
  const { total = 0 } = await searchResources(
    ctx,
    ['Task'],
    [
      ['code', code],
      ['status', 'requested'],
      ['_summary', 'count'],
    ],
    'strict',
  );
  return total;
}

/** For so long somebody is told that work has failed. */
const failedForDays = 7;

async function countFailed({ clock }: InteractionContext, { jobs }: Pick<SiteServices, 'jobs'>) {
  const since = formatInstant((clock.now() - failedForDays * 24 * 3600_000) as EpochMs);
  const all = (await jobs?.list()) ?? [];
  return all.filter(({ state, updated }) => state === 'failed' && updated >= since).length;
}

/** More than so many are told as such: nobody counts on. */
const mostTold = 100;

type TilesProps = { readonly tiles: readonly WorkTile[]; readonly t: Translate };

export function WorkTiles({ tiles: shown, t }: TilesProps): VNode {
  return (
    <>
      {shown.map(({ key, href, count }) => (
        <section key={key} class="card">
          <h2>
            <a href={href}>{t(`tile.${key}`)}</a>
          </h2>
          {count !== undefined && (
            <p class="figure">{count > mostTold ? t('tile.more-than', { count: mostTold }) : count}</p>
          )}
          <p>{t(`tile.${key}-text`)}</p>
        </section>
      ))}
    </>
  );
}
