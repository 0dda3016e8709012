import type { ContactPoint, Identifier, Patient, PatientContact } from 'fhir/r4.js';
import { parsePartialDate } from '../../values/partial-date.ts';
import { toMatchAddress } from './match-address.ts';
import type { BirthDay, Kin, MatchRecord, OwnedNumber } from './match-record.ts';
import { foldName, toPersonNames } from './person-names.ts';
import { toNumber, toPhone, toSsn } from './placeholders.ts';

/** So many of each repeating element are looked at: more no person has, and two long lists multiply. */
const most = { addresses: 4, telecom: 12, identifiers: 24, contacts: 6 };

const maidenUrl = 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName';

/** A Patient as it is compared. What is not of the form that FHIR gives it is passed over. */
export function toMatchRecord(patient: Patient): MatchRecord {
  const names = toPersonNames(patient.name ?? []);
  const { birthOrder: named } = names;
  const telecom = patient.telecom ?? [];
  const order = patient.multipleBirthInteger;
  const { ssns, medicaids, recordNumbers } = toNumbers(patient.identifier ?? []);
  return {
    given: names.given,
    family: names.family,
    otherFamilies: names.otherFamilies,
    aliases: names.aliases,
    middle: names.middle,
    suffix: names.suffix,
    birth: toBirthDay(patient.birthDate),
    sex: patient.gender === undefined || patient.gender === 'unknown' ? '' : patient.gender,
    phones: contactsIn(telecom, phoneIn),
    emails: contactsIn(telecom, emailIn),
    addresses: (patient.address ?? []).slice(0, most.addresses).map(toMatchAddress),
    ssns,
    medicaids,
    recordNumbers,
    mothersMaiden: foldName(patient.extension?.find(({ url }) => url === maidenUrl)?.valueString),
    kin: (patient.contact ?? []).slice(0, most.contacts).map(toKin).filter(isNamed),
    birthOrder: order ?? named,
    isMultiple: patient.multipleBirthBoolean ?? (order !== undefined || named > 0 ? true : undefined),
  };
}

function contactsIn(telecom: readonly ContactPoint[], read: (contact: ContactPoint) => string): string[] {
  const values: string[] = [];
  for (let at = 0; at < telecom.length && at < most.telecom; at++) {
    const contact = telecom[at];
    if (contact) addNew(values, read(contact));
  }
  return values;
}

function addNew(values: string[], value: string): void {
  if (value !== '' && !values.includes(value)) values.push(value);
}

function toBirthDay(text: string | undefined): BirthDay | undefined {
  const date = text === undefined ? undefined : parsePartialDate(text);
  if (!date) return undefined;
  const month = date.precision === 'year' ? 0 : date.month;
  const day = date.precision === 'day' ? date.day : 0;
  return { year: date.year, month, day, isDefault: month === 1 && day === 1 };
}

function phoneIn({ system, value }: ContactPoint): string {
  const isPhone = system === undefined || system === 'phone' || system === 'sms';
  return isPhone && value !== undefined ? toPhone(value) : '';
}

function emailIn({ system, value }: ContactPoint): string {
  return system === 'email' && value !== undefined ? value.trim().toLowerCase() : '';
}

const ssnSystems: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/sid/us-ssn',
  'urn:oid:2.16.840.1.113883.4.1',
]);

type Numbers = Pick<MatchRecord, 'ssns' | 'medicaids' | 'recordNumbers'>;

function toNumbers(identifiers: readonly Identifier[]): Numbers {
  const ssns: string[] = [];
  const medicaids: string[] = [];
  const recordNumbers: OwnedNumber[] = [];
  for (let at = 0; at < identifiers.length && at < most.identifiers; at++) {
    const identifier = identifiers[at];
    if (!identifier || identifier.use === 'temp') continue;
    const { system = '', value = '' } = identifier;
    const type = typeOf(identifier);
    if (type === 'SS' || ssnSystems.has(system)) addNew(ssns, toSsn(value));
    else if (type === 'MA') addNew(medicaids, toNumber(value));
    else addOwned(recordNumbers, { owner: ownerOf(identifier), type, value: toNumber(value) });
  }
  return { ssns, medicaids, recordNumbers };
}

function addOwned(numbers: OwnedNumber[], number: OwnedNumber): void {
  if (number.value !== '') numbers.push(number);
}

function typeOf({ type }: Identifier): string {
  return type?.coding?.find(({ code }) => code !== undefined)?.code ?? '';
}

function ownerOf({ system, assigner }: Identifier): string {
  return system ?? assigner?.reference ?? '';
}

function toKin({ name }: PatientContact): Kin {
  return { given: foldName(name?.given?.[0]), family: foldName(name?.family) };
}

function isNamed({ given, family }: Kin): boolean {
  return given !== '' || family !== '';
}
