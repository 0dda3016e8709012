import type { AuditEvent } from 'fhir/r4.js';
import type { InteractionContext } from '../../../interaction/context.ts';
import { withinDays } from '../../../interaction/local-days.ts';
import type { ParameterList } from '../../../interaction/parse-query.ts';
import { parsePartialDate } from '../../../values/partial-date.ts';
import { parseResourceId } from '../../../values/resource-id.ts';
import { actorWords, interactionWords, reasonWords } from '../../audit-words.ts';
import { escapeValue } from '../../escape-value.ts';
import { formatMoment } from '../../format-date.ts';
import { type Fault, Faults } from '../../parts/faults.tsx';
import { type Column, Filters, List } from '../../parts/list.tsx';
import { type ListQuery, parseListQuery } from '../../parts/list-query.ts';
import { csvOf } from '../../parts/whole-csv.ts';
import { roleName } from '../../role-name.ts';
import { type Found, searchPageOf } from '../../site/search-page.ts';
import { sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { AdminTabs, auditRoles } from './admin-tabs.tsx';

const path = '/app/admin/audit';
const origin = 'https://jenner-iis.org/fhir/CodeSystem/audit-origin|server';

type Row = {
  readonly id: string;
  readonly when: string;
  readonly who: string;
  readonly role?: string;
  readonly app?: string;
  readonly place?: string;
  readonly what: string;
  readonly people: readonly string[];
  readonly outcome: string;
  readonly from?: string;
  readonly why?: string;
};

type Listed = { readonly query: ListQuery; readonly found: Found<Row>; readonly faults: readonly string[] };

/** Who saw and did what. It is read, and never changed; that it was read is told in it too. */
export const auditPage = sitePage({
  path,
  name: 'admin-audit',
  roles: auditRoles,
  parse: ({ fields }) => parseListQuery(fields, { filters: ['who', 'person', 'from', 'to', 'outcome'] }),
  load: async ({ ctx }, query): Promise<Listed> => {
    const faults = faultsIn(query);
    if (faults.length > 0) return { query, faults, found: { rows: [], isCut: false } };
    const found = await searchPageOf(
      ctx,
      'AuditEvent',
      { query, criteria: criteriaOf(ctx, query) },
      (event) => toRow(event as AuditEvent),
    );
    return { query, found, faults };
  },
  view: ({ query, found, faults }, { t, frame }) => ({
    title: t('admin.audit'),
    content: (
      <>
        <Faults faults={faults.map((field): Fault => ({ field, text: faultWords(t, field) }))} t={t} />
        <AdminTabs here="audit" role={frame.user?.role} t={t} />
        <div class="page-head">
          <h1>{t('admin.audit')}</h1>
          <p class="quiet">{t('audit.text')}</p>
        </div>
        <section class="card">
          <Filters path={path} query={query} fields={filtersOf(t)} t={t} />
          <List
            caption={t('admin.audit')}
            columns={columns(t)}
            rows={found.rows}
            keyOf={({ id }) => id}
            path={path}
            query={query}
            next={found.next}
            empty={<p>{t('audit.none')}</p>}
            t={t}
          />
        </section>
      </>
    ),
  }),
  csv: ({ found }, t) => csvOf(t, columns(t), found),
});

function faultsIn({ filters }: ListQuery): readonly string[] {
  const { person, from, to } = filters;
  return [
    ...(person !== undefined && parseResourceId(person) === undefined ? ['person'] : []),
    ...(from !== undefined && !parsePartialDate(from) ? ['from'] : []),
    ...(to !== undefined && !parsePartialDate(to) ? ['to'] : []),
  ];
}

function faultWords(t: Translate, field: string): string {
  return t(field === 'person' ? 'audit.fault-person' : 'audit.fault-date');
}

function criteriaOf(ctx: InteractionContext, { filters }: ListQuery): ParameterList {
  const { who, person, from, to, outcome } = filters;
  return [
    ['_tag', origin],
    ...(who === undefined ? [] : [['agent-name', escapeValue(who)] as const]),
    ...(person === undefined ? [] : [['patient', `Patient/${person}`] as const]),
    ...withinDays(ctx, { from, to }),
    ...(outcome === undefined ? [] : [['outcome', outcome === 'done' ? '0' : '4,8,12'] as const]),
  ];
}

function toRow(event: AuditEvent): Row {
  const { id = '', recorded, agent, subtype = [], entity = [], outcome = '', purposeOfEvent = [] } = event;
  const user = agent.find(({ altId }) => altId !== undefined);
  const [source] = agent;
  const app = source?.who?.display;
  const place = agent.find(({ who }) => who?.reference?.startsWith('Organization/'))?.who?.reference;
  const role = user?.role?.[0]?.coding?.[0]?.code;
  const from = source?.network?.address;
  const [first] = subtype;
  const why = purposeOfEvent[0]?.text ?? purposeOfEvent[0]?.coding?.[0]?.code;
  return {
    id,
    when: recorded,
    who: user?.name ?? app ?? '',
    ...(role !== undefined && { role }),
    ...(user && app !== undefined && { app }),
    ...(place !== undefined && { place: place.replace('Organization/', '') }),
    what: first?.display ?? first?.code ?? '',
    people: entity.flatMap(({ what }) => /^Patient\/([^/]+)$/.exec(what?.reference ?? '')?.[1] ?? []),
    outcome,
    ...(from !== undefined && { from }),
    ...(why !== undefined && { why }),
  };
}

function filtersOf(t: Translate) {
  return [
    { name: 'who', label: t('audit.who-filter') },
    { name: 'person', label: t('audit.person-filter') },
    { name: 'from', label: t('audit.from') },
    { name: 'to', label: t('audit.to') },
    {
      name: 'outcome',
      label: t('audit.outcome'),
      options: [
        ['', t('admin.all')],
        ['done', t('audit.done')],
        ['refused', t('audit.refused')],
      ],
    },
  ] as const;
}

/** Of a list of hundreds the first few stand there. */
const mostPeople = 5;

function peopleWords(t: Translate, people: readonly string[]): string {
  const more = people.length - mostPeople;
  const shown = people.slice(0, mostPeople).join(', ');
  return more > 0 ? t('audit.and-more', { shown, count: more }) : shown;
}

function columns(t: Translate): readonly [Column<Row>, ...Column<Row>[]] {
  const outcome = (row: Row) => t(row.outcome === '0' ? 'audit.done' : 'audit.refused');
  const role = (row: Row) => (row.role === undefined ? '' : roleName(t, row.role));
  return [
    {
      key: 'when',
      head: t('audit.when'),
      cell: ({ when }) => formatMoment(t, when, 'second'),
      text: ({ when }) => when,
    },
    {
      key: 'who',
      head: t('audit.who'),
      cell: ({ who }) => actorWords(t, who),
      text: ({ who }) => who,
    },
    { key: 'role', head: t('admin.role'), cell: role, text: role },
    {
      key: 'what',
      head: t('audit.what'),
      cell: (row) => interactionWords(t, row.what),
      text: (row) => row.what,
    },
    {
      key: 'people',
      head: t('audit.people'),
      cell: ({ people }) => peopleWords(t, people),
      text: ({ people }) => people.join(' '),
    },
    {
      key: 'why',
      head: t('audit.why'),
      cell: ({ why = '' }) => reasonWords(t, why),
      text: ({ why = '' }) => why,
    },
    { key: 'outcome', head: t('audit.outcome'), cell: outcome, text: outcome },
    {
      key: 'place',
      head: t('admin.place'),
      cell: ({ place = '' }) => place,
      text: ({ place = '' }) => place,
    },
    { key: 'app', head: t('audit.app'), cell: ({ app = '' }) => app, text: ({ app = '' }) => app },
    { key: 'from', head: t('audit.address'), cell: ({ from = '' }) => from, text: ({ from = '' }) => from },
  ];
}
