import type { DoseView, SeriesView } from '../registry/forecasting/record-view/record-view.ts';
import { tableOf } from '../values/table-of.ts';
import { formatDate } from './format-date.ts';
import { parseTextKey, type Translate } from './translate.ts';

/** What a vaccine group is against, as people call it; a group that a newer schedule brings by its own name. */
export function groupName(t: Translate, group: string): string {
  const key = parseTextKey(`group.${group}`);
  return key ? t(key) : group;
}

/** How those who give vaccines write it down; the same in every language. */
const groupCodes: Readonly<Record<string, string>> = tableOf({
  'DTaP/Tdap/Td': 'DTaP, Tdap, Td',
  Polio: 'IPV',
  MMR: 'MMR',
  Varicella: 'VAR',
  HepB: 'HepB',
  HepA: 'HepA',
  Hib: 'Hib',
  Pneumococcal: 'PCV, PPSV',
  Rotavirus: 'RV',
  Influenza: 'IIV, LAIV',
  Meningococcal: 'MenACWY',
  'Meningococcal B': 'MenB',
  Zoster: 'RZV',
});

/** Undefined where it is the name itself. */
export function groupCode(group: string): string | undefined {
  return groupCodes[group];
}

export function diseaseNames(t: Translate, antigens: readonly string[]): string {
  return t.list(
    antigens.map((antigen) => {
      const key = parseTextKey(`antigen.${antigen}`) ?? parseTextKey(`group.${antigen}`);
      return key ? t(key) : antigen;
    }),
  );
}

/** Why a mark is not plainly "counts"; undefined where it is. */
export function markWords(
  t: Translate,
  { mark, reason, countsFor }: Pick<DoseView, 'mark' | 'reason' | 'countsFor'>,
): string | undefined {
  if (countsFor) return t('mark.counts-for', { diseases: diseaseNames(t, countsFor) });
  if (mark === 'counts') return undefined;
  const word = t(`mark.${mark}`);
  return reason === undefined ? word : t('mark.with-reason', { mark: word, reason: t(`reason.${reason}`) });
}

/** The day of a dose as far as it is known. */
export function doseDate(t: Translate, { date }: Pick<DoseView, 'date'>): string {
  return date === undefined ? t('grid.no-date') : formatDate(t, date);
}

/** From when, since when: what stands beside a status; undefined where nothing more is to say. */
export function whenWords(t: Translate, series: SeriesView): string | undefined {
  const { status, since } = series;
  if (status === 'overdue' && since !== undefined) return t('when.since', { date: formatDate(t, since) });
  return status === 'can' ? usualWords(t, series) : aheadWords(t, series);
}

/** "From September 2028": the one day that is told of what lies ahead; undefined where nothing does. */
export function aheadWords(t: Translate, { from, isSoon }: SeriesView): string | undefined {
  if (from === undefined) return undefined;
  return isSoon
    ? t('when.from-day', { date: formatDate(t, from) })
    : t('when.from', { date: monthOf(t, from) });
}

function usualWords(t: Translate, { from, isSoon }: SeriesView): string | undefined {
  if (from === undefined) return undefined;
  return isSoon
    ? t('when.usually-day', { date: formatDate(t, from) })
    : t('when.usually', { date: monthOf(t, from) });
}

/** For staff: from when on it may be given, where it is recommended later. */
export function possibleWords(t: Translate, { status, from, dates }: SeriesView): string | undefined {
  if (status !== 'later' || !dates || from === undefined || dates.earliest >= from) return undefined;
  return t('when.possible', { date: formatDate(t, dates.earliest) });
}

/** What lies further ahead is told by the month. */
function monthOf(t: Translate, date: string): string {
  const [year = '', month = ''] = date.split('-');
  const key = parseTextKey(`month-name.${Number(month)}`);
  return key ? t('date.month', { month: t(key), year }) : date;
}

/** Why a vaccine was not given; the words of who wrote it where it has no code. */
export function notGivenWords(t: Translate, reason: string | undefined): string {
  if (reason === undefined) return t('not-given.other');
  const key = parseTextKey(`not-given.${reason}`);
  return key ? t(key) : reason;
}

/** Years and months on a day, of who is young; then years. */
export function ageWords(t: Translate, birthDate: string | undefined, day: string): string | undefined {
  const months = monthsBetween(birthDate, day);
  if (months === undefined) return undefined;
  if (months < 24) return t.count('age.months', months);
  return t.count('age.years', Math.floor(months / 12));
}

/** "2 y 2 mo", for who gives vaccines. */
export function exactAge(t: Translate, birthDate: string | undefined, day: string): string | undefined {
  const months = monthsBetween(birthDate, day);
  if (months === undefined) return undefined;
  const [years, rest] = [Math.floor(months / 12), months % 12];
  if (years === 0) return t('timeline.months', { count: rest });
  if (years >= 18 || rest === 0) return t('timeline.years', { count: years });
  return `${t('timeline.years', { count: years })} ${t('timeline.months', { count: rest })}`;
}

function monthsBetween(birthDate: string | undefined, day: string): number | undefined {
  const [year, month, date] = (birthDate ?? '').split('-').map(Number);
  const [toYear = 0, toMonth = 0, toDate = 0] = day.split('-').map(Number);
  if (!year || !month || !date) return undefined;
  return (toYear - year) * 12 + toMonth - month - (toDate < date ? 1 : 0);
}
