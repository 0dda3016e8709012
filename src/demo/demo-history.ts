import { type EpochDay, toCivilDate, toEpochDay } from '../values/epoch-day.ts';
import { addDays, addMonths, earlierOf, laterOf, openDay } from './calendar.ts';
import type { DoseEvent } from './dose-event.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { pickProduct, type Vaccine } from './vaccine-product.ts';
import { type Habits, lastMonthOf, type Visit, visitPlans } from './visit-plan.ts';

/** Clinics began to report in 2011; what lies before came on paper, if it came. */
const reportingBegan = toEpochDay(2011, 1, 1);
const paperBegan = toEpochDay(1985, 1, 1);

/** Everything a person was given by the habits of the family, in no special order. */
export function planHistory(person: Person, habits: Habits, random: Random): readonly DoseEvent[] {
  const planned = [
    ...childhoodDoses(person, habits, random),
    ...seasonalDoses(person, habits, random),
    ...adultDoses(person, habits, random),
  ];
  return planned.flatMap(({ vaccine, day }) => {
    const lost = day < reportingBegan && random.chance(habits.lostPaper);
    return (lost ? undefined : doseEvent(person, vaccine, day, random)) ?? [];
  });
}

type PlannedDose = { readonly vaccine: Vaccine; readonly day: EpochDay };

/** One dose as it was reported; undefined where nothing was on the market, or it is too old for any paper. */
export function doseEvent(
  person: Person,
  vaccine: Vaccine,
  day: EpochDay,
  random: Random,
): DoseEvent | undefined {
  if (day < person.birthDay || day > person.lastDay || day < paperBegan) return undefined;
  const product = pickProduct(random, vaccine, day);
  if (!product) return undefined;
  const reported = day >= reportingBegan;
  const precise = random.chance(0.5) ? 'time' : 'day';
  return {
    vaccine,
    product,
    day,
    clinic: clinicOn(person, day),
    source: reported ? 'clinic' : 'paper-record',
    precision: reported ? precise : random.chance(0.25) ? 'month' : 'day',
    status: 'completed',
  };
}

function clinicOn(person: Person, day: EpochDay): number {
  const { formerHome, formerClinic, clinic } = person;
  return formerHome && formerClinic !== undefined && day < formerHome.leftOn ? formerClinic : clinic;
}

function childhoodDoses(person: Person, habits: Habits, random: Random): readonly PlannedDose[] {
  const visits: readonly Visit[] = visitPlans[habits.plan];
  const end = habits.untilMonth ?? Number.POSITIVE_INFINITY;
  const doses: PlannedDose[] = [];
  let late = 0;
  let earliest = person.birthDay;
  for (const [month, ...vaccines] of visits.filter(([month]) => month < end)) {
    if (month > 0) late += random.between(...habits.lateDays);
    const day = visitDay(person, { month, late, earliest });
    if (day > person.lastDay) break;
    if (random.chance(habits.missed)) continue;
    earliest = addDays(day, 28);
    const fitting = vaccines.filter((vaccine) => !tooOldFor(person, vaccine, day));
    doses.push(...fitting.map((vaccine) => ({ vaccine, day })));
  }
  return doses;
}

type Appointment = { readonly month: number; readonly late: number; readonly earliest: EpochDay };

function visitDay({ birthDay }: Person, { month, late, earliest }: Appointment): EpochDay {
  if (month === 0) return birthDay; // in hospital, at weekends too
  return openDay(laterOf(addDays(addMonths(birthDay, month), late), earliest));
}

function tooOldFor(person: Person, vaccine: Vaccine, day: EpochDay): boolean {
  const month = lastMonthOf[vaccine];
  return month !== undefined && day >= addMonths(person.birthDay, month + 1);
}

const firstCovidVaccines = { adult: toEpochDay(2021, 3, 1), child: toEpochDay(2021, 12, 1) };

/** Influenza every autumn, two doses in the first; COVID-19 in two doses when it came, then in autumn. */
function seasonalDoses(person: Person, habits: Habits, random: Random): readonly PlannedDose[] {
  const doses: PlannedDose[] = [];
  const { year: lastYear } = toCivilDate(person.lastDay);
  const { year: birthYear } = toCivilDate(person.birthDay);
  for (let year = Math.max(birthYear, 2008); year <= lastYear; year++) {
    const day = openDay(addDays(toEpochDay(year, 9, 10), random.between(0, 75)));
    const months = (day - person.birthDay) / 30.44;
    if (months < 6) continue;
    const firstSeason = months < 24 && !doses.some(({ vaccine }) => vaccine === 'flu');
    if (random.chance(habits.flu)) {
      doses.push({ vaccine: fluVaccineAt(months, random), day });
      if (firstSeason) doses.push({ vaccine: 'flu', day: openDay(addDays(day, 30)) });
    }
    if (year > 2021 && random.chance(habits.covid)) doses.push({ vaccine: covidVaccineAt(months), day });
  }
  return [...doses, ...firstCovidDoses(person, habits, random)];
}

function fluVaccineAt(months: number, random: Random): Vaccine {
  if (months < 24) return 'flu';
  if (months >= 65 * 12) return 'flu-senior';
  if (months < 50 * 12 && random.chance(0.1)) return 'flu-nasal';
  return random.chance(0.15) ? 'flu-cell' : 'flu';
}

function covidVaccineAt(months: number): Vaccine {
  if (months >= 144) return 'covid-adult';
  return months >= 60 ? 'covid-child' : 'covid-infant';
}

function firstCovidDoses(person: Person, habits: Habits, random: Random): readonly PlannedDose[] {
  const monthsThen = (firstCovidVaccines.adult - person.birthDay) / 30.44;
  if (monthsThen < 60 || !random.chance(Math.min(1, habits.covid * 1.4))) return [];
  const vaccine = covidVaccineAt(monthsThen);
  const opens = vaccine === 'covid-child' ? firstCovidVaccines.child : firstCovidVaccines.adult;
  const first = openDay(addDays(opens, random.between(0, 90)));
  return [
    { vaccine, day: first },
    { vaccine, day: openDay(addDays(first, 28)) },
  ];
}

/** Earliest age in years, doses as months after the first, and the vaccine. */
const adultPlan: readonly (readonly [years: number, vaccine: Vaccine, ...months: number[]])[] = [
  [50, 'zoster', 0, 4],
  [65, 'pcv-adult', 0],
  [75, 'rsv-adult', 0],
  [27, 'hepb-adult', 0, 1, 7],
  [50, 'zoster-live', 0],
  [65, 'ppsv', 0],
];
const longAgo = toEpochDay(2012, 1, 1);

function adultDoses(person: Person, habits: Habits, random: Random): readonly PlannedDose[] {
  const doses: PlannedDose[] = [];
  for (const [years, vaccine, ...months] of adultPlan) {
    const wanted = vaccine === 'hepb-adult' || vaccine === 'zoster-live' ? 0.3 : 1;
    if (!random.chance(habits.adult * wanted)) continue;
    const from = laterOf(addMonths(person.birthDay, years * 12), marketed(vaccine));
    const first = addDays(from, random.between(20, 500));
    for (const month of months) doses.push({ vaccine, day: openDay(addMonths(first, month)) });
  }
  return [...doses, ...tetanusBoosters(person, habits, random)];
}

function marketed(vaccine: Vaccine): EpochDay {
  if (vaccine === 'zoster') return toEpochDay(2018, 2, 1);
  if (vaccine === 'rsv-adult') return toEpochDay(2023, 9, 1);
  return vaccine === 'pcv-adult' ? toEpochDay(2014, 10, 1) : longAgo;
}

/** Tdap once, then Td every ten years. */
function tetanusBoosters(person: Person, habits: Habits, random: Random): readonly PlannedDose[] {
  const doses: PlannedDose[] = [];
  const first = laterOf(addMonths(person.birthDay, 22 * 12), longAgo);
  const end = earlierOf(person.lastDay, addMonths(person.birthDay, 100 * 12));
  for (let day = addDays(first, random.between(0, 900)); day <= end; day = addMonths(day, 122)) {
    if (random.chance(habits.adult))
      doses.push({ vaccine: doses.length === 0 ? 'tdap' : 'td', day: openDay(day) });
  }
  return doses;
}
