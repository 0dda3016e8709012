import type { VNode } from 'preact';
import { type Card, issueHealthCards } from '../../health-cards.ts';
import { StatusChip } from '../../parts/chip.tsx';
import { HistoryGrid } from '../../parts/history-grid.tsx';
import { PrintFoot, PrintHead } from '../../parts/print-parts.tsx';
import { HealthCardCode } from '../../parts/qr-code.tsx';
import { type Drawing, sitePage } from '../../site/site-page.ts';
import type { Translate } from '../../translate.ts';
import { uncountedWords } from '../../uncounted.ts';
import { loadOwnRecord, type OwnRecord, printedPersonIn } from './load-record.ts';
import { Source } from './record-page.tsx';
import { schoolHead, schoolRows } from './school-form.ts';

/** The official record as it is on paper: what was given and what counts, and no advice. */
export const printRecordPage = sitePage({
  path: '/app/record/:id/print',
  name: 'print record',
  parse: printedPersonIn,
  load: async (visit, id, services) => {
    const own = await loadOwnRecord(visit, id, services);
    // Who does not share a code may print without: the card is made for this paper.
    const cards = await issueHealthCards(visit.ctx, id, services.operations);
    return { own, cards: cards ?? [] };
  },
  view: ({ own, cards }, { t }) => ({
    title: t('record.official'),
    ...recordOf(own),
    isPaper: true,
    content: (
      <>
        <HowToPrint own={own} file="print/file" t={t} />
        <section class="card">
          <PrintHead
            title={t('record.official')}
            issuer={own.issuer}
            patient={own.view.patient}
            day={own.view.day}
            t={t}
            code={cards.length > 0 && cards.length <= inHead ? codesOf(cards, t) : undefined}
          />
          <h1 class="out-of-sight">{t('record.official')}</h1>
          <HistoryGrid groups={own.view.groups.filter(({ doses }) => doses.length > 0)} t={t} isRecord />
          {cards.length > inHead && codesOf(cards, t)}
          <Source view={own.view} t={t} />
          <PrintFoot t={t} />
        </section>
      </>
    ),
  }),
});

/** What a school asks for. */
export const printSchoolPage = sitePage({
  path: '/app/record/:id/print/school',
  name: 'print school form',
  parse: printedPersonIn,
  load: loadOwnRecord,
  view: (own, { t }) => ({
    title: t('school.title'),
    ...recordOf(own),
    isPaper: true,
    content: (
      <>
        <HowToPrint own={own} file="print/school/file" t={t} />
        <section class="card">
          <PrintHead
            title={t('school.title')}
            issuer={own.issuer}
            patient={own.view.patient}
            day={own.view.day}
            t={t}
          />
          <h1 class="out-of-sight">{t('school.title')}</h1>
          <SchoolTable own={own} t={t} />
          <Uncounted own={own} t={t} />
          <p class="quiet">{t('school.note')}</p>
          <PrintFoot t={t} />
        </section>
      </>
    ),
  }),
});

/** The bar of the family leads to the other pages of the record. */
function recordOf({ path, id }: OwnRecord): { readonly record?: string } {
  return path.startsWith('/app/record/') ? { record: id } : {};
}

/** More codes than these stand below the doses. */
const inHead = 2;

/** The doses that they tell stand in the table. */
function codesOf(cards: readonly Card[], t: Translate): VNode {
  return (
    <div class="print-codes">
      {cards.map((card, nth) => (
        <div key={card.text}>
          <HealthCardCode card={card.text} label={t('share.image', { count: card.doses.length })} />
          <p class="caption">{t('share.code', { number: nth + 1, count: cards.length })}</p>
        </div>
      ))}
    </div>
  );
}

type OwnProps = Pick<Drawing, 't'> & { readonly own: OwnRecord };

function HowToPrint({ own, file, t }: OwnProps & { readonly file: string }): VNode {
  return (
    <div class="screen-only stack">
      <p>
        <span class="by-keyboard">{t('record.how-to-print')}</span> <a href={own.path}>{t('record.back')}</a>
      </p>
      <p>
        <a class="button short" href={`/app/record/${own.id}/${file}`}>
          {t('record.save-pdf')}
        </a>
      </p>
    </div>
  );
}

/** A school is told of what is there and stands in no row as given. */
function Uncounted({ own, t }: OwnProps): VNode | null {
  const words = uncountedWords(t, own.view);
  return words === undefined ? null : <p>{words}</p>;
}

function SchoolTable({ own, t }: OwnProps): VNode {
  return (
    <div class="as-cards">
      <table role="table">
        <thead>
          <tr role="row">
            {schoolHead(t).map((words) => (
              <th key={words} scope="col" role="columnheader">
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {schoolRows(own, t).map(({ group, dates, status, exemptions }) => (
            <tr role="row" key={group}>
              <th scope="row" role="rowheader">
                {group}
              </th>
              <td role="cell">{dates}</td>
              <td role="cell">
                <StatusChip of={status} t={t} />
              </td>
              <td role="cell">{exemptions}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
