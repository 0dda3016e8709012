import { parsePartialDate } from '../values/partial-date.ts';
import { parseTextKey, type Translate } from './translate.ts';

/** A FHIR date, or the day of an instant, in words and no finer than it is known; other text as it is. */
export function formatDate(t: Translate, text: string): string {
  const date = parsePartialDate(text.slice(0, 10));
  if (!date) return text;
  if (date.precision === 'year') return String(date.year);
  const monthKey = parseTextKey(`month.${date.month}`);
  const month = monthKey ? t(monthKey) : '';
  return date.precision === 'month'
    ? t('date.month', { month, year: date.year })
    : t('date.day', { day: date.day, month, year: date.year });
}
