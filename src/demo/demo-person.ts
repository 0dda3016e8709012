import type { EpochDay } from '../values/epoch-day.ts';
import { addDays, addMonths, ageInYears } from './calendar.ts';
import { doseEvent, planHistory } from './demo-history.ts';
import { type DoseEvent, inTimeOrder } from './dose-event.ts';
import type { FindingName } from './finding.ts';
import { secondReport } from './history-edit.ts';
import { type NotablePerson, notablePeople } from './notable-people.ts';
import { makeHome, makePerson, type Person } from './person.ts';
import { createRandom, pickWeighted, type Random, type Weighted } from './random.ts';
import type { RegistryContext } from './registry-context.ts';
import { type Habits, habits, type PlanName } from './visit-plan.ts';

/** A person of the demo with all that is known. */
export type DemoPerson = {
  readonly person: Person;
  readonly events: readonly DoseEvent[];
  readonly findings: readonly FindingName[];
  /** Index of the person whose record replaced this one. */
  readonly mergedInto?: number;
};

/** The notable people come first; the rest are as the mix of habits falls. */
export function makeDemoPerson(context: RegistryContext, index: number): DemoPerson {
  const notable = notablePeople[index];
  return notable ? makeNotable(context, index, notable) : makeOrdinary(context, index);
}

function makeNotable(context: RegistryContext, index: number, notable: NotablePerson): DemoPerson {
  const person = notableIdentity(context, index, notable);
  const random = createRandom(context.seed, 'history', index);
  let events = inTimeOrder(planHistory(person, notable.habits, random));
  for (const edit of notable.edits ?? []) events = inTimeOrder(edit(events, person));
  const replacement = notable.mergedInto === undefined ? undefined : indexOfNotable(notable.mergedInto);
  return {
    person,
    events,
    findings: notable.findings ?? [],
    ...(replacement !== undefined && { mergedInto: replacement }),
  };
}

function notableIdentity(context: RegistryContext, index: number, notable: NotablePerson): Person {
  const { asOf, seed } = context;
  const original = notable.sameAs === undefined ? index : indexOfNotable(notable.sameAs);
  const base = makePerson(createRandom(seed, 'person', original), {
    index,
    birthDay: birthDayAt(notable, asOf),
    asOf,
    ...(notable.sex && { sex: notable.sex }),
    clinics: 2,
    fictionPhones: true,
  });
  const person = { ...base, ...householdOf(context, notable), ...notable.identity };
  if (notable.diedDaysAgo !== undefined) {
    const deceasedOn = addDays(asOf, -notable.diedDaysAgo);
    return { ...person, deceasedOn, lastDay: deceasedOn };
  }
  if (notable.movedDaysAgo === undefined) return person;
  const home = makeHome(createRandom(seed, 'record', index));
  const leftOn = addDays(asOf, -notable.movedDaysAgo);
  return { ...person, formerHome: { home, leftOn }, formerClinic: person.clinic + 1 };
}

/** Brothers and sisters have one home, one phone and one mother. */
function householdOf(context: RegistryContext, { siblingOf }: NotablePerson): Partial<Person> {
  const index = siblingOf === undefined ? undefined : indexOfNotable(siblingOf);
  const sibling = index === undefined ? undefined : notablePeople[index];
  if (index === undefined || !sibling) return {};
  const { family, home, phone, mothersGivenName, mothersMaidenName, race, hispanic, language, clinic } =
    notableIdentity(context, index, sibling);
  return { family, home, phone, mothersGivenName, mothersMaidenName, race, hispanic, language, clinic };
}

function birthDayAt({ age }: NotablePerson, asOf: EpochDay): EpochDay {
  const { years = 0, months = 0, days = 0 } = age;
  return addDays(addMonths(asOf, -(years * 12 + months)), -days);
}

export function indexOfNotable(slug: string): number {
  const index = notablePeople.findIndex((notable) => notable.slug === slug);
  if (index < 0) throw new Error(`no notable person is called ${slug}`);
  return index;
}

const habitMix: Weighted<Habits> = [
  [45, habits.onTime],
  [25, habits.late],
  [20, habits.spotty],
  [3, habits.never],
];
const plans: Weighted<PlanName> = [
  [35, 'pediarix'],
  [25, 'pentacel'],
  [20, 'vaxelis'],
  [20, 'separate'],
];
const firstVaxelis = 18_800; // births from mid-2021

function makeOrdinary(context: RegistryContext, index: number): DemoPerson {
  const { seed, asOf } = context;
  const identity = createRandom(seed, 'person', index);
  const person = makePerson(identity, {
    index,
    birthDay: addDays(asOf, -Math.floor(ordinaryAge(index, identity) * 365.25)),
    asOf,
    clinics: 2,
    fictionPhones: true,
  });
  const random = createRandom(seed, 'history', index);
  const plan = pickWeighted(random, plans);
  const own = {
    ...pickWeighted(random, habitMix),
    plan: plan === 'vaxelis' && person.birthDay < firstVaxelis ? 'pediarix' : plan,
  };
  const planned = planHistory(person, own, random);
  const events = inTimeOrder(planned.flatMap((event) => mishap(event, person, random)));
  return { person, events, findings: ordinaryFindings(person, random) };
}

/** Steps through all ages, so that even few people are of every age; every other one is a child. */
function ordinaryAge(index: number, random: Random): number {
  const step = (index * 37) % 96;
  return (index % 2 === 0 ? step / 5.3 : step) + random.unit();
}

/** Now and then a dose is reported twice, refused, or entered by mistake. */
function mishap(event: DoseEvent, person: Person, random: Random): readonly DoseEvent[] {
  if (event.source !== 'clinic') return [event];
  const share = random.unit();
  if (share < 0.03) return [event, secondReport(event, random.between(-2, 3), person)];
  if (share < 0.04) return [{ ...event, status: 'entered-in-error' }];
  if (share < 0.055) return [{ ...event, status: 'not-done', refusal: 'parent-objects' }];
  if (share > 0.998) return unknownDose(event, person, random);
  return [event];
}

function unknownDose(event: DoseEvent, person: Person, random: Random): readonly DoseEvent[] {
  const unknown = doseEvent(person, 'unknown', event.day, random);
  return unknown ? [{ ...unknown, source: 'parent-recall', precision: 'month' }] : [event];
}

function ordinaryFindings(person: Person, random: Random): readonly FindingName[] {
  const years = ageInYears(person.birthDay, person.lastDay);
  if (years >= 6 && random.chance(0.06)) return ['asthma'];
  return years >= 45 && random.chance(0.12) ? ['diabetes'] : [];
}
