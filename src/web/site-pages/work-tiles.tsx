import type { VNode } from 'preact';
import type { RoleName } from '../../access/role-name.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { searchResources } from '../../interaction/search-resources.ts';
import { registryRoles, staffRoles } from '../navigation.ts';
import type { Visit } from '../site/page-door.ts';
import type { TextKey, Translate } from '../translate.ts';
import { auditRoles } from './admin/admin-tabs.tsx';
import { codeOfKind } from './review/question.ts';
import { clinicRoles } from './today/today-page.tsx';

/** Work that waits, as the start page shows it. */
export type WorkTile = { readonly href: string; readonly key: TileKey; readonly count?: number };

type TileKey = 'patients' | 'today' | 'review' | 'reporters' | 'accounts' | 'audit';

type Tile = {
  readonly key: TileKey;
  readonly href: string;
  readonly roles: readonly RoleName[];
  readonly count?: (ctx: InteractionContext) => Promise<number>;
};

const tiles: readonly Tile[] = [
  { key: 'today', href: '/app/today', roles: clinicRoles },
  { key: 'review', href: '/app/review', roles: registryRoles, count: countOpen },
  { key: 'patients', href: '/app/patients', roles: staffRoles },
  { key: 'reporters', href: '/app/reporters', roles: registryRoles },
  { key: 'accounts', href: '/app/admin/users', roles: ['administrator'] },
  { key: 'audit', href: '/app/admin/audit', roles: auditRoles },
];

/** More than four are no longer looked at. */
const mostTiles = 4;

export async function workTiles({ ctx, visitor }: Visit): Promise<readonly WorkTile[]> {
  const own = tiles.filter(({ roles }) => roles.includes(visitor.role)).slice(0, mostTiles);
  const shown: WorkTile[] = [];
  for (const { key, href, count } of own) {
    shown.push({ key, href, ...(count && { count: await count(ctx) }) });
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

export function Tiles({
  tiles: shown,
  t,
}: {
  readonly tiles: readonly WorkTile[];
  readonly t: Translate;
}): VNode {
  return (
    <>
      {shown.map(({ key, href, count }, nth) => (
        <section key={key} class="card">
          <div>
            <h2>{t(`tile.${key}`)}</h2>
            {count !== undefined && <p class="figure">{count}</p>}
            <p class="quiet">{t(`tile.${key}-text` satisfies TextKey)}</p>
          </div>
          <a class={nth === 0 ? 'button primary' : 'button'} href={href}>
            {t(`tile.${key}-open` satisfies TextKey)}
          </a>
        </section>
      ))}
    </>
  );
}
