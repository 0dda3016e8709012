import { objectAt, textAt } from '../fhir/json-members.ts';
import { daysInMonth, type EpochDay, toCivilDate, toEpochDay } from '../values/epoch-day.ts';
import type { DayRange } from '../values/partial-date.ts';
import { daysOfEnd } from '../values/period-days.ts';

/** A day, or the month, year, decade or century that it lies in: `code` is how its days begin. */
type Stretch = DayRange & { readonly code: string; readonly parts: () => readonly Stretch[] };

// Days past these ends count as never: no objection that is written now is asked about there.
const firstCentury = 19;
const lastCentury = 29;

/**
 * The fewest whole days, months, years, decades and centuries that fill the period of an objection; undefined where it
 * has none and counts always.
 */
export function stretchesOf(consent: object): readonly string[] | undefined {
  const days = daysOf(consent);
  return days && centuries().flatMap((century) => filled(century, days));
}

/** Those that the day lies in. */
export function stretchesWith(day: EpochDay): readonly string[] {
  const { year, month, day: ofMonth } = toCivilDate(day);
  const years = String(year).padStart(4, '0');
  const months = `${years}-${twoDigits(month)}`;
  return [years.slice(0, 2), years.slice(0, 3), years, months, `${months}-${twoDigits(ofMonth)}`];
}

/** Whether the period of an objection, if it has one, holds the day. */
export function countsOn(consent: object, day: EpochDay): boolean {
  const days = daysOf(consent);
  return !days || (days.first <= day && day <= days.last);
}

/**
 * Undefined without a period. A day is the one that was written, whatever the time and zone beside it; of a month or a
 * year all days that may be meant count, since to hide too much is the lesser harm, and so does an end before its start.
 */
function daysOf(consent: object): DayRange | undefined {
  const period = objectAt(objectAt(consent as never, 'provision'), 'period');
  const [start, end] = ['start', 'end'].map((name) => daysOfEnd(textAt(period, name)));
  if (!start && !end) return undefined;
  const first = start?.first ?? toEpochDay(firstCentury * 100, 1, 1);
  const last = end?.last ?? toEpochDay(lastCentury * 100 + 99, 12, 31);
  return first <= last ? { first, last } : undefined;
}

function filled(stretch: Stretch, days: DayRange): readonly string[] {
  if (days.first > stretch.last || days.last < stretch.first) return [];
  if (days.first <= stretch.first && stretch.last <= days.last) return [stretch.code];
  return stretch.parts().flatMap((part) => filled(part, days));
}

function centuries(): readonly Stretch[] {
  return from(firstCentury, lastCentury, (century) =>
    yearsOf(century, 100, () => from(century * 10, century * 10 + 9, decade)),
  );
}

function decade(number: number): Stretch {
  return yearsOf(number, 10, () => from(number * 10, number * 10 + 9, year));
}

function year(number: number): Stretch {
  return yearsOf(number, 1, () => from(1, 12, (month) => monthOf(number, month)));
}

function yearsOf(number: number, years: number, parts: Stretch['parts']): Stretch {
  const first = toEpochDay(number * years, 1, 1);
  const last = toEpochDay(number * years + years - 1, 12, 31);
  return { code: String(number), first, last, parts };
}

function monthOf(ofYear: number, month: number): Stretch {
  const code = `${ofYear}-${twoDigits(month)}`;
  const days = daysInMonth(ofYear, month);
  const day = (number: number): Stretch => {
    const only = toEpochDay(ofYear, month, number);
    return { code: `${code}-${twoDigits(number)}`, first: only, last: only, parts: () => [] };
  };
  return {
    code,
    first: toEpochDay(ofYear, month, 1),
    last: toEpochDay(ofYear, month, days),
    parts: () => from(1, days, day),
  };
}

function from<Item>(first: number, last: number, make: (number: number) => Item): readonly Item[] {
  return Array.from({ length: last - first + 1 }, (_, index) => make(first + index));
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
