import type { Task } from 'fhir/r4.js';
import type { VNode } from 'preact';
import type { InteractionContext } from '../../interaction/context.ts';
import { searchResources } from '../../interaction/search-resources.ts';
import type { RecordView } from '../../registry/forecasting/record-view/record-view.ts';
import { reportSearch } from '../../registry/record-reports/report-record.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { formatDate, formatDayOf } from '../format-date.ts';
import { staffRoles } from '../navigation.ts';
import { Sign, statusLooks } from '../parts/sign.tsx';
import { firstNameOf, nameOfPerson } from '../person-words.ts';
import { type Drawing, sitePage } from '../site/site-page.ts';
import type { Translate } from '../translate.ts';
import { saidIn } from './record/report-page.tsx';
import { type WorkTile, WorkTiles, workTiles } from './work-tiles.tsx';

type Home = {
  /** By the ids that the visitor has for them. */
  readonly people: readonly { readonly id: string; readonly view: RecordView }[];
  /** What families told that waits; absent for who looks nobody up. */
  readonly reports?: readonly Task[];
  readonly work: readonly WorkTile[];
};

/** So many tiles are read at a glance. */
const mostTiles = 4;

/** Where a session begins: the people whom one looks after, or the work that waits. */
export const homePage = sitePage({
  path: '/app',
  name: 'home',
  parse: () => ({}),
  load: async (visit, _asked, services): Promise<Home> => {
    const { ctx, visitor } = visit;
    const people: Home['people'][number][] = [];
    for (const id of visitor.ownPersons.slice(0, mostTiles))
      people.push({ id, view: await services.recordView(ctx, id as ResourceId) });
    const isStaff = staffRoles.includes(visitor.role);
    const work = await workTiles(visit, mostTiles - people.length - (isStaff ? 2 : 0), services);
    return { people, work, ...(isStaff && { reports: await waitingReports(ctx) }) };
  },
  view: (home, drawing) => ({
    title: drawing.t('home.title'),
    content: <HomeTiles home={home} {...drawing} />,
  }),
});

async function waitingReports(ctx: InteractionContext): Promise<readonly Task[]> {
  const asked = [
    ...reportSearch,
    ['status', 'requested'],
    ['_sort', 'authored-on'],
    ['_count', '10'],
  ] as const;
  const { matches } = await searchResources(ctx, ['Task'], asked, 'strict');
  return matches.map(({ text }) => JSON.parse(text) as Task);
}

function HomeTiles({ home, t }: Drawing & { readonly home: Home }): VNode {
  const { people, reports, work } = home;
  const shown = people.length + (reports ? 2 : 0) + work.length;
  const isEmpty = shown === 0;
  return (
    <>
      <h1>{t('home.title')}</h1>
      {isEmpty && (
        <section class="card">
          <p>{t('home.none')}</p>
        </section>
      )}
      <div class="tiles">
        {people.map(({ id, view }) => (
          <PersonTile key={id} id={id} view={view} t={t} />
        ))}
        {reports && <FindTile t={t} />}
        <WorkTiles tiles={work} t={t} />
        {reports && <ReportsTile reports={reports} t={t} />}
      </div>
    </>
  );
}

function PersonTile({ id, view, t }: Home['people'][number] & { readonly t: Translate }): VNode {
  const { patient, groups, schedule } = view;
  const person = firstNameOf(patient);
  const needed = groups.filter(({ shown }) => shown?.status === 'overdue' || shown?.status === 'due');
  const worst = needed.some(({ shown }) => shown?.status === 'overdue') ? 'overdue' : 'due';
  const status = !schedule ? 'unknown' : needed.length === 0 ? 'complete' : worst;
  const look = statusLooks[status];
  const words = !schedule
    ? t('home.unknown', { person })
    : needed.length === 0
      ? t('home.fine', { person })
      : t.count('home.needs', needed.length, { person });
  return (
    <section class="card">
      <h2 class="tile-head">
        <Sign of={look.sign} tone={look.tone} />
        <a href={`/app/record/${id}`}>{words}</a>
      </h2>
      <p class="quiet">
        <bdi>{nameOfPerson(patient)}</bdi>
        {patient.birthDate !== undefined &&
          `. ${t('person.born', { date: formatDate(t, patient.birthDate) })}`}
      </p>
    </section>
  );
}

function FindTile({ t }: { readonly t: Translate }): VNode {
  return (
    <section class="card">
      <h2>
        <a href="/app/patients">{t('home.find')}</a>
      </h2>
      <p>{t('home.find-text')}</p>
    </section>
  );
}

function ReportsTile({ reports, t }: { readonly reports: readonly Task[]; readonly t: Translate }): VNode {
  if (reports.length === 0) {
    return (
      <section class="card">
        <h2>{t('home.no-reports')}</h2>
      </section>
    );
  }
  return (
    <section class="card">
      <h2>{t.count('home.reports', reports.length)}</h2>
      <p>{t('home.reports-text')}</p>
      <ul class="lines">
        {reports.map((task) => (
          <li key={task.id}>
            <a href={`/app/patients/${task.for?.reference?.replace('Patient/', '')}`}>
              {t('report.line', { date: formatDayOf(t, task.authoredOn ?? ''), text: saidIn(t, task) })}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
