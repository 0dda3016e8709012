import type { VNode } from 'preact';
import type { RoleName } from '../../access/role-name.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { searchResources } from '../../interaction/search-resources.ts';
import { registryRoles } from '../navigation.ts';
import type { Visit } from '../site/page-door.ts';
import type { Translate } from '../translate.ts';
import { auditRoles } from './admin/admin-tabs.tsx';
import { codeOfKind } from './review/question.ts';
import { clinicRoles } from './today/today-page.tsx';

/** Work that waits, as the start page shows it. */
export type WorkTile = { readonly href: string; readonly key: TileKey; readonly count?: number };

type TileKey = 'today' | 'review' | 'reporters' | 'accounts' | 'audit';

type Tile = {
  readonly key: TileKey;
  readonly href: string;
  readonly roles: readonly RoleName[];
  readonly count?: (ctx: InteractionContext) => Promise<number>;
};

const tiles: readonly Tile[] = [
  { key: 'today', href: '/app/today', roles: clinicRoles },
  { key: 'review', href: '/app/review', roles: registryRoles, count: countOpen },
  { key: 'reporters', href: '/app/reporters', roles: registryRoles },
  { key: 'accounts', href: '/app/admin/users', roles: ['administrator'] },
  { key: 'audit', href: '/app/admin/audit', roles: auditRoles },
];

/** The work of the role, as far as there is room for it. */
export async function workTiles({ ctx, visitor }: Visit, room: number): Promise<readonly WorkTile[]> {
  const own = tiles.filter(({ roles }) => roles.includes(visitor.role)).slice(0, Math.max(0, room));
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

type TilesProps = { readonly tiles: readonly WorkTile[]; readonly t: Translate };

export function WorkTiles({ tiles: shown, t }: TilesProps): VNode {
  return (
    <>
      {shown.map(({ key, href, count }) => (
        <section key={key} class="card">
          <h2>
            <a href={href}>{t(`tile.${key}`)}</a>
          </h2>
          {count !== undefined && <p class="figure">{count}</p>}
          <p>{t(`tile.${key}-text`)}</p>
        </section>
      ))}
    </>
  );
}
