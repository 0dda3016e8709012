import type { VNode } from 'preact';
import { Notice, PostForm } from '../../form-parts.tsx';
import { formatMoment } from '../../format-date.ts';
import { Chip } from '../../parts/chip.tsx';
import { type Column, Filters, List } from '../../parts/list.tsx';
import { parseListQuery } from '../../parts/list-query.ts';
import { pageOfRows } from '../../parts/page-of-rows.ts';
import type { SignName, Tone } from '../../parts/sign.tsx';
import { csvOf } from '../../parts/whole-csv.ts';
import type { JobShown } from '../../site/jobs-port.ts';
import { type Drawing, sitePage } from '../../site/site-page.ts';
import { parseTextKey, type Translate } from '../../translate.ts';
import { AdminTabs } from './admin-tabs.tsx';

const path = '/app/admin/jobs';
const states = ['queued', 'running', 'lapsed', 'finished', 'failed', 'cancelled'] as const;

/** Long work, the newest first. */
export const jobsPage = sitePage({
  path,
  name: 'admin-jobs',
  roles: ['administrator'],
  parse: ({ fields }) => parseListQuery(fields, { filters: ['state'], sorts: ['begun', 'kind', 'updated'] }),
  load: async (_visit, query, { jobs }) => {
    if (!jobs) return undefined;
    const { state } = query.filters;
    const asked = (await jobs.list()).filter((job) => state === undefined || job.state === state);
    const orders = {
      begun: ({ created }: JobShown) => created,
      updated: ({ updated }: JobShown) => updated,
      kind: ({ kind }: JobShown) => kind,
    };
    return { query, found: pageOfRows(asked, { query, keyOf: ({ id }) => id, usual: '-begun', orders }) };
  },
  view: ({ query, found }, { t, frame }) => ({
    title: t('admin.jobs'),
    content: (
      <>
        <AdminTabs here="jobs" role={frame.user?.role} t={t} />
        <div class="page-head">
          <h1>{t('admin.jobs')}</h1>
          <p class="quiet">{t('job.text')}</p>
        </div>
        <section class="card">
          <Filters
            path={path}
            query={query}
            fields={[
              {
                name: 'state',
                label: t('admin.state'),
                options: [['', t('admin.all')], ...states.map((one) => [one, t(`job.${one}`)] as const)],
              },
            ]}
            t={t}
          />
          <List
            caption={t('admin.jobs')}
            columns={columns(t)}
            rows={found.rows}
            keyOf={({ id }) => id}
            path={path}
            query={query}
            next={found.next}
            empty={<p>{t('job.none')}</p>}
            t={t}
          />
        </section>
      </>
    ),
  }),
  csv: ({ found }, t) => csvOf(t, columns(t), found),
});

function kindWords(t: Translate, kind: string): string {
  const key = parseTextKey(`job-kind.${kind}`);
  return key ? t(key) : kind;
}

function farWords(t: Translate, { done, total }: JobShown): string {
  return total === undefined ? t('job.done', { done }) : t('job.done-of', { done, total });
}

function columns(t: Translate): readonly [Column<JobShown>, ...Column<JobShown>[]] {
  return [
    {
      key: 'kind',
      head: t('job.what'),
      cell: ({ id, kind }) => <a href={`${path}/${id}`}>{kindWords(t, kind)}</a>,
      text: ({ kind }) => kindWords(t, kind),
      isSortable: true,
    },
    {
      key: 'state',
      head: t('admin.state'),
      cell: (job) => <JobChip job={job} t={t} />,
      text: ({ state }) => t(`job.${state}`),
    },
    {
      key: 'far',
      head: t('job.far'),
      cell: (job) => farWords(t, job),
      text: (job) => farWords(t, job),
    },
    {
      key: 'begun',
      head: t('job.begun'),
      cell: ({ created }) => formatMoment(t, created),
      text: ({ created }) => created,
      isSortable: true,
    },
    {
      key: 'updated',
      head: t('job.updated'),
      cell: ({ updated }) => formatMoment(t, updated),
      text: ({ updated }) => updated,
      isSortable: true,
    },
  ];
}

const looks: Readonly<Record<JobShown['state'], readonly [SignName, Tone]>> = {
  queued: ['calendar', 'later'],
  running: ['clock', 'due'],
  lapsed: ['question', 'none'],
  finished: ['check', 'complete'],
  failed: ['triangle', 'overdue'],
  cancelled: ['barred', 'none'],
};

function JobChip({ job, t }: { readonly job: JobShown; readonly t: Translate }): VNode {
  const [sign, tone] = looks[job.state];
  return (
    <Chip sign={sign} tone={tone}>
      {t(`job.${job.state}`)}
    </Chip>
  );
}

/** How often a page that is left alone asks anew: as long as a session lasts without it, and no longer. */
const mostLooks = 90;
const secondsBetween = 10;

/** How far one is; while it runs the page asks anew by itself. */
export const jobPage = sitePage({
  path: `${path}/:id`,
  name: 'admin-job',
  roles: ['administrator'],
  parse: ({ params, fields }) => ({
    id: params['id'] ?? '',
    looks: Math.max(0, Math.trunc(Number(fields.get('looks') ?? 0)) || 0),
    isAsked: fields.has('asked'),
  }),
  load: async (_visit, { id, looks: times, isAsked }, { jobs }) => {
    const job = await jobs?.read(id);
    return job && { job, times, isAsked };
  },
  refresh: ({ job, times }) =>
    isOpen(job) && times < mostLooks
      ? { seconds: secondsBetween, to: `${path}/${job.id}?looks=${times + 1}` }
      : undefined,
  view: ({ job, times, isAsked }, drawing) => ({
    title: kindWords(drawing.t, job.kind),
    narrow: true,
    content: <JobView job={job} isTired={times >= mostLooks} isAsked={isAsked} drawing={drawing} />,
  }),
  post: async ({ params, fields }, { jobs }) => {
    const id = params['id'] ?? '';
    if (!jobs || fields.get('do') !== 'cancel' || !(await jobs.read(id))) return { kind: 'nothing' };
    // Whatever has ended meanwhile is shown as it ended.
    await jobs.cancel(id);
    return { kind: 'go', to: `${path}/${id}?asked=1` };
  },
});

function isOpen({ state }: JobShown): boolean {
  return state === 'queued' || state === 'running';
}

type JobProps = {
  readonly job: JobShown;
  readonly isTired: boolean;
  readonly isAsked: boolean;
  readonly drawing: Drawing;
};

function JobView({ job, isTired, isAsked, drawing: { t, frame } }: JobProps): VNode {
  const title = kindWords(t, job.kind);
  const mayCancel = (isOpen(job) || job.state === 'lapsed') && !job.isCancelAsked;
  return (
    <>
      <AdminTabs here="jobs" role={frame.user?.role} t={t} />
      {isAsked && (
        <Notice kind="good">
          <p>{t(job.isCancelAsked ? 'job.will-stop' : 'job.stopped')}</p>
        </Notice>
      )}
      <div class="page-head">
        <h1>{title}</h1>
        <p>
          <JobChip job={job} t={t} />
        </p>
      </div>
      <section class="card">
        <p id="far">{farWords(t, job)}</p>
        {isOpen(job) && (
          <progress
            aria-labelledby="far"
            {...(job.total !== undefined && {
              max: Math.max(job.total, 1),
              value: Math.min(job.done, job.total),
            })}
          />
        )}
        <dl class="facts">
          <dt>{t('job.begun')}</dt>
          <dd>{formatMoment(t, job.created)}</dd>
          <dt>{t('job.updated')}</dt>
          <dd>{formatMoment(t, job.updated)}</dd>
          {job.reason !== undefined && (
            <>
              <dt>{t('job.reason')}</dt>
              <dd lang="en">{job.reason}</dd>
            </>
          )}
          <dt>{t('job.id')}</dt>
          <dd>
            <code>{job.id}</code>
          </dd>
        </dl>
        {isOpen(job) && <p class="quiet">{t(isTired ? 'job.reload' : 'job.by-itself')}</p>}
        {mayCancel && (
          <PostForm action={`${path}/${job.id}`} csrf={frame.csrf} hidden={{ do: 'cancel' }}>
            <button class="button short" type="submit">
              {t('job.cancel')}
            </button>
          </PostForm>
        )}
        <p>
          <a href={path}>{t('job.all')}</a>
        </p>
      </section>
    </>
  );
}
