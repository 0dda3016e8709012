import type { Paper, PaperSection } from '../../../pages/paper.ts';
import type { DoseView, GroupView } from '../../../registry/forecasting/record-view/record-view.ts';
import { formatDate } from '../../format-date.ts';
import type { Card } from '../../health-cards.ts';
import { factsOf, signWords } from '../../parts/print-parts.tsx';
import { healthCardPng } from '../../parts/qr-code.tsx';
import { nameOfPerson } from '../../person-words.ts';
import type { Translate } from '../../translate.ts';
import { uncountedWords } from '../../uncounted.ts';
import { doseDate, groupCode, groupName, markWords } from '../../words.ts';
import type { OwnRecord } from './load-record.ts';
import { schoolHead, schoolRows } from './school-form.ts';
import { sourceWords } from './source-words.ts';

/** Doses of a row; of more a second row tells. */
const perRow = 5;
/** More codes than these leave no room for words. */
const mostCodes = 2;

/** The official record: every dose, and no advice. */
export function toRecordPaper(own: OwnRecord, cards: readonly Card[], t: Translate): Paper {
  const groups = own.view.groups.filter(({ doses }) => doses.length > 0);
  const numbers = Array.from({ length: perRow }, (_, nth) => t('grid.dose', { number: nth + 1 }));
  return {
    ...headOf(own, t('record.official'), t),
    codes: (cards.length <= mostCodes ? cards : []).map(({ text, doses }) => ({
      png: healthCardPng(text),
      label: t('share.image', { count: doses.length }),
    })),
    table: {
      head: [t('grid.vaccine'), ...numbers],
      rows: groups.flatMap((group) => rowsOf(group, t)),
      widths: [1.5, 1, 1, 1, 1, 1],
    },
    sections: [sourceOf(own, t)],
  };
}

function rowsOf({ group, doses }: GroupView, t: Translate): readonly (readonly string[])[] {
  const name = [groupName(t, group), groupCode(group)].filter(Boolean).join('\n');
  const rows: (readonly string[])[] = [];
  for (let from = 0; from < doses.length; from += perRow) {
    rows.push([name, ...doses.slice(from, from + perRow).map((dose) => doseWords(dose, t))]);
  }
  return rows;
}

function doseWords(dose: DoseView, t: Translate): string {
  return [doseDate(t, dose), markWords(t, dose)].filter(Boolean).join('\n');
}

export function toSchoolPaper(own: OwnRecord, t: Translate): Paper {
  const undated = uncountedWords(t, own.view);
  return {
    ...headOf(own, t('school.title'), t),
    codes: [],
    table: {
      head: schoolHead(t),
      rows: schoolRows(own, t).map(({ group, dates, status, exemptions }) => [
        group,
        dates,
        t(`status.${status}`),
        exemptions,
      ]),
      widths: [1.4, 2, 1, 1],
    },
    sections: [
      ...(undated === undefined ? [] : [{ text: undated }]),
      { text: t('school.note') },
      sourceOf(own, t),
    ],
  };
}

function headOf({ view, issuer }: OwnRecord, title: string, t: Translate) {
  return {
    language: t.language,
    title,
    issuer,
    issued: t('print.issued', { issuer, date: formatDate(t, view.day) }),
    person: nameOfPerson(view.patient),
    facts: factsOf(t, view.patient),
    sign: signWords(t),
    pageWords: t('print.page'),
  };
}

function sourceOf({ view }: OwnRecord, t: Translate): PaperSection {
  return { heading: t('record.source'), text: sourceWords(view, t) };
}
