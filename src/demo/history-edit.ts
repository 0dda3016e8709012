import type { EpochDay } from '../values/epoch-day.ts';
import { addDays, addMonths, openDay } from './calendar.ts';
import type { DoseEvent, DoseSource, Refusal } from './dose-event.ts';
import type { Person } from './person.ts';
import { productsOn, type Vaccine } from './vaccine-product.ts';

/** Turns a plausible history into one that shows something. */
export type HistoryEdit = (events: readonly DoseEvent[], person: Person) => readonly DoseEvent[];

type Change = (event: DoseEvent) => readonly DoseEvent[];

/** Changes the nth dose (from 1, by date) of a vaccine. */
function changeDose(vaccine: Vaccine, nth: number, change: Change): HistoryEdit {
  return (events) => {
    const chosen = events.filter((event) => event.vaccine === vaccine)[nth - 1];
    return events.flatMap((event) => (event === chosen ? change(event) : event));
  };
}

/** The nth dose came at this age in days: too young, if it is. */
export function atAge(vaccine: Vaccine, nth: number, days: number): HistoryEdit {
  return (events, person) =>
    changeDose(vaccine, nth, (event) => [{ ...event, day: addDays(person.birthDay, days) }])(events, person);
}

/** The nth dose came so many days after the one before it: too soon, if it is. */
export function soonAfterPrevious(vaccine: Vaccine, nth: number, days: number): HistoryEdit {
  return (events, person) => {
    const before = events.filter((event) => event.vaccine === vaccine)[nth - 2];
    if (!before) return events;
    const day = addDays(before.day, days);
    return changeDose(vaccine, nth, (event) => [{ ...event, day }])(events, person);
  };
}

/** A second clinic reports the same dose as history, some days off. */
export function reportedTwice(vaccine: Vaccine, nth: number, daysOff: number): HistoryEdit {
  return (events, person) =>
    changeDose(vaccine, nth, (event) => [event, secondReport(event, daysOff, person)])(events, person);
}

export function secondReport(event: DoseEvent, daysOff: number, person: Person): DoseEvent {
  const day = addDays(event.day, daysOff);
  const inLife = day >= person.birthDay && day <= person.lastDay;
  return {
    ...event,
    day: inLife ? day : event.day,
    clinic: event.clinic + 1,
    source: 'other-provider',
    precision: 'day',
  };
}

export function enteredInError(vaccine: Vaccine, nth: number): HistoryEdit {
  return changeDose(vaccine, nth, (event) => [{ ...event, status: 'entered-in-error' }]);
}

export function flawed(vaccine: Vaccine, nth: number, flaw: 'lot-expired' | 'half-dose'): HistoryEdit {
  return changeDose(vaccine, nth, (event) => [{ ...event, flaw }]);
}

export function without(...vaccines: readonly Vaccine[]): HistoryEdit {
  return (events) => events.filter((event) => !vaccines.includes(event.vaccine));
}

/** Only the first doses of a vaccine were given. */
export function onlyFirst(vaccine: Vaccine, count: number): HistoryEdit {
  return (events) => {
    let seen = 0;
    return events.filter((event) => event.vaccine !== vaccine || ++seen <= count);
  };
}

/** Everything before this age in months was told or shown, with dates as exact as memory. */
export function rememberedUntil(month: number, source: DoseSource, precision: 'month' | 'year'): HistoryEdit {
  return (events, person) => {
    const end = addMonths(person.birthDay, month);
    return events.map((event) => (event.day < end ? { ...event, source, precision } : event));
  };
}

/** One more dose, at an age in months. */
export function given(vaccine: Vaccine, month: number, source: DoseSource = 'clinic'): HistoryEdit {
  return (events, person) => {
    const event = extraDose(person, vaccine, openDay(addMonths(person.birthDay, month)));
    return event ? [...events, { ...event, source }] : events;
  };
}

/** One more dose, so many days before the registry is looked at. */
export function givenDaysAgo(vaccine: Vaccine, days: number): HistoryEdit {
  return (events, person) => {
    const event = extraDose(person, vaccine, addDays(person.lastDay, -days));
    return event ? [...events, event] : events;
  };
}

export function refused(vaccine: Vaccine, month: number, refusal: Refusal): HistoryEdit {
  return (events, person) => {
    const event = extraDose(person, vaccine, openDay(addMonths(person.birthDay, month)));
    return event ? [...events, { ...event, status: 'not-done', refusal }] : events;
  };
}

function extraDose(person: Person, vaccine: Vaccine, day: EpochDay): DoseEvent | undefined {
  const [product] = productsOn(vaccine, day);
  if (!product || day > person.lastDay || day < person.birthDay) return undefined;
  return {
    vaccine,
    product,
    day,
    clinic: person.clinic,
    source: 'clinic',
    precision: 'day',
    status: 'completed',
  };
}
