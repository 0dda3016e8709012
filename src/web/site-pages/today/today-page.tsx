import type { VNode } from 'preact';
import type { RoleName } from '../../../access/role-name.ts';
import { formatEpochDay } from '../../../values/epoch-day.ts';
import { formatDate } from '../../format-date.ts';
import { StatusChip } from '../../parts/chip.tsx';
import { type Column, List } from '../../parts/list.tsx';
import { type ListQuery, parseListQuery } from '../../parts/list-query.ts';
import { csvOf } from '../../parts/whole-csv.ts';
import { nameOfPerson, parentOf, phoneOf } from '../../person-words.ts';
import { sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { exactAge, groupName } from '../../words.ts';
import { loadOverdue, type Overdue, type OverdueRow } from './load-overdue.ts';

const path = '/app/today';

/** Who works where people are vaccinated. */
export const clinicRoles: readonly RoleName[] = ['clinician', 'vaccine-coordinator', 'site-administrator'];

/** Whom a clinic should see: the registry keeps no appointments, so those of its people who are overdue. */
export const todayPage = sitePage({
  path,
  name: 'today',
  roles: clinicRoles,
  parse: ({ fields }) => parseListQuery(fields, { sorts: ['age'] }),
  load: async (visit, query, services) => ({
    query,
    day: formatEpochDay(visit.ctx.clock.today()),
    overdue: await loadOverdue(visit, query, services),
  }),
  view: ({ query, day, overdue }, { t }) => ({
    title: t('today.title'),
    content: <Today query={query} day={day} overdue={overdue} t={t} />,
  }),
  csv: ({ overdue, day }, t) => csvOf(t, columns(t, day), overdue),
});

type TodayProps = {
  readonly query: ListQuery;
  readonly day: string;
  readonly overdue: Overdue;
  readonly t: Translate;
};

function Today({ query, day, overdue: { rows, next, looked }, t }: TodayProps): VNode {
  const [first] = rows;
  return (
    <>
      <div class="page-head">
        <h1>{t('today.title')}</h1>
        <p>{formatDate(t, day)}</p>
        <p class="quiet">{t('today.text')}</p>
      </div>
      {first && (
        <p class="screen-only">
          <a class="button primary" href={`/app/patients/${first.patient.id}`}>
            {t('today.open-next')}
          </a>
        </p>
      )}
      <section class="card">
        {looked > 0 && rows.length === 0 && next !== undefined && <p>{t('today.none-here')}</p>}
        <List
          caption={t('today.title')}
          columns={columns(t, day)}
          rows={rows}
          keyOf={({ patient }) => patient.id ?? ''}
          path={path}
          query={next !== undefined && rows.length === 0 ? { ...query, after: query.after ?? '' } : query}
          next={next}
          empty={<p>{t('today.none')}</p>}
          t={t}
        />
        <p class="quiet small">{t.count('today.looked', looked)}</p>
      </section>
    </>
  );
}

function columns(t: Translate, day: string): readonly [Column<OverdueRow>, ...Column<OverdueRow>[]] {
  const names = (groups: readonly string[]) => groups.map((group) => groupName(t, group)).join(', ');
  const contact = ({ patient }: OverdueRow) => parentOf(patient) ?? phoneOf(patient) ?? '';
  return [
    {
      key: 'name',
      head: t('today.who'),
      cell: ({ patient }) => (
        <a href={`/app/patients/${patient.id}`}>
          <bdi>{nameOfPerson(patient)}</bdi>
        </a>
      ),
      text: ({ patient }) => nameOfPerson(patient),
    },
    {
      key: 'age',
      head: t('today.age'),
      cell: ({ patient }) =>
        [patient.birthDate && formatDate(t, patient.birthDate), exactAge(t, patient.birthDate, day)]
          .filter(Boolean)
          .join(' · '),
      text: ({ patient }) => patient.birthDate ?? '',
      isSortable: true,
    },
    {
      key: 'overdue',
      head: t('today.overdue'),
      cell: ({ overdue }) => (
        <>
          <StatusChip of="overdue" t={t} /> {names(overdue)}
        </>
      ),
      text: ({ overdue }) => names(overdue),
    },
    {
      key: 'due',
      head: t('today.due'),
      cell: ({ due }) => names(due),
      text: ({ due }) => names(due),
    },
    { key: 'contact', head: t('today.contact'), cell: contact, text: contact },
  ];
}
