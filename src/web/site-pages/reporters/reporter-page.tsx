import type { DocumentReference } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { formatDate, formatMoment } from '../../format-date.ts';
import { registryRoles } from '../../navigation.ts';
import { BarTable } from '../../parts/bar-table.tsx';
import { Chip } from '../../parts/chip.tsx';
import { type Column, Filters, List } from '../../parts/list.tsx';
import { type ListQuery, parseListQuery } from '../../parts/list-query.ts';
import { Sparkline } from '../../parts/sparkline.tsx';
import { csvOf } from '../../parts/whole-csv.ts';
import type { ReporterReportShown, ReporterShown } from '../../site/reporters-port.ts';
import { type Found, searchPageOf } from '../../site/search-page.ts';
import { type SitePage, sitePage } from '../../site/site-page.ts';
import { FindingWords } from '../../titles/finding-words.tsx';
import { parseTextKey, type Translate } from '../../translate.ts';
import { Findings } from './findings.tsx';
import { Lacking, percent, qualityField } from './lacking.tsx';
import {
  countMessages,
  daysAgo,
  findReporter,
  type MessageRow,
  messagesOf,
  toMessageRow,
  type Week,
  weeksOf,
} from './reporter-reading.ts';

type Data = {
  readonly query: ListQuery;
  readonly reporter: ReporterShown;
  readonly days: number;
  /** Absent where there are too many messages for a page. */
  readonly report?: ReporterReportShown;
  readonly weeks: readonly Week[];
  readonly found: Found<MessageRow>;
};

/** Of more messages no report is made while somebody waits. */
const mostMessages = 20_000;
const spans = [7, 28, 90, 365] as const;
const outcomes = ['AR', 'AE', 'AA'] as const;

/** How good the messages of one reporter are: shares, what was found, and the worst of them first. */
export const reporterPage = sitePage({
  path: '/app/reporters/:id',
  name: 'reporter',
  roles: registryRoles,
  parse: ({ params, fields }) => ({
    id: params['id'],
    query: parseListQuery(fields, { filters: ['days', 'outcome'] }),
  }),
  load: async ({ ctx }, { id, query }, { reporters }): Promise<Data | undefined> => {
    const reporter = reporters && (await findReporter(reporters, id));
    if (!reporters || !reporter) return undefined;
    const days = spans.find((one) => String(one) === query.filters['days']) ?? 28;
    const since = daysAgo(ctx, days - 1);
    const of = messagesOf(reporters, reporter.account);
    const within = [...of, ['date', `ge${since}`] as const];
    const outcome = outcomes.find((one) => one === query.filters['outcome']);
    const criteria = [
      ...within,
      ['category', outcome ?? 'AR,AE'] as const,
      ['_sort', '-category,-date'] as const,
    ];
    const found = await searchPageOf(ctx, 'DocumentReference', { query, criteria }, (resource) =>
      toMessageRow(resource as DocumentReference, reporters),
    );
    const isSmall = (await countMessages(ctx, within)) <= mostMessages;
    const report = isSmall ? await reporters.report(ctx, { account: reporter.account, since }) : undefined;
    const weeks = await weeksOf(ctx, of);
    return { query, reporter, days, weeks, found, ...(report && { report }) };
  },
  view: (data, { t }) => ({
    title: data.reporter.account,
    content: <ReporterView data={data} t={t} />,
  }),
  csv: ({ found, reporter }, t) => csvOf(t, columns(t, reporter), found),
});

/** The same as a text to send on, as `jenner reporter report` prints it. */
export const reporterReportFile: SitePage = {
  path: '/app/reporters/:id/report',
  name: 'reporter-report',
  roles: registryRoles,
  get: async ({ ctx, params, fields }, { reporters }) => {
    const reporter = reporters && (await findReporter(reporters, params['id']));
    if (!reporters || !reporter) return { kind: 'nothing' };
    const days = spans.find((one) => String(one) === fields.get('days')) ?? 28;
    const since = daysAgo(ctx, days - 1);
    const of = [...messagesOf(reporters, reporter.account), ['date', `ge${since}`] as const];
    if ((await countMessages(ctx, of)) > mostMessages) return { kind: 'nothing' };
    const text = await reporters.text(ctx, { account: reporter.account, since });
    return { kind: 'file', name: 'report.txt', type: 'text/plain; charset=utf-8', write: () => text };
  },
};

type ViewProps = { readonly data: Data; readonly t: Translate };

function ReporterView({ data, t }: ViewProps): VNode {
  const { query, reporter, days, report, weeks, found } = data;
  const path = `/app/reporters/${encodeURIComponent(reporter.account)}`;
  return (
    <>
      <div class="page-head">
        <h1>{reporter.account}</h1>
        <p class="screen-only">
          <a href="/app/reporters">{t('reporter.all')}</a>
        </p>
      </div>
      <section class="card">
        <Filters path={path} query={query} fields={filtersOf(t, days)} t={t} />
      </section>
      {report ? (
        <Report report={report} days={days} path={path} t={t} />
      ) : (
        <section class="card">
          <p>{t('reporter.too-many', { count: mostMessages })}</p>
        </section>
      )}
      <Weeks weeks={weeks} t={t} />
      <section class="card">
        <h2>{t('reporter.worst')}</h2>
        <List
          caption={t('reporter.worst')}
          columns={columns(t, reporter)}
          rows={found.rows}
          keyOf={({ id }) => id}
          path={path}
          query={query}
          next={found.next}
          empty={<p>{t('reporter.no-worst')}</p>}
          t={t}
        />
      </section>
    </>
  );
}

function filtersOf(t: Translate, days: number) {
  const shown = [...spans].sort((one, other) => Number(other === days) - Number(one === days) || one - other);
  return [
    {
      name: 'days',
      label: t('reporter.span'),
      options: shown.map((one) => [String(one), t('reporter.days', { days: one })] as const),
    },
    {
      name: 'outcome',
      label: t('audit.outcome'),
      options: [
        ['', t('reporter.ack-worst')] as const,
        ...outcomes.map((one) => [one, t(`reporter.ack-${one}`)] as const),
      ],
    },
  ] as const;
}

type ReportProps = {
  readonly report: ReporterReportShown;
  readonly days: number;
  readonly path: string;
  readonly t: Translate;
};

function Report({ report, days, path, t }: ReportProps): VNode {
  const { messages, acceptance, timeliness, validity, doses, score, completeness, acceptanceTest } = report;
  if (messages === 0) {
    return (
      <section class="card">
        <p>{t('reporter.silent', { days })}</p>
      </section>
    );
  }
  const figures = [
    ['accepted', acceptance],
    ['in-time', timeliness],
    ['valid', validity],
  ] as const;
  return (
    <>
      <div class="tiles">
        {figures.map(([key, { share, count, of }]) => (
          <section key={key} class="card">
            <h2>{t(`reporter.${key}`)}</h2>
            <p class="figure">{percent(share)}</p>
            <p class="quiet">{t('reporter.count-of', { count, of })}</p>
          </section>
        ))}
        <section class="card">
          <h2>{t('reporter.score')}</h2>
          <p class="figure">{score ?? '–'}</p>
          <p>
            <Chip
              sign={acceptanceTest.isPassed ? 'check' : 'triangle'}
              tone={acceptanceTest.isPassed ? 'complete' : 'overdue'}
            >
              {t(acceptanceTest.isPassed ? 'reporter.passed' : 'reporter.not-passed')}
            </Chip>
          </p>
        </section>
      </div>
      <Lacking criteria={acceptanceTest.criteria} t={t} />
      <section class="card">
        <h2>{t('reporter.completeness')}</h2>
        <p class="quiet">{t('reporter.doses', { messages, doses })}</p>
        <BarTable
          caption={t('reporter.completeness')}
          heads={[t('review.field'), t('reporter.given'), t('reporter.least')]}
          rows={completeness.map(({ name, share, least }) => ({
            name: qualityField(t, name),
            count: percent(least),
            ...(share !== undefined && { percent: Math.floor(share * 100) }),
          }))}
          hidden={t('reporter.nothing')}
        />
        <p>
          <a href={`${path}/report?days=${days}`} download>
            {t('reporter.save')}
          </a>
        </p>
      </section>
      <Issues report={report} t={t} />
    </>
  );
}

function Issues({ report: { issues }, t }: Pick<ReportProps, 'report' | 't'>): VNode | null {
  if (issues.length === 0) return null;
  return (
    <section class="card">
      <h2>{t('reporter.issues')}</h2>
      <ul class="lines">
        {issues.slice(0, 20).map(({ code, text, count }) => (
          <li key={code}>
            <b>{count}</b> <FindingWords text={text} t={t} /> <span class="quiet small">{code}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Weeks({ weeks, t }: { readonly weeks: readonly Week[]; readonly t: Translate }): VNode {
  const last = weeks.at(-1);
  const series = [
    ['messages', weeks.map(({ messages }) => messages), last?.messages ?? 0],
    ['not-whole', weeks.map(({ faulty }) => faulty), last?.faulty ?? 0],
  ] as const;
  return (
    <section class="card">
      <h2>{t('reporter.weeks')}</h2>
      <div class="tiles">
        {series.map(([key, values, now]) => (
          <div key={key}>
            <p>
              {t(`reporter.${key}`)}: <b>{now}</b> <span class="quiet">{t('reporter.last-week')}</span>
            </p>
            <Sparkline values={values} title={`${t(`reporter.${key}`)}: ${values.join(', ')}`} />
          </div>
        ))}
      </div>
      <details class="rest">
        <summary>{t('reporter.as-table')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('reporter.week-of')}</th>
              <th scope="col">{t('reporter.messages')}</th>
              <th scope="col">{t('reporter.not-whole')}</th>
            </tr>
          </thead>
          <tbody>
            {weeks.map(({ from, messages, faulty }) => (
              <tr key={from}>
                <th scope="row">{formatDate(t, from)}</th>
                <td>{messages}</td>
                <td>{faulty}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

export function outcomeWords(t: Translate, outcome: string): string {
  const key = parseTextKey(`reporter.ack-${outcome}`);
  return key ? t(key) : outcome;
}

function columns(
  t: Translate,
  { account }: ReporterShown,
): readonly [Column<MessageRow>, ...Column<MessageRow>[]] {
  const path = `/app/reporters/${encodeURIComponent(account)}/messages`;
  return [
    {
      key: 'id',
      head: t('reporter.control-id'),
      cell: ({ id, controlId }) => <a href={`${path}/${id}`}>{controlId || t('reporter.no-control-id')}</a>,
      text: ({ controlId }) => controlId,
    },
    {
      key: 'came',
      head: t('reporter.came'),
      cell: ({ came }) => formatMoment(t, came),
      text: ({ came }) => came,
    },
    {
      key: 'outcome',
      head: t('audit.outcome'),
      cell: ({ outcome }) => outcomeWords(t, outcome),
      text: ({ outcome }) => outcome,
    },
    {
      key: 'found',
      head: t('reporter.found'),
      cell: ({ found }) => <Findings found={found} t={t} />,
      text: ({ found }) => found.map(({ code }) => code).join(' '),
    },
  ];
}
