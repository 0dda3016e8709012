import type { VNode } from 'preact';
import { roleNames } from '../../../access/role-name.ts';
import type { AdminKind, AdminRow } from '../../../pages/admin-records.ts';
import { formatDayOf, isoDayOf } from '../../format-date.ts';
import { Chip } from '../../parts/chip.tsx';
import { type Column, Filters, List } from '../../parts/list.tsx';
import { type ListQuery, parseListQuery } from '../../parts/list-query.ts';
import { pageOfRows } from '../../parts/page-of-rows.ts';
import { csvOf } from '../../parts/whole-csv.ts';
import { readOrganization } from '../../person-reading.ts';
import { roleName } from '../../role-name.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Found } from '../../site/search-page.ts';
import { type SitePage, sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { titleOfRow } from './admin-kinds.ts';
import { AdminTabs } from './admin-tabs.tsx';

type Shown = { readonly row: AdminRow; readonly places: readonly string[] };
type Listed = { readonly query: ListQuery; readonly found: Found<Shown> };

/** The accounts, or the apps. */
export function adminListPage(kind: AdminKind): SitePage {
  const path = `/app/admin/${kind}` as const;
  return sitePage({
    path,
    name: `admin-${kind}`,
    roles: ['administrator'],
    parse: ({ fields }) =>
      parseListQuery(fields, { filters: ['name', 'of', 'state'], sorts: ['name', 'of', 'seen'] }),
    load: async (visit, query, { admin }): Promise<Listed | undefined> => {
      if (!admin) return undefined;
      const rows = (await admin[kind].list()).filter((row) => isAsked(kind, row, query));
      const found = pageOfRows(rows, {
        query,
        keyOf: ({ id }) => id,
        usual: 'name',
        orders: {
          name: (row) => titleOfRow(kind, row).toLowerCase(),
          of: ({ values }) => values[ofField[kind]] ?? '',
          seen: ({ lastSignIn = '' }) => lastSignIn,
        },
      });
      const shown: Shown[] = [];
      for (const row of found.rows) shown.push({ row, places: await placesOf(visit, row) });
      return { query, found: { ...found, rows: shown } };
    },
    view: ({ query, found }, { t, frame }) => ({
      title: t(`admin.${kind}`),
      content: (
        <>
          <AdminTabs here={kind} role={frame.user?.role} t={t} />
          <div class="page-head">
            <h1>{t(`admin.${kind}`)}</h1>
            <p>
              <a class="button primary" href={`${path}/new`}>
                {t(`admin.add-${kind}`)}
              </a>
            </p>
          </div>
          <section class="card">
            <Filters path={path} query={query} fields={filtersOf(kind, t)} t={t} />
            <List
              caption={t(`admin.${kind}`)}
              columns={columnsOf(kind, t)}
              rows={found.rows}
              keyOf={({ row }) => row.id}
              path={path}
              query={query}
              next={found.next}
              empty={<p>{t('admin.none')}</p>}
              t={t}
            />
          </section>
        </>
      ),
    }),
    csv: ({ found }, t) => csvOf(t, columnsOf(kind, t), found),
  });
}

const ofField = { users: 'role', clients: 'kind' } as const;

function isAsked(kind: AdminKind, row: AdminRow, { filters }: ListQuery): boolean {
  const { name = '', of, state } = filters;
  if (!titleOfRow(kind, row).toLowerCase().includes(name.trim().toLowerCase())) return false;
  if (of !== undefined && row.values[ofField[kind]] !== of) return false;
  return state === undefined || (state === 'disabled') === row.isDisabled;
}

async function placesOf({ ctx }: Visit, { values }: AdminRow): Promise<readonly string[]> {
  const places: string[] = [];
  for (const id of (values['organization'] ?? '').split('\n').filter(Boolean).slice(0, 3)) {
    places.push((await readOrganization(ctx, `Organization/${id}`))?.name ?? id);
  }
  return places;
}

function filtersOf(kind: AdminKind, t: Translate) {
  const kinds = (['public', 'secret', 'key'] as const).map((one) => [one, t(`admin.kind-${one}`)] as const);
  const options = kind === 'users' ? roleNames.map((role) => [role, roleName(t, role)] as const) : kinds;
  return [
    { name: 'name', label: t(kind === 'users' ? 'admin.login' : 'admin.name') },
    {
      name: 'of',
      label: t(kind === 'users' ? 'admin.role' : 'admin.kind'),
      options: [['', t('admin.all')] as const, ...options],
    },
    {
      name: 'state',
      label: t('admin.state'),
      options: [
        ['', t('admin.all')],
        ['enabled', t('admin.enabled')],
        ['disabled', t('admin.disabled')],
      ],
    },
  ] as const;
}

function columnsOf(kind: AdminKind, t: Translate): readonly [Column<Shown>, ...Column<Shown>[]] {
  const path = `/app/admin/${kind}`;
  const of = ({ row }: Shown) =>
    kind === 'users'
      ? roleName(t, row.values['role'] ?? '')
      : (filtersOf(kind, t)[1].options.find(([value]) => value === row.values['kind'])?.[1] ?? '');
  const seen: Column<Shown> = {
    key: 'seen',
    head: t('admin.seen'),
    cell: ({ row }) => (row.lastSignIn === undefined ? t('admin.never') : formatDayOf(t, row.lastSignIn)),
    text: ({ row }) => (row.lastSignIn === undefined ? '' : isoDayOf(t, row.lastSignIn)),
    isSortable: true,
  };
  return [
    {
      key: 'name',
      head: t(kind === 'users' ? 'admin.login' : 'admin.name'),
      cell: ({ row }) => <a href={`${path}/${row.id}`}>{titleOfRow(kind, row)}</a>,
      text: ({ row }) => titleOfRow(kind, row),
      isSortable: true,
    },
    {
      key: 'of',
      head: t(kind === 'users' ? 'admin.role' : 'admin.kind'),
      cell: of,
      text: of,
      isSortable: true,
    },
    {
      key: 'place',
      head: t('admin.place'),
      cell: ({ places }) => places.join(', '),
      text: ({ places }) => places.join(', '),
    },
    ...(kind === 'users' ? [seen] : []),
    { key: 'state', head: t('admin.state'), cell: ({ row }) => <State row={row} t={t} />, text: stateOf(t) },
  ];
}

function State({ row, t }: { readonly row: AdminRow; readonly t: Translate }): VNode {
  const words = stateOf(t)({ row });
  if (row.isDisabled)
    return (
      <Chip sign="barred" tone="none">
        {words}
      </Chip>
    );
  return row.isIdle ? (
    <Chip sign="clock" tone="due">
      {words}
    </Chip>
  ) : (
    <Chip sign="check" tone="complete">
      {words}
    </Chip>
  );
}

const stateOf =
  (t: Translate) =>
  ({ row }: Pick<Shown, 'row'>): string =>
    t(row.isDisabled ? 'admin.disabled' : row.isIdle ? 'admin.idle' : 'admin.enabled');
