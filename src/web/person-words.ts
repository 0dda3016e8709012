import type { HumanName, Organization, Patient } from 'fhir/r4.js';
import { withoutMarks } from '../values/direction-marks.ts';
import { parseTextKey, type Translate } from './translate.ts';

/** As somebody is called: the official or usual name, else the first. */
export function nameOfPerson({ name = [], id = '' }: Pick<Patient, 'name' | 'id'>): string {
  const current = name.filter(({ use, period }) => use !== 'old' && period?.end === undefined);
  const best =
    current.find(({ use }) => use === 'official') ??
    current.find(({ use }) => use === 'usual') ??
    current[0] ??
    name[0];
  return (best && textOf(best)) || id;
}

export function textOf({ text, given = [], family = '', suffix = [] }: HumanName): string {
  return withoutMarks(text ?? [...given, family, ...suffix].filter((part) => part !== '').join(' '));
}

/** What a family calls the person: the first given name. */
export function firstNameOf(patient: Pick<Patient, 'name' | 'id'>): string {
  const { name = [] } = patient;
  const nickname = name.find(({ use }) => use === 'nickname')?.given?.[0];
  return withoutMarks(nickname ?? name.find(({ use }) => use !== 'old')?.given?.[0] ?? nameOfPerson(patient));
}

/** The number of the registry: the official identifier, else the first. */
export function numberOf({ identifier = [] }: Patient): string | undefined {
  return (identifier.find(({ use }) => use === 'official') ?? identifier[0])?.value;
}

export function sexWords(t: Translate, { gender }: Patient): string | undefined {
  const key = gender === undefined ? undefined : parseTextKey(`sex.${gender}`);
  return key ? t(key) : gender;
}

/** Who answers for a child, with a phone number. */
export function parentOf({ contact = [] }: Patient): string | undefined {
  const [first] = contact;
  const name = first?.name && textOf(first.name);
  const phone = first?.telecom?.find(({ system }) => system === 'phone')?.value;
  const words = [name, phone].filter(Boolean).join(', ');
  return words === '' ? undefined : words;
}

export function phoneOf({ telecom = [] }: Pick<Patient | Organization, 'telecom'>): string | undefined {
  return telecom.find(({ system, use }) => system === 'phone' && use !== 'old')?.value;
}

export function hasDied({ deceasedBoolean, deceasedDateTime }: Patient): boolean {
  return deceasedBoolean === true || deceasedDateTime !== undefined;
}
