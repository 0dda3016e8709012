import type { Immunization, Patient } from 'fhir/r4.js';
import type { VNode } from 'preact';
import type {
  DoseMark,
  DoseReason,
  DoseView,
  GroupView,
  SeriesView,
} from '../../registry/forecasting/record-view/record-view.ts';
import { type StatusCode, statusCodes } from '../../registry/forecasting/vaccine-status.ts';
import { Field } from '../form-parts.tsx';
import { BarTable } from '../parts/bar-table.tsx';
import { Chip, StatusChip } from '../parts/chip.tsx';
import { toCsv } from '../parts/csv.ts';
import { Faults, faultAt } from '../parts/faults.tsx';
import { Gauge } from '../parts/gauge.tsx';
import { HistoryGrid } from '../parts/history-grid.tsx';
import { type Column, Filters, List } from '../parts/list.tsx';
import { type ListQuery, parseListQuery } from '../parts/list-query.ts';
import { PersonBanner } from '../parts/person-banner.tsx';
import { PrintFoot, PrintHead } from '../parts/print-parts.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { type Drawing, sitePage } from '../site/site-page.ts';
import type { Translate } from '../translate.ts';
import { groupName } from '../words.ts';

/** Every part that pages are made of, on one page of the demo: where it is looked at, and tested. */
export const partsPage = sitePage({
  path: '/app/_parts',
  name: 'parts',
  parse: ({ fields }) => parseListQuery(fields, { filters: ['of'], sorts: ['name', 'count'] }),
  load: async (_visit, query, { showsParts }) => (showsParts ? query : undefined),
  view: (query, { t }) => ({
    title: t('parts.title'),
    banner: <PersonBanner patient={patient} day={day} t={t} eligibility="VFC" />,
    content: <Parts query={query} t={t} />,
  }),
  csv: (query, t) => toCsv(columns(t), rowsOf(query)),
});

const day = '2026-11-28';

const patient: Patient = {
  resourceType: 'Patient',
  id: 'p-1',
  name: [{ use: 'official', family: 'Kowalski', given: ['Miles', 'Liam'] }],
  gender: 'male',
  birthDate: '2024-09-28',
  identifier: [{ use: 'official', value: 'R000005' }],
  contact: [
    {
      name: { family: 'Kowalski', given: ['Madison'] },
      telecom: [{ system: 'phone', value: '617-555-0112' }],
    },
  ],
};

function dose(date: string, mark: DoseMark = 'counts', reason?: DoseReason): DoseView {
  const resource = { resourceType: 'Immunization', lotNumber: 'A1234', primarySource: true } as Immunization;
  const id = `i-${date}`;
  const reference = `Immunization/${id}`;
  return { id, reference, date, mark, vaccine: 'Pentacel', resource, ...(reason && { reason }) };
}

function series(status: StatusCode, more: Partial<SeriesView> = {}): SeriesView {
  const shown = {
    series: status,
    status,
    antigensNeeded: [],
    vaccines: [],
    contraindicated: [],
    because: [],
  };
  return { ...shown, ...more };
}

const window = { earliest: '2025-05-19', recommended: '2025-05-26', pastDue: '2025-06-27' };

const groups: readonly GroupView[] = [
  {
    group: 'DTaP/Tdap/Td',
    shown: series('overdue', { since: '2025-06-28', dates: window, doseNumber: 3 }),
    others: [series('later', { series: 'Tdap', from: '2035-09-28' })],
    doses: [
      { ...dose('2025-01-15', 'counts', 'too-young'), countsFor: ['Diphtheria', 'Tetanus'] },
      dose('2025-04-21'),
    ],
  },
  {
    group: 'MMR',
    shown: series('due', { dates: { ...window, recommended: '2026-11-28' } }),
    others: [],
    doses: [dose('2025-08-29', 'not', 'too-young'), dose('2025-09-30')],
  },
  {
    group: 'Influenza',
    shown: series('complete'),
    others: [],
    doses: [
      ...['2019', '2020', '2021', '2022', '2023', '2024-10', '2025-10-01'].map((date) => dose(date)),
      dose('2026-09-14', 'extra', 'series-already-complete'),
    ],
  },
  {
    group: 'HepA',
    shown: series('can', {
      dates: { earliest: '2026-10-01', recommended: '2027-02-01' },
      from: '2027-02-01',
    }),
    others: [],
    doses: [dose('2026-03-28', 'weak', 'partial'), dose('2019-05', 'unjudged', 'no-date')],
  },
  { group: 'other', others: [], doses: [dose('2020', 'unjudged', 'no-code')] },
];

type Item = { readonly name: string; readonly count: number };

const items: readonly Item[] = [
  { name: 'Pentacel', count: 14 },
  { name: 'M-M-R II', count: 31 },
  { name: 'Varivax', count: 77 },
];

function columns(t: Translate): readonly [Column<Item>, ...Column<Item>[]] {
  return [
    {
      key: 'name',
      head: t('grid.vaccine'),
      cell: ({ name }) => name,
      text: ({ name }) => name,
      isSortable: true,
    },
    {
      key: 'count',
      head: t('parts.of'),
      cell: ({ count }) => count,
      text: ({ count }) => String(count),
      isSortable: true,
      isNumber: true,
    },
  ];
}

function rowsOf({ sort = 'name', filters }: ListQuery): readonly Item[] {
  const asked = items.filter(({ name }) => name.toLowerCase().includes((filters['of'] ?? '').toLowerCase()));
  const by = sort.replace('-', '') === 'count' ? 'count' : 'name';
  const sorted = [...asked].sort((one, other) => (one[by] < other[by] ? -1 : 1));
  return sort.startsWith('-') ? sorted.reverse() : sorted;
}

function Parts({ query, t }: { readonly query: ListQuery; readonly t: Translate }): VNode {
  const faults = [{ field: 'lot', text: t('parts.fault') }];
  return (
    <>
      <Faults faults={faults} t={t} />
      <div class="page-head">
        <h1>{t('parts.title')}</h1>
        <p class="quiet">{t('parts.text')}</p>
      </div>
      <Section id="chips" title={t('parts.statuses')}>
        <ul class="legend">
          {([...statusCodes, 'unknown'] as const).map((status) => (
            <li key={status}>
              <StatusChip of={status} t={t} />
            </li>
          ))}
        </ul>
      </Section>
      <Section id="grid" title={t('parts.grid')}>
        <HistoryGrid groups={groups} t={t} />
      </Section>
      <Section id="staff-grid" title={t('parts.staff-grid')}>
        <HistoryGrid groups={groups.slice(0, 2)} t={t} forStaff />
      </Section>
      <Section id="timeline" title={t('timeline.title')}>
        <Timeline groups={groups} birthDate="2024-09-28" day={day} t={t} />
      </Section>
      <Section id="bars" title={t('parts.bars')}>
        <Bars t={t} />
      </Section>
      <Section id="gauge" title={t('parts.gauge')}>
        <Gauges t={t} />
      </Section>
      <Section id="list" title={t('parts.list')}>
        <Filters path="/app/_parts" query={query} fields={[{ name: 'of', label: t('grid.vaccine') }]} t={t} />
        <List
          caption={t('parts.list')}
          columns={columns(t)}
          rows={rowsOf(query)}
          keyOf={({ name }) => name}
          path="/app/_parts"
          query={query}
          empty={<p>{t('timeline.none')}</p>}
          t={t}
        />
      </Section>
      <Section id="faults" title={t('parts.faults')}>
        <Field name="lot" label={t('parts.lot')} fault={faultAt(faults, 'lot')} />
      </Section>
      <section class="card paper" id="paper">
        <h2>{t('parts.paper')}</h2>
        <PrintHead title={t('parts.paper')} issuer="Jenner" patient={patient} day={day} t={t} />
        <HistoryGrid groups={groups.slice(0, 3)} t={t} isRecord />
        <PrintFoot t={t} />
      </section>
    </>
  );
}

function Section({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children: VNode | VNode[];
}): VNode {
  return (
    <section class="card" id={id}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Bars({ t }: Pick<Drawing, 't'>): VNode {
  return (
    <>
      <BarTable
        caption={t('parts.bars')}
        heads={[t('grid.vaccine'), t('parts.percent'), t('parts.of')]}
        rows={[
          { name: groupName(t, 'Hib'), percent: 92, count: '320' },
          { name: groupName(t, 'MMR'), percent: 80, second: 88, count: '320' },
          { name: groupName(t, 'Zoster'), count: t('parts.hidden') },
        ]}
        goal={95}
        hidden={t('parts.hidden')}
      />
      <p class="quiet small">{t('parts.goal')}</p>
    </>
  );
}

function Gauges({ t }: Pick<Drawing, 't'>): VNode {
  const gauges = [
    { value: 7, orderPoint: 25, target: 75, days: 4 },
    { value: 45, orderPoint: 48, target: 150, days: 12 },
    { value: 77, orderPoint: 5, target: 15, days: 120 },
  ];
  return (
    <ul class="stack">
      {gauges.map(({ value, orderPoint, target, days }) => (
        <li key={days}>
          <Gauge
            label={t('parts.gauge-label', { value, order: orderPoint, target, days })}
            value={value}
            orderPoint={orderPoint}
            target={target}
            days={days}
          />{' '}
          {days < 14 && (
            <Chip sign={days < 7 ? 'triangle' : 'clock'} tone={days < 7 ? 'overdue' : 'due'}>
              {days}
            </Chip>
          )}
        </li>
      ))}
    </ul>
  );
}
