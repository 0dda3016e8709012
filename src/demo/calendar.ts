import { daysInMonth, type EpochDay, formatEpochDay, toCivilDate, toEpochDay } from '../values/epoch-day.ts';

/** The same day of a later month, or that month's last day where it does not exist. */
export function addMonths(day: EpochDay, months: number): EpochDay {
  const civil = toCivilDate(day);
  const monthsSinceZero = civil.year * 12 + civil.month - 1 + months;
  const year = Math.floor(monthsSinceZero / 12);
  const month = monthsSinceZero - year * 12 + 1;
  return toEpochDay(year, month, Math.min(civil.day, daysInMonth(year, month)));
}

export function addDays(day: EpochDay, days: number): EpochDay {
  return (day + days) as EpochDay;
}

export function earlierOf(a: EpochDay, b: EpochDay): EpochDay {
  return a < b ? a : b;
}

export function laterOf(a: EpochDay, b: EpochDay): EpochDay {
  return a > b ? a : b;
}

/** Completed years of life. */
export function ageInYears(birthDay: EpochDay, on: EpochDay): number {
  const born = toCivilDate(birthDay);
  const now = toCivilDate(on);
  const beforeBirthday = now.month < born.month || (now.month === born.month && now.day < born.day);
  return now.year - born.year - (beforeBirthday ? 1 : 0);
}

/** The first working day from this day on: clinics close at weekends. */
export function openDay(day: EpochDay): EpochDay {
  const weekday = weekdayOf(day);
  return addDays(day, weekday === 6 ? 2 : weekday === 0 ? 1 : 0);
}

/** 0 is Sunday. */
function weekdayOf(day: EpochDay): number {
  return (((day + 4) % 7) + 7) % 7;
}

const formatted = new Map<number, string>();

/** As `formatEpochDay`, remembered: a registry holds many dates but only some 40,000 different days. */
export function formatDay(day: EpochDay): string {
  const known = formatted.get(day);
  if (known !== undefined) return known;
  const text = formatEpochDay(day);
  formatted.set(day, text);
  return text;
}

/** The offset that clocks in Massachusetts show, by the rule in force since 2007. */
export function easternOffset(day: EpochDay): '-04:00' | '-05:00' {
  const { year } = toCivilDate(day);
  const summerStarts = sundayFrom(toEpochDay(year, 3, 8));
  const summerEnds = sundayFrom(toEpochDay(year, 11, 1));
  return day >= summerStarts && day < summerEnds ? '-04:00' : '-05:00';
}

function sundayFrom(day: EpochDay): EpochDay {
  return addDays(day, (7 - weekdayOf(day)) % 7);
}
