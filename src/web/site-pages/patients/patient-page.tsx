import type { VNode } from 'preact';
import { answerRecordReport, reportsOf } from '../../../registry/record-reports/report-record.ts';
import type { ResourceId } from '../../../values/resource-id.ts';
import { Notice, PostForm } from '../../form-parts.tsx';
import { formatDate, formatDayOf } from '../../format-date.ts';
import { staffRoles } from '../../navigation.ts';
import { outOfUse } from '../../out-of-use.ts';
import { HistoryGrid } from '../../parts/history-grid.tsx';
import { PersonBanner } from '../../parts/person-banner.tsx';
import { PrintHead } from '../../parts/print-parts.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { hasDied, nameOfPerson } from '../../person-words.ts';
import type { Visit } from '../../site/page-door.ts';
import type { Answer, Drawing, SitePage } from '../../site/site-page.ts';
import { vaccineWords } from '../../titles/titles.tsx';
import { parseTextKey, type Translate } from '../../translate.ts';
import { NotGiven } from '../record/record-page.tsx';
import { saidIn } from '../record/report-page.tsx';
import { ChartAlerts } from './chart-alerts.tsx';
import { Giving } from './giving.tsx';
import { type Chart, loadChart, patientIdIn } from './load-chart.ts';
import { PlanCards } from './plan-cards.tsx';
import { isSaved, type Saved, undoSaved } from './saved-doses.ts';

/** The chart of a patient: what must not be given, what to give today, and what was given. */
export const patientPage: SitePage = {
  path: '/app/patients/:id',
  name: 'patient',
  roles: staffRoles,
  get: async (visit, services) => {
    const id = patientIdIn(visit.params);
    if (id === undefined) return { kind: 'nothing' };
    const chart = await loadChart(visit.ctx, id, services);
    const note = visit.fields.get('saved');
    const kept = note === null ? undefined : await visit.notes.read(note);
    const saved = isSaved(kept) && kept.patient === id && note !== null ? { ...kept, note } : undefined;
    const done = (['undone', 'added', 'added-before', 'again'] as const).find((name) =>
      visit.fields.has(name),
    );
    const mayWrite = visit.visitor.role === 'clinician' && !outOfUse(chart.view.patient);
    return show({ chart, saved, done, mayWrite, issuer: services.issuer });
  },
  /** Undo: what was saved at once is taken back at once. */
  post: async (visit) => {
    const id = patientIdIn(visit.params);
    const report = visit.fields.get('report');
    if (id !== undefined && report !== null) return answerReport(visit, id, report);
    const note = visit.fields.get('undo') ?? '';
    const kept = await visit.notes.take(note);
    if (id === undefined) return { kind: 'nothing' };
    if (!isSaved(kept) || kept.patient !== id) return { kind: 'go', to: `/app/patients/${id}` };
    try {
      await undoSaved(visit.ctx, kept);
    } catch (thrown) {
      // What is taken back twice is taken back once: "Undo" may be pressed again.
      await visit.notes.putBack(note, kept);
      throw thrown;
    }
    return { kind: 'go', to: `/app/patients/${id}?undone=1` };
  },
};

/** The clinic says what became of what the family told. */
async function answerReport({ ctx, fields }: Visit, id: ResourceId, report: string): Promise<Answer> {
  const status = fields.get('status') === 'completed' ? 'completed' : 'rejected';
  const isDone = await answerRecordReport(ctx, { patient: id, task: report }, status);
  // Who presses twice, or after somebody who has said the same, comes to the chart, on which it waits no more.
  const isSo = isDone || (await reportsOf(ctx, id)).some((one) => one.id === report && one.status === status);
  return isSo ? { kind: 'go', to: `/app/patients/${id}` } : { kind: 'nothing' };
}

type Shown = {
  readonly chart: Chart;
  readonly saved: (Saved & { readonly note: string }) | undefined;
  readonly done: 'undone' | 'added' | 'added-before' | 'again' | undefined;
  readonly mayWrite: boolean;
  readonly issuer: string;
};

function show(shown: Shown): Answer {
  const { view } = shown.chart;
  return {
    kind: 'page',
    draw: (drawing) => ({
      title: nameOfPerson(view.patient),
      banner: (
        <PersonBanner
          patient={view.patient}
          day={view.day}
          t={drawing.t}
          eligibility={eligibilityOf(shown.chart, drawing.t)?.words}
          isHead
        />
      ),
      ...(shown.mayWrite &&
        !hasDied(view.patient) && { skip: { to: 'record', text: drawing.t('patient.skip') } }),
      content: <ChartPage shown={shown} {...drawing} />,
    }),
  };
}

function ChartPage({ shown, t, frame }: Drawing & { readonly shown: Shown }): VNode {
  const { chart, saved, done, mayWrite } = shown;
  const { view } = chart;
  const drawn = view.groups.filter(
    ({ doses, shown: series }) =>
      doses.length > 0 || series?.status === 'overdue' || series?.status === 'due',
  );
  return (
    <>
      <PrintHead
        title={t('patient.history')}
        issuer={shown.issuer}
        patient={view.patient}
        day={view.day}
        t={t}
      />
      {saved && <SavedNotice saved={saved} csrf={frame.csrf} t={t} />}
      {done && <Notice kind="good">{t(`patient.${done}`)}</Notice>}
      <ChartAlerts chart={chart} t={t} />
      {chart.reports.length > 0 && <Reports chart={chart} mayWrite={mayWrite} csrf={frame.csrf} t={t} />}
      <div class="beside">
        {mayWrite ? <Giving chart={chart} t={t} /> : <div />}
        <div class="stack">
          {chart.plan && <PlanCards plan={chart.plan} view={chart.view} t={t} />}
          <Before chart={chart} t={t} />
        </div>
      </div>
      <section class="card screen-only">
        <h2>{t('timeline.title')}</h2>
        {view.patient.birthDate !== undefined && (
          <Timeline groups={drawn} birthDate={view.patient.birthDate} day={view.day} t={t} />
        )}
      </section>
      <section class="card">
        <div class="head-row">
          <h2>{t('patient.history')}</h2>
          {mayWrite && <a href={`/app/patients/${chart.id}/doses/new?kind=past`}>{t('patient.past')}</a>}
        </div>
        <HistoryGrid groups={view.groups.filter(({ doses }) => doses.length > 0)} t={t} forStaff />
        <NotGiven of={view.notGiven} t={t} />
        <div class="actions screen-only">
          <a class="button" href={`/app/record/${chart.id}/print`}>
            {t('record.print')}
          </a>
          <a class="button" href={`/app/record/${chart.id}/print/school`}>
            {t('record.print-school')}
          </a>
        </div>
      </section>
    </>
  );
}

function Reports({
  chart,
  mayWrite,
  csrf,
  t,
}: {
  readonly chart: Chart;
  readonly mayWrite: boolean;
  readonly csrf: string;
  readonly t: Translate;
}): VNode {
  return (
    <section class="card screen-only">
      <h2>{t('report.chart')}</h2>
      <ul class="lines">
        {chart.reports.map((task) => (
          <li key={task.id}>
            <p>{t('report.line', { date: formatDayOf(t, task.authoredOn ?? ''), text: saidIn(t, task) })}</p>
            {mayWrite && (
              <PostForm action={`/app/patients/${chart.id}`} csrf={csrf} hidden={{ report: task.id ?? '' }}>
                <div class="actions">
                  <button class="button" type="submit" name="status" value="completed">
                    {t('report.done')}
                  </button>
                  <button class="button" type="submit" name="status" value="rejected">
                    {t('report.reject')}
                  </button>
                </div>
              </PostForm>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function SavedNotice({
  saved,
  csrf,
  t,
}: {
  readonly saved: Saved & { readonly note: string };
  readonly csrf: string;
  readonly t: Translate;
}): VNode {
  return (
    <Notice kind="good">
      <PostForm action={`/app/patients/${saved.patient}`} csrf={csrf} hidden={{ undo: saved.note }}>
        <p>
          {saved.isRefusal ? t('patient.noted') : t.count('patient.saved', saved.ids.length)}{' '}
          {saved.vaccines
            .map(({ title, maker }) =>
              maker === undefined ? vaccineWords(t, title) : `${vaccineWords(t, title)}, ${maker}`,
            )
            .join('; ')}
          .{' '}
          <button class="link-button" type="submit">
            {t('patient.undo')}
          </button>
        </p>
      </PostForm>
    </Notice>
  );
}

function Before({ chart, t }: { readonly chart: Chart; readonly t: Translate }): VNode {
  const { facts } = chart.view;
  const eligibility = eligibilityOf(chart, t);
  return (
    <section class="card">
      <h2>{t('patient.before')}</h2>
      <ul class="plain-list">
        {facts.length === 0 && <li>{t('patient.no-facts')}</li>}
        {facts.map(({ type, text, date }) => (
          <li key={`${type} ${text} ${date}`}>
            <b>{text}</b>
            {date !== undefined && ` (${formatDate(t, date)})`}
          </li>
        ))}
        <li>
          {eligibility
            ? t('patient.eligibility-on', { date: formatDate(t, eligibility.date), words: eligibility.words })
            : t('patient.no-eligibility')}
        </li>
      </ul>
    </section>
  );
}

/** What was written down at the last dose that says it. */
export function eligibilityOf(
  { view }: Chart,
  t: Translate,
): { readonly code: string; readonly words: string; readonly date: string } | undefined {
  const told = view.groups
    .flatMap(({ doses }) => doses)
    .flatMap(({ date, resource }) => {
      const coding = resource.programEligibility?.[0]?.coding?.[0];
      return date === undefined || coding?.code === undefined
        ? []
        : [{ date, code: coding.code, display: coding.display }];
    })
    .sort((one, other) => other.date.localeCompare(one.date));
  const [last] = told;
  if (!last) return undefined;
  const key = parseTextKey(`eligibility.${last.code}`);
  return { code: last.code, date: last.date, words: key ? t(key) : (last.display ?? last.code) };
}
