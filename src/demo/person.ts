import type { EpochDay } from '../values/epoch-day.ts';
import { toCivilDate } from '../values/epoch-day.ts';
import { addDays, ageInYears } from './calendar.ts';
import {
  composeSurname,
  generations,
  type Heritage,
  heritages,
  type Language,
  type Race,
} from './heritage.ts';
import { streetKinds, streetNames, type Town, towns } from './place.ts';
import { type NonEmpty, pickWeighted, type Random } from './random.ts';

export type Sex = 'female' | 'male';

export type Home = {
  readonly line: NonEmpty<string>;
  readonly town: Town;
  readonly zip: string;
};

/** A made-up person, before anything is said about vaccines. */
export type Person = {
  readonly index: number;
  readonly sex: Sex;
  readonly birthDay: EpochDay;
  readonly family: string;
  readonly given: NonEmpty<string>;
  readonly suffix?: string;
  readonly nickname?: string;
  readonly mothersMaidenName: string;
  readonly mothersGivenName: string;
  readonly race: Race;
  readonly hispanic: boolean;
  readonly language: Language;
  readonly home: Home;
  /** A home that was left, and when. */
  readonly formerHome?: { readonly home: Home; readonly leftOn: EpochDay };
  readonly phone: string;
  readonly email?: string;
  readonly medicaid: boolean;
  /** Index of the clinic that cares for the person now. */
  readonly clinic: number;
  readonly formerClinic?: number;
  /** Place among the children born at once: 1 is the first twin. */
  readonly birthOrder?: number;
  readonly deceasedOn?: EpochDay;
  /** The last day on which anything can have happened to the person. */
  readonly lastDay: EpochDay;
};

export type PersonFrame = {
  readonly index: number;
  readonly birthDay: EpochDay;
  readonly asOf: EpochDay;
  readonly sex?: Sex;
  readonly clinics: number;
  /** Only the hundred numbers that are kept for fiction; a big registry needs more different ones. */
  readonly fictionPhones: boolean;
};

export function makePerson(random: Random, frame: PersonFrame): Person {
  const { birthDay, asOf, index } = frame;
  const sex = frame.sex ?? (random.chance(0.505) ? 'female' : 'male');
  const heritage = pickWeighted(random, heritages);
  const given = pickGivenNames(random, heritage, sex, birthDay);
  const family = pickSurname(random, heritage);
  const home = makeHome(random);
  const years = ageInYears(birthDay, asOf);
  const child = years < 18;
  return {
    index,
    sex,
    birthDay,
    family,
    given,
    ...(sex === 'male' && random.chance(0.03) && { suffix: 'Jr.' }),
    mothersMaidenName: pickSurname(random, heritage),
    mothersGivenName: pickGivenName(random, heritage, 'female', addDays(birthDay, -10_500)),
    race: random.pick(heritage.races),
    hispanic: heritage.hispanic,
    language: pickWeighted(random, heritage.languages),
    home,
    phone: makePhone(random, home.town, frame.fictionPhones),
    ...(random.chance(child ? 0.35 : 0.6) && { email: makeEmail(given[0], family, index) }),
    medicaid: random.chance(child ? 0.35 : 0.2),
    clinic: Math.floor(random.unit() ** 2 * frame.clinics),
    lastDay: asOf,
  };
}

export function makeHome(random: Random): Home {
  const town = random.pickCommon(towns);
  const street = `${random.between(1, 289)} ${random.pick(streetNames)} ${random.pick(streetKinds)}`;
  const unit = `Apt ${random.between(1, 12)}${random.pick(['A', 'B', 'C'])}`;
  return { line: random.chance(0.3) ? [street, unit] : [street], town, zip: random.pick(town.zips) };
}

function makePhone(random: Random, town: Town, fiction: boolean): string {
  const last = fiction ? random.between(100, 199) : random.between(0, 9999);
  return `${town.areaCode}-555-${String(last).padStart(4, '0')}`;
}

function makeEmail(given: string, family: string, index: number): string {
  const plain = `${given}.${family}`
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z.]/g, '');
  return `${plain}.${index + 1}@example.org`;
}

function pickSurname(random: Random, heritage: Heritage): string {
  if (heritage.rareSurnames > 0 && random.chance(heritage.rareSurnames)) return composeSurname(random.pick);
  const name = random.pickCommon(heritage.surnames);
  return random.chance(0.03) ? `${name}-${random.pickCommon(heritage.surnames)}` : name;
}

function pickGivenNames(random: Random, heritage: Heritage, sex: Sex, birthDay: EpochDay): NonEmpty<string> {
  const first = pickGivenName(random, heritage, sex, birthDay);
  return random.chance(0.7) ? [first, pickGivenName(random, heritage, sex, birthDay)] : [first];
}

function pickGivenName(random: Random, heritage: Heritage, sex: Sex, birthDay: EpochDay): string {
  const own = heritage[sex];
  if (own && random.chance(0.75)) return random.pickCommon(own);
  const { year } = toCivilDate(birthDay);
  const generation = generations.find(({ bornBefore }) => year < bornBefore) ?? generations[0];
  return random.pickCommon(generation[sex]);
}
