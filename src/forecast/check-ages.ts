import { ChangeRefusal } from './change-refusal.ts';
import { parseOffset } from './date-arithmetic.ts';
import type { AgeData, SeriesData, SeriesDoseData } from './schedule-data.ts';

/**
 * Throws a ChangeRefusal where ages or intervals of a series contradict one another, so that nobody could ever meet them,
 * and did not do so before it was changed: a release may be no better.
 */
export function requireOrder(changed: SeriesData, before?: SeriesData): void {
  const known = before ? disordersOf(before) : [];
  const found = disordersOf(changed).find((text) => !known.includes(text));
  if (found !== undefined) throw new ChangeRefusal(found);
}

/** Throws a ChangeRefusal where a first dose would lose its minimum age: it would be due at birth. */
export function requireMinimum(before: readonly AgeData[], after: readonly AgeData[]): void {
  const hasMinimum = ({ minAge, absMinAge }: AgeData) => minAge !== undefined || absMinAge !== undefined;
  if (before.some(hasMinimum) && !after.every(hasMinimum)) {
    throw new ChangeRefusal(
      'value: a first dose that has a minimum age in the base needs minAge or absMinAge',
    );
  }
}

function disordersOf({ seriesName, doses, ...series }: SeriesData): readonly string[] {
  const whole = [...series.indications, ...(series.classifications ?? [])];
  return [
    ...doses.flatMap((dose, i) =>
      disordersIn(dose).map((text) => `dose ${i + 1} of "${seriesName}": ${text}`),
    ),
    ...whole.flatMap(emptyWindow).map((text) => `"${seriesName}": ${text}`),
  ];
}

function disordersIn(dose: SeriesDoseData): readonly string[] {
  return [
    ...dose.ages.flatMap(({ absMinAge, minAge, earliestRecAge, latestRecAge, maxAge }) =>
      descending({ absMinAge, minAge, earliestRecAge, latestRecAge, maxAge }),
    ),
    ...dose.intervals.flatMap(({ absMinInt, minInt, earliestRecInt, latestRecInt }) =>
      descending({ absMinInt, minInt, earliestRecInt, latestRecInt }),
    ),
    ...[...dose.preferableVaccines, ...dose.allowableVaccines].flatMap(emptyWindow),
  ];
}

type Window = { readonly beginAge?: string; readonly endAge?: string };

function emptyWindow({ beginAge, endAge }: Window): readonly string[] {
  if (beginAge === undefined || endAge === undefined || daysOf(beginAge) < daysOf(endAge)) return [];
  return [`endAge ${endAge} is not after beginAge ${beginAge}`];
}

/** Those that are before one that is named before them. */
function descending(offsets: Readonly<Record<string, string | undefined>>): readonly string[] {
  const given = Object.entries(offsets).flatMap(([name, text]) =>
    text === undefined ? [] : [{ name, text }],
  );
  return given.flatMap(({ name, text }, i) => {
    const before = given[i - 1];
    if (!before || daysOf(before.text) <= daysOf(text)) return [];
    return [`${name} ${text} is before ${before.name} ${before.text}`];
  });
}

/** Days in a month, on average: good enough to tell which of two ages comes first. */
const monthDays = 365.2425 / 12;

function daysOf(text: string): number {
  const { months, days } = parseOffset(text) ?? { months: 0, days: 0 };
  return months * monthDays + days;
}
