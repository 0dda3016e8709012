import type { Patient, RelatedPerson } from 'fhir/r4.js';
import type { InteractionContext } from '../../interaction/context.ts';
import { type EpochDay, toCivilDate } from '../../values/epoch-day.ts';
import { daysMeantBy, parsePartialDate } from '../../values/partial-date.ts';
import { holdsDay } from '../../values/period-days.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/user-records.ts';
import { readAsSystem } from './read-as-system.ts';

/**
 * Ids of the Patients that a user is, or answers for: a child until it is `untilAge`. Of whom it is not known how old they
 * are, nobody else sees the record.
 */
export async function ownPersons(
  system: InteractionContext,
  { fhirUser = '', related = [] }: User,
  untilAge: number,
): Promise<readonly string[]> {
  const self = /^Patient\/(.+)$/.exec(fhirUser)?.[1];
  const today = system.clock.today();
  const children: string[] = [];
  for (const id of related) {
    const link = await readAsSystem<RelatedPerson>(system, `RelatedPerson/${id}`);
    const child = link && isGood(link, today) ? await childOf(system, link) : undefined;
    if (child?.id !== undefined && isYounger(child, untilAge, today)) children.push(child.id);
  }
  return [...new Set([...(self === undefined ? [] : [self]), ...children])];
}

type AccountsPort = {
  readonly users: Pick<Users, 'read'>;
  /** The server's own look-ups. */
  readonly system: InteractionContext;
  readonly settings: { readonly parentUntilAge: number };
};

export type PersonsOf = (login: string) => Promise<readonly string[]>;

/** The same by a login; nobody where the account is none, or is disabled. */
export function openPersonsOf({ users, system, settings }: AccountsPort): PersonsOf {
  return async (login) => {
    const user = await users.read(login);
    return user && !user.disabled ? ownPersons(system, user, settings.parentUntilAge) : [];
  };
}

function isGood({ active, period }: RelatedPerson, today: EpochDay): boolean {
  return active !== false && holdsDay(period ?? {}, today);
}

async function childOf(system: InteractionContext, { patient }: RelatedPerson): Promise<Patient | undefined> {
  const reference = patient.reference ?? '';
  return /^Patient\/[^/]+$/.test(reference) ? readAsSystem<Patient>(system, reference) : undefined;
}

/** A child that may have come of age has. */
function isYounger({ birthDate = '', active }: Patient, untilAge: number, today: EpochDay): boolean {
  const date = parsePartialDate(birthDate);
  if (!date || active === false) return false;
  const { year, month, day } = toCivilDate(daysMeantBy(date).first);
  const now = toCivilDate(today);
  const hadBirthday = now.month > month || (now.month === month && now.day >= day);
  return now.year - year - (hadBirthday ? 0 : 1) < untilAge;
}
