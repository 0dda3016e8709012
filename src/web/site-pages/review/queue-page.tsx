import type { Patient, Task } from 'fhir/r4.js';
import type { VNode } from 'preact';
import { tableOf } from '../../../values/table-of.ts';
import { formatDayOf, isoDayOf } from '../../format-date.ts';
import { registryRoles } from '../../navigation.ts';
import { type Column, Filters, List } from '../../parts/list.tsx';
import { type ListQuery, parseListQuery } from '../../parts/list-query.ts';
import { csvOf } from '../../parts/whole-csv.ts';
import { readPersonNamed } from '../../person-reading.ts';
import { nameOfPerson } from '../../person-words.ts';
import { type Found, searchPageOf } from '../../site/search-page.ts';
import { type Drawing, sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { loadDone } from './done.ts';
import { DoneNotice } from './done-notice.tsx';
import type { Done } from './load-question.ts';
import { codeOfKind, type Question, type QuestionKind, questionKinds, toQuestion } from './question.ts';
import { namesWords, percentOf, statusWords } from './review-words.ts';

type Row = { readonly question: Question; readonly names: readonly [string, string] };

type Queue = { readonly query: ListQuery; readonly found: Found<Row>; readonly done?: Done };

const path = '/app/review';

const statuses: Readonly<Record<string, string>> = tableOf({
  open: 'requested',
  later: 'on-hold',
  decided: 'completed',
  closed: 'cancelled',
  all: 'requested,on-hold,completed,cancelled',
});

/** What the registry asks people: whether two records are one person, and two doses one. */
export const queuePage = sitePage({
  path,
  name: 'review-queue',
  roles: registryRoles,
  parse: ({ fields }) => ({
    query: parseListQuery(fields, { filters: ['kind', 'state'], sorts: ['asked'] }),
    done: fields.get('done') ?? undefined,
  }),
  load: async ({ ctx }, { query, done }): Promise<Queue> => {
    const { kind, state = 'open' } = query.filters;
    const kinds = questionKinds.filter((one) => kind === undefined || one === kind);
    const found = await searchPageOf(
      ctx,
      'Task',
      {
        query,
        criteria: [
          ['code', (kinds.length > 0 ? kinds : questionKinds).map((one) => codeOfKind[one]).join(',')],
          ['status', statuses[state] ?? 'requested'],
          ['_sort', query.sort === '-asked' ? '-authored-on' : 'authored-on'],
        ],
      },
      async (resource) => {
        const question = toQuestion(resource as Task);
        if (!question) return undefined;
        const [newer, known] = await Promise.all(question.people.map((id) => readPersonNamed(ctx, id)));
        return { question, names: [nameOf(newer, question, 0), nameOf(known, question, 1)] as const };
      },
    );
    const shown = await loadDone(ctx, done);
    const rows = found.rows.flatMap((row) => row ?? []);
    return { query, found: { ...found, rows }, ...(shown && { done: shown }) };
  },
  view: (queue, drawing) => ({
    title: drawing.t('review.title'),
    content: <QueueView queue={queue} drawing={drawing} />,
  }),
  csv: ({ found }, t) => csvOf(t, columns(t), found),
});

function nameOf(patient: Patient | undefined, { people }: Question, side: 0 | 1): string {
  return patient ? nameOfPerson(patient) : people[side];
}

type QueueProps = { readonly queue: Queue; readonly drawing: Drawing };

function QueueView({ queue: { query, found, done }, drawing: { t, frame } }: QueueProps): VNode {
  return (
    <>
      {done && <DoneNotice done={done} csrf={frame.csrf} t={t} />}
      <div class="page-head">
        <h1>{t('review.title')}</h1>
        <p class="quiet">{t('review.text')}</p>
      </div>
      <section class="card">
        <Filters path={path} query={query} fields={filterFields(t)} t={t} />
        <List
          caption={t('review.title')}
          columns={columns(t)}
          rows={found.rows}
          keyOf={({ question }) => question.id}
          path={path}
          query={query}
          next={found.next}
          empty={<p>{t('review.empty')}</p>}
          t={t}
        />
      </section>
    </>
  );
}

function filterFields(t: Translate) {
  const kinds = questionKinds.map((kind) => [kind, kindWords(t, kind)] as const);
  return [
    { name: 'kind', label: t('review.kind'), options: [['', t('review.both-kinds')] as const, ...kinds] },
    {
      name: 'state',
      label: t('review.state'),
      options: [
        ['open', t('review.open')],
        ['later', t('decision.later')],
        ['decided', t('review.decided')],
        ['closed', t('review.closed')],
        ['all', t('review.all')],
      ],
    },
  ] as const;
}

function kindWords(t: Translate, kind: QuestionKind): string {
  return t(`review.kind-${kind}`);
}

function columns(t: Translate): readonly [Column<Row>, ...Column<Row>[]] {
  const names = ({ names: both }: Row) => namesWords(t, both);
  return [
    {
      key: 'names',
      head: t('review.who'),
      cell: (row) => <a href={`${path}/${row.question.id}`}>{names(row)}</a>,
      text: names,
    },
    {
      key: 'kind',
      head: t('review.kind'),
      cell: ({ question }) => kindWords(t, question.kind),
      text: ({ question }) => kindWords(t, question.kind),
    },
    {
      key: 'score',
      head: t('review.score'),
      cell: ({ question }) => percentOf(question) ?? '–',
      text: ({ question }) => percentOf(question) ?? '',
      isNumber: true,
    },
    {
      key: 'asked',
      head: t('review.asked'),
      cell: ({ question }) => formatDayOf(t, question.asked),
      text: ({ question }) => isoDayOf(t, question.asked),
      isSortable: true,
    },
    {
      key: 'state',
      head: t('review.state'),
      cell: ({ question }) => statusWords(t, question),
      text: ({ question }) => statusWords(t, question),
    },
  ];
}
