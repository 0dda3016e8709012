import { type EpochDay, toCivilDate } from '../values/epoch-day.ts';
import { addDays, earlierOf, laterOf, openDay } from './calendar.ts';
import type { DoseEvent } from './dose-event.ts';
import { makePerson, type Person } from './person.ts';
import { createRandom, type NonEmpty, pickWeighted, type Random, type Weighted } from './random.ts';
import type { RegistryContext } from './registry-context.ts';
import { pickProduct, type Vaccine } from './vaccine-product.ts';

/** Years of age; children are over-represented, as in every registry. */
const ages: Weighted<readonly [from: number, to: number]> = [
  [8, [0, 3]],
  [20, [4, 17]],
  [26, [18, 39]],
  [24, [40, 64]],
  [15, [65, 79]],
  [5, [80, 96]],
];

/** A person for measurements: demographics as varied as real ones, and nothing that needs a story. */
export function makeBenchPerson(context: RegistryContext, index: number): Person {
  const random = createRandom(context.seed, 'person', index);
  const [from, to] = pickWeighted(random, ages);
  // Nobody is younger than half a year: the doses have to fit in.
  const days = Math.max(190, Math.floor((from + random.unit() * (to + 1 - from)) * 365.25));
  const person = makePerson(random, {
    index,
    birthDay: addDays(context.asOf, -days),
    asOf: context.asOf,
    clinics: context.clinics.length,
    fictionPhones: false,
  });
  if (from < 65 || !random.chance(0.08)) return person;
  const deceasedOn = addDays(context.asOf, -random.between(1, 3000));
  return { ...person, deceasedOn, lastDay: deceasedOn };
}

/** Exactly as many doses as the context says, in time order. */
export function benchHistory(context: RegistryContext, person: Person): readonly DoseEvent[] {
  const random = createRandom(context.seed, 'history', person.index);
  const days = Array.from({ length: context.dosesPerPerson }, () => pickDay(person, random));
  days.sort((a, b) => a - b);
  return days.map((day) => benchDose(context, person, day, random));
}

const yearsReported = 13;

/** Children: most doses early in life. Adults: the years since clinics report. */
function pickDay(person: Person, random: Random): EpochDay {
  const { birthDay, lastDay } = person;
  const lifetime = lastDay - birthDay;
  const child = lifetime < 19 * 365;
  const span = child ? lifetime : Math.min(yearsReported * 365, lifetime - 18 * 365);
  const day = child
    ? addDays(birthDay, Math.floor(span * random.unit() ** 2))
    : addDays(lastDay, -Math.floor(span * random.unit()));
  return laterOf(earlierOf(openDay(day), lastDay), birthDay);
}

/** What is given, by the age in months at which each list ends. */
const vaccinesByAge: NonEmpty<{ readonly until: number; readonly vaccines: Weighted<Vaccine> }> = [
  { until: 1, vaccines: [[1, 'hepb-child']] },
  {
    until: 11,
    vaccines: [
      [3, 'pediarix'],
      [2, 'pentacel'],
      [1, 'vaxelis'],
      [4, 'pcv-child'],
      [3, 'rota-three-dose'],
      [2, 'hib'],
      [1, 'dtap'],
      [1, 'ipv'],
    ],
  },
  {
    until: 48,
    vaccines: [
      [4, 'mmr'],
      [4, 'varicella'],
      [5, 'hepa-child'],
      [3, 'dtap'],
      [3, 'pcv-child'],
      [3, 'hib'],
      [6, 'flu'],
      [1, 'covid-infant'],
    ],
  },
  {
    until: 132,
    vaccines: [
      [3, 'dtap-ipv'],
      [3, 'mmrv'],
      [8, 'flu'],
      [1, 'flu-nasal'],
      [2, 'covid-child'],
    ],
  },
  {
    until: 228,
    vaccines: [
      [3, 'tdap'],
      [3, 'menacwy'],
      [5, 'hpv'],
      [1, 'menb'],
      [8, 'flu'],
      [3, 'covid-adult'],
    ],
  },
  {
    until: 600,
    vaccines: [
      [50, 'flu'],
      [6, 'flu-cell'],
      [25, 'covid-adult'],
      [6, 'td'],
      [4, 'tdap'],
      [4, 'hepb-adult'],
      [1, 'hepa-adult'],
      [1, 'twinrix'],
    ],
  },
  {
    until: 780,
    vaccines: [
      [45, 'flu'],
      [22, 'covid-adult'],
      [12, 'zoster'],
      [6, 'td'],
      [3, 'pcv-adult'],
    ],
  },
  {
    until: Number.POSITIVE_INFINITY,
    vaccines: [
      [45, 'flu-senior'],
      [24, 'covid-adult'],
      [8, 'zoster'],
      [6, 'pcv-adult'],
      [5, 'ppsv'],
      [4, 'rsv-adult'],
      [4, 'td'],
    ],
  },
];

function benchDose(context: RegistryContext, person: Person, day: EpochDay, random: Random): DoseEvent {
  const months = (day - person.birthDay) / 30.44;
  const { vaccines } = vaccinesByAge.find(({ until }) => months < until) ?? vaccinesByAge[0];
  const { vaccine, product } = marketedDose(random, vaccines, day);
  const historical = random.chance(0.08);
  return {
    vaccine,
    product,
    day,
    clinic: random.chance(0.85) ? person.clinic : Math.floor(random.unit() ** 2 * context.clinics.length),
    source: historical ? 'paper-record' : 'clinic',
    precision: historical && random.chance(0.1) ? 'month' : random.chance(0.45) ? 'time' : 'day',
    status: random.chance(0.004) ? 'entered-in-error' : 'completed',
  };
}

/** A vaccine of the list that was on the market that day; before them all, one whose code nobody knows. */
function marketedDose(random: Random, vaccines: Weighted<Vaccine>, day: EpochDay) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const vaccine = pickWeighted(random, vaccines);
    if (vaccine.startsWith('flu') && outOfSeason(day)) continue;
    const product = pickProduct(random, vaccine, day);
    if (product) return { vaccine, product };
  }
  return unknownVaccine(random, day);
}

/** Nobody gives influenza vaccine from March to August. */
function outOfSeason(day: EpochDay): boolean {
  const { month } = toCivilDate(day);
  return month > 2 && month < 9;
}

function unknownVaccine(random: Random, day: EpochDay) {
  const product = pickProduct(random, 'unknown', day);
  if (!product) throw new Error(`no vaccine for day ${day}`);
  return { vaccine: 'unknown' as const, product };
}
