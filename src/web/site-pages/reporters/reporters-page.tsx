import { withinDays } from '../../../interaction/local-days.ts';
import { registryRoles } from '../../navigation.ts';
import { type Column, Filters, List } from '../../parts/list.tsx';
import { parseListQuery } from '../../parts/list-query.ts';
import { pageOfRows } from '../../parts/page-of-rows.ts';
import { csvOf } from '../../parts/whole-csv.ts';
import { readOrganization } from '../../person-reading.ts';
import { sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { countMessages, daysAgo, messagesOf } from './reporter-reading.ts';

const path = '/app/reporters';

/** So many days back the list counts. */
const days = 28;

type Row = {
  readonly account: string;
  readonly places: readonly string[];
  readonly messages: number;
  readonly refused: number;
  readonly faulty: number;
};

/** Who sends messages, and how many of them were not kept whole. */
export const reportersPage = sitePage({
  path,
  name: 'reporters',
  roles: registryRoles,
  parse: ({ fields }) => parseListQuery(fields, { filters: ['name'], sorts: ['name'] }),
  load: async ({ ctx }, query, { reporters }) => {
    if (!reporters) return undefined;
    const name = (query.filters['name'] ?? '').trim().toLowerCase();
    const all = (await reporters.list()).filter(({ account }) => account.toLowerCase().includes(name));
    const found = pageOfRows(all, {
      query,
      keyOf: ({ account }) => account,
      usual: 'name',
      orders: { name: ({ account }) => account.toLowerCase() },
    });
    const rows: Row[] = [];
    for (const { account, organizations } of found.rows) {
      const of = [...messagesOf(reporters, account), ...withinDays(ctx, { from: daysAgo(ctx, days - 1) })];
      const messages = await countMessages(ctx, of);
      const count = (code: string) => (messages === 0 ? 0 : countMessages(ctx, [...of, ['category', code]]));
      const places: string[] = [];
      for (const id of organizations.slice(0, 3)) {
        places.push((await readOrganization(ctx, `Organization/${id}`))?.name ?? id);
      }
      rows.push({ account, places, messages, refused: await count('AR'), faulty: await count('AE') });
    }
    return { query, found: { ...found, rows } };
  },
  view: ({ query, found }, { t }) => ({
    title: t('reporter.title'),
    content: (
      <>
        <div class="page-head">
          <h1>{t('reporter.title')}</h1>
          <p class="quiet">{t('reporter.text', { days })}</p>
        </div>
        <section class="card">
          <Filters path={path} query={query} fields={[{ name: 'name', label: t('reporter.name') }]} t={t} />
          <List
            caption={t('reporter.title')}
            columns={columns(t)}
            rows={found.rows}
            keyOf={({ account }) => account}
            path={path}
            query={query}
            next={found.next}
            empty={<p>{t('reporter.none')}</p>}
            t={t}
          />
        </section>
      </>
    ),
  }),
  csv: ({ found }, t) => csvOf(t, columns(t), found),
});

function shareOf(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((100 * part) / whole)}%`;
}

function columns(t: Translate): readonly [Column<Row>, ...Column<Row>[]] {
  const number = (key: string, head: string, of: (row: Row) => string): Column<Row> => ({
    key,
    head,
    cell: of,
    text: of,
    isNumber: true,
  });
  return [
    {
      key: 'name',
      head: t('reporter.name'),
      cell: ({ account }) => <a href={`${path}/${encodeURIComponent(account)}`}>{account}</a>,
      text: ({ account }) => account,
      isSortable: true,
    },
    {
      key: 'place',
      head: t('admin.place'),
      cell: ({ places }) => places.join(', '),
      text: ({ places }) => places.join(', '),
    },
    number('messages', t('reporter.messages'), ({ messages }) => String(messages)),
    number('faulty', t('reporter.ack-AE'), ({ faulty }) => String(faulty)),
    number('refused', t('reporter.ack-AR'), ({ refused }) => String(refused)),
    number('share', t('reporter.not-whole'), ({ faulty, refused, messages }) =>
      shareOf(faulty + refused, messages),
    ),
  ];
}
