import type { Address, Extension, Identifier, Patient, PatientContact } from 'fhir/r4.js';
import type { Segment } from '../er7/message.ts';
import type { Piece } from '../er7/piece.ts';
import { isBirthPlace, toAddress } from './address.ts';
import { toIdentifier } from './authority.ts';
import { toConcept } from './coded.ts';
import { defined, extensionUrl, some } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import type { Built } from './merge.ts';
import { toName } from './person-name.ts';
import { toProtection } from './protection.ts';
import { toTelecom } from './telecom.ts';
import { fieldText, isDeleted, leaf, saying } from './v2-text.ts';
import { toFhirDate, toFhirDateTime } from './v2-time.ts';

export type PersonSegments = {
  readonly pid: Segment;
  readonly pd1?: Segment | undefined;
  readonly nk1s: readonly Segment[];
};

/** What the sender is to a message beside what it says. */
export type SenderIdentity = {
  /** Id of the Organization whose is what is reported. */
  readonly organization?: string;
  /** The authority of ids that name none. */
  readonly authority?: string;
  /** The zone of times that name none, as MSH-7 has it. */
  readonly zone?: string | undefined;
};

const raceSystem = 'urn:oid:2.16.840.1.113883.6.238';

/** PID, PD1 and NK1 as a Patient, and what of a known one is to be deleted. */
export function toPatient(
  tables: MappingTables,
  { pid, pd1, nk1s }: PersonSegments,
  sender: SenderIdentity,
): Built<Patient> {
  const { birthPlace, lived } = placesIn(tables, pid);
  const extensions = [...ofPid(tables, pid, birthPlace), ...(pd1 ? ofPd1(tables, pd1) : [])];
  const resource = defined<Patient>({
    resourceType: 'Patient',
    extension: some(extensions),
    identifier: some(identifiersIn(pid, sender)),
    name: some([...saying(pid, 5), ...saying(pid, 9)].map((piece) => toName(tables, piece))),
    telecom: some([...saying(pid, 13), ...saying(pid, 14)].map((piece) => toTelecom(tables, piece))),
    gender: genderOf(tables, pid),
    birthDate: toFhirDate(fieldText(pid, 7)),
    _birthDate: birthTimeOf(pid, sender),
    ...deceasedOf(pid, sender),
    address: some(lived),
    ...multipleBirthOf(pid),
    contact: some(nk1s.map((nk1) => toContact(tables, nk1))),
    communication: languageOf(tables, pid),
    generalPractitioner: pd1 && practitionersOf(pd1),
    managingOrganization:
      sender.organization === undefined ? undefined : { reference: `Organization/${sender.organization}` },
  });
  return { resource, deletes: deletedOf(pid, pd1) };
}

/** PID-3, each with its type; an id that names no authority is of the sender's. */
export function identifiersIn(pid: Segment, { authority }: SenderIdentity): readonly Identifier[] {
  return saying(pid, 3)
    .map((piece) => toIdentifier(piece, authority))
    .filter((one) => one !== undefined);
}

function genderOf(tables: MappingTables, pid: Segment): Patient['gender'] {
  const code = fieldText(pid, 8);
  return code === undefined ? undefined : (tables.toFhir('gender', code)?.fhir as Patient['gender']);
}

function birthTimeOf(pid: Segment, { zone }: SenderIdentity): Patient['_birthDate'] {
  const time = toFhirDateTime(fieldText(pid, 7), zone);
  if (time === undefined || !time.includes('T')) return undefined;
  return { extension: [{ url: extensionUrl.birthTime, valueDateTime: time }] };
}

function deceasedOf(
  pid: Segment,
  { zone }: SenderIdentity,
): Pick<Patient, 'deceasedDateTime' | 'deceasedBoolean'> {
  const died = toFhirDateTime(fieldText(pid, 29), zone);
  const flag = fieldText(pid, 30);
  // Who is said to live is not made dead by a date: nobody would be reminded of that child again.
  if (died !== undefined && flag !== 'N') return { deceasedDateTime: died };
  return flag === 'Y' || flag === 'N' ? { deceasedBoolean: flag === 'Y' } : {};
}

function multipleBirthOf(pid: Segment): Pick<Patient, 'multipleBirthInteger' | 'multipleBirthBoolean'> {
  const flag = fieldText(pid, 24);
  const order = fieldText(pid, 25);
  // Many send 1 of who was born alone: it says something only where PID-24 is Y.
  const isAlone = flag === 'N' || (flag !== 'Y' && order === '1');
  const isOrder = !isAlone && order !== undefined && /^[1-9]\d?$/.test(order);
  if (isOrder) return { multipleBirthInteger: Number(order) };
  return flag === 'Y' || flag === 'N' ? { multipleBirthBoolean: flag === 'Y' } : {};
}

function languageOf(tables: MappingTables, pid: Segment): Patient['communication'] {
  const [piece] = saying(pid, 15);
  const language = piece && toConcept(tables, piece, 'HL70296');
  return language && [{ language }];
}

/** PD1-3 and PD1-4, by name: they are no reference to who is kept here, and nobody comes to see somebody by them. */
function practitionersOf(pd1: Segment): Patient['generalPractitioner'] {
  const facilities = saying(pd1, 3).map((xon) => named(leaf(xon, 1), leaf(xon, 10) ?? leaf(xon, 3)));
  const persons = saying(pd1, 4).map((xcn) => {
    const name = [leaf(xcn, 6), leaf(xcn, 3), leaf(xcn, 2)].filter((part) => part !== undefined).join(' ');
    return named(name || undefined, leaf(xcn, 1));
  });
  return some([...facilities, ...persons]);
}

function named(display: string | undefined, value: string | undefined) {
  if (display === undefined && value === undefined) return undefined;
  return {
    ...(value !== undefined && { identifier: { value } }),
    ...(display !== undefined && { display }),
  };
}

type Places = { readonly birthPlace: Address | undefined; readonly lived: readonly (Address | undefined)[] };

/** R4 has one place of birth: of several (where the mother gave birth, where she lived) the others are of the past. */
function placesIn(tables: MappingTables, pid: Segment): Places {
  const pieces = saying(pid, 11);
  const ofBirth = pieces.filter((piece) => isBirthPlace(tables, piece));
  const first = ofBirth.find((piece) => leaf(piece, 7) === 'BDL') ?? ofBirth[0];
  const lived = pieces
    .filter((piece) => piece !== first)
    .map((piece) => {
      const address = toAddress(tables, piece);
      return address && isBirthPlace(tables, piece) ? { ...address, use: 'old' as const } : address;
    });
  return { birthPlace: first && toAddress(tables, first), lived };
}

function ofPid(tables: MappingTables, pid: Segment, birthPlace: Address | undefined): readonly Extension[] {
  const [maiden] = saying(pid, 6);
  return [
    ...(maiden ? maidenName(tables, maiden) : []),
    ...(birthPlace ? [{ url: extensionUrl.birthPlace, valueAddress: birthPlace }] : []),
    ...raceOf(pid, 10, extensionUrl.race),
    ...raceOf(pid, 22, extensionUrl.ethnicity),
  ];
}

function maidenName(tables: MappingTables, piece: Piece): readonly Extension[] {
  const family = leaf(piece, 1);
  const name = toName(tables, piece);
  // M is what it is, and need not be said.
  const isOfOtherType = (leaf(piece, 7) ?? 'M') !== 'M';
  const isMore = name && (isOfOtherType || (name.given ?? name.prefix ?? name.suffix) !== undefined);
  return [
    ...(family === undefined ? [] : [{ url: extensionUrl.mothersMaidenName, valueString: family }]),
    ...(isMore ? [{ url: extensionUrl.maidenName, valueHumanName: name }] : []),
  ];
}

/** The categories of OMB that us-core-race and us-core-ethnicity have a place of their own for. */
const ombCategories: ReadonlySet<string> = new Set(
  '1002-5 2028-9 2054-5 2076-8 2106-3 2135-2 2186-5'.split(' '),
);

/** PID-10 and PID-22; the code counts, whichever table a sender names for it. */
function raceOf(pid: Segment, field: number, url: string): readonly Extension[] {
  const pieces = saying(pid, field).map((piece) => ({
    code: leaf(piece, 1),
    display: leaf(piece, 2),
  }));
  const coded = pieces.filter(({ code }) => code !== undefined && /^\d{4}-\d$/.test(code));
  const text = pieces.map(({ code, display }) => display ?? code ?? '').filter((part) => part !== '');
  if (text.length === 0) return [];
  const parts = coded.map(({ code = '', display }) => ({
    url: ombCategories.has(code) ? 'ombCategory' : 'detailed',
    valueCoding: { system: raceSystem, code, ...(display !== undefined && { display }) },
  }));
  return [{ url, extension: [...parts, { url: 'text', valueString: text.join(', ') }] }];
}

function ofPd1(tables: MappingTables, pd1: Segment): readonly Extension[] {
  const publicity = dated(tables, pd1, {
    field: 11,
    date: 18,
    system: 'HL70215',
    url: extensionUrl.publicity,
  });
  const status = dated(tables, pd1, {
    field: 16,
    date: 17,
    system: 'HL70441',
    url: extensionUrl.registryStatus,
  });
  return [...publicity, ...toProtection(pd1), ...status];
}

type Dated = {
  readonly field: number;
  readonly date: number;
  readonly system: string;
  readonly url: string;
};

/** A code and from when it holds. */
function dated(
  tables: MappingTables,
  pd1: Segment,
  { field, date, system, url }: Dated,
): readonly Extension[] {
  const [piece] = saying(pd1, field);
  const concept = piece && toConcept(tables, piece, system);
  if (!concept) return [];
  const since = toFhirDate(fieldText(pd1, date));
  const parts: Extension[] = [{ url: 'code', valueCodeableConcept: concept }];
  if (since !== undefined) parts.push({ url: 'date', valueDate: since });
  return [{ url, extension: parts }];
}

function toContact(tables: MappingTables, nk1: Segment): PatientContact | undefined {
  const [name] = saying(nk1, 2);
  const [relationship] = saying(nk1, 3);
  const contact = defined<PatientContact>({
    relationship: some([relationship && toConcept(tables, relationship, 'HL70063')]),
    name: name && toName(tables, name),
    telecom: some(saying(nk1, 5).map((piece) => toTelecom(tables, piece))),
    address: saying(nk1, 4).map((piece) => toAddress(tables, piece))[0],
  });
  return contact.name ? contact : undefined;
}

/** The elements that a field of `""` deletes. */
const deletions: readonly (readonly ['pid' | 'pd1', number, ...string[]])[] = [
  ['pid', 6, `extension:${extensionUrl.mothersMaidenName}`, `extension:${extensionUrl.maidenName}`],
  ['pid', 8, 'gender'],
  ['pid', 10, `extension:${extensionUrl.race}`],
  ['pid', 11, 'address'],
  ['pid', 13, 'telecom'],
  ['pid', 15, 'communication'],
  ['pid', 22, `extension:${extensionUrl.ethnicity}`],
  ['pid', 24, 'multipleBirthBoolean', 'multipleBirthInteger'],
  ['pid', 25, 'multipleBirthInteger'],
  ['pid', 29, 'deceasedDateTime'],
  ['pid', 30, 'deceasedBoolean', 'deceasedDateTime'],
  ['pd1', 3, 'generalPractitioner'],
  ['pd1', 11, `extension:${extensionUrl.publicity}`],
  ['pd1', 16, `extension:${extensionUrl.registryStatus}`],
];

function deletedOf(pid: Segment, pd1: Segment | undefined): readonly string[] {
  return deletions.flatMap(([name, field, ...elements]) => {
    const segment = name === 'pid' ? pid : pd1;
    return segment && isDeleted(segment, field) ? elements : [];
  });
}
