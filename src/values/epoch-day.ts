import type { Brand } from './brand.ts';

/** Days since 1970-01-01 in the proleptic Gregorian calendar. It has no time and no zone. */
export type EpochDay = Brand<number, 'EpochDay'>;

export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

const daysPerEra = 146_097; // 400 Gregorian years
const daysFromEraStartToEpoch = 719_468; // 0000-03-01 to 1970-01-01

/**
 * The day of a civil date. Month and day must exist in the calendar: check with `daysInMonth` first.
 * Years are counted from 1 March, so that the leap day is the last day of a year.
 */
export function toEpochDay(year: number, month: number, day: number): EpochDay {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * daysPerEra + dayOfEra - daysFromEraStartToEpoch) as EpochDay;
}

/** The civil date of a day: the inverse of `toEpochDay`. */
export function toCivilDate(day: EpochDay): CivilDate {
  const shifted = day + daysFromEraStartToEpoch;
  const era = Math.floor(shifted / daysPerEra);
  const dayOfEra = shifted - era * daysPerEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** A whole date as FHIR writes it: 2024-02-29. */
export function formatEpochDay(day: EpochDay): string {
  const { year, month, day: dayOfMonth } = toCivilDate(day);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
