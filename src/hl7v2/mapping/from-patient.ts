import type { Coding, Extension, Patient, PatientContact, RelatedPerson } from 'fhir/r4.js';
import { type FieldValue, writeSegment } from '../er7/write-segment.ts';
import { fromAddress } from './address.ts';
import { authorityOf, typeOf } from './authority.ts';
import { fromConcept } from './coded.ts';
import { extensionOf, extensionUrl } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { fromName } from './person-name.ts';
import { protectionOf } from './protection.ts';
import { fromTelecom } from './telecom.ts';
import { toV2Day, toV2Local } from './v2-time.ts';

const list = (values: readonly FieldValue[]): FieldValue => ({ repetitions: values });

/** A Patient as PID. `number` is PID-1; ids without an authority are of `authority`. */
export function toPid(
  tables: MappingTables,
  patient: Patient,
  { number = 1, authority }: { readonly number?: number; readonly authority: string },
): string {
  const birth = extensionOf(patient._birthDate, extensionUrl.birthTime)?.valueDateTime ?? patient.birthDate;
  const { deceasedBoolean, deceasedDateTime, multipleBirthInteger, multipleBirthBoolean } = patient;
  const birthPlace = extensionOf(patient, extensionUrl.birthPlace)?.valueAddress;
  const [language] = patient.communication ?? [];
  return writeSegment('PID', {
    1: String(number),
    3: list(identifiersOf(patient, authority)),
    5: list(namesOf(tables, patient)),
    6: maidenNameOf(tables, patient),
    7: toV2Local(birth),
    8: genderOf(tables, patient),
    10: list(racesOf(patient, extensionUrl.race)),
    11: list(
      [...(patient.address ?? []), ...(birthPlace ? [birthPlace] : [])].map((one) =>
        fromAddress(tables, one),
      ),
    ),
    13: list((patient.telecom ?? []).map((one) => fromTelecom(tables, one))),
    15: fromConcept(tables, language?.language),
    22: list(racesOf(patient, extensionUrl.ethnicity)),
    24: flag(multipleBirthBoolean ?? (multipleBirthInteger === undefined ? undefined : true)),
    25: multipleBirthInteger === undefined ? undefined : String(multipleBirthInteger),
    29: toV2Local(deceasedDateTime),
    30: flag(deceasedBoolean ?? (deceasedDateTime === undefined ? undefined : true)),
  });
}

const flag = (value: boolean | undefined): FieldValue =>
  value === undefined ? undefined : value ? 'Y' : 'N';

/** PID-3: each needs an authority and a type; where none is told it is a number of a record. */
function identifiersOf({ identifier = [], id = '' }: Patient, authority: string): readonly FieldValue[] {
  const known = identifier.filter(({ value }) => value !== undefined);
  if (known.length === 0) return [[shortId(id), undefined, undefined, authority, 'SR']];
  return known.map((one) => [
    one.value,
    undefined,
    undefined,
    authorityOf(one) ?? authority,
    typeOf(one) ?? 'MR',
  ]);
}

/** CX.1 has 15 characters: enough of an id to tell people apart, and not to find them by. */
const shortId = (id: string): string => id.replaceAll('-', '').slice(0, 15);

/** The first is what somebody is called by law (PID-5, table 0200 L). */
function namesOf(tables: MappingTables, { name = [] }: Patient): readonly FieldValue[] {
  const [first, ...others] = name.toSorted(
    (a, b) => Number(b.use === 'official') - Number(a.use === 'official'),
  );
  if (!first) return [];
  const { use, ...rest } = first;
  const legal = use === undefined ? ({ ...rest, use: 'official' } as const) : first;
  return [legal, ...others].map((one) => fromName(tables, one, 'U'));
}

function maidenNameOf(tables: MappingTables, patient: Patient): FieldValue {
  const whole = extensionOf(patient, extensionUrl.maidenName)?.valueHumanName;
  if (whole) return fromName(tables, whole);
  const family = extensionOf(patient, extensionUrl.mothersMaidenName)?.valueString;
  return family === undefined ? undefined : fromName(tables, { family, use: 'maiden' });
}

function genderOf(tables: MappingTables, { gender = 'unknown', extension }: Patient): FieldValue {
  return extensionOf({ extension }, extensionUrl.v2Use)?.valueString ?? tables.toV2('gender', gender);
}

function racesOf(patient: Patient, url: string): readonly FieldValue[] {
  const parts: readonly Extension[] = extensionOf(patient, url)?.extension ?? [];
  const codings = parts.flatMap(({ url: part, valueCoding }) =>
    valueCoding && (part === 'ombCategory' || part === 'detailed') ? [valueCoding] : [],
  );
  if (codings.length > 0) return codings.map(({ code, display }: Coding) => [code, display, 'CDCREC']);
  const text = parts.find(({ url: part }) => part === 'text')?.valueString;
  return text === undefined ? [] : [[undefined, text]];
}

/** PD1; undefined where it would say nothing. */
export function toPd1(tables: MappingTables, patient: Patient): string | undefined {
  const publicity = extensionOf(patient, extensionUrl.publicity);
  const status = extensionOf(patient, extensionUrl.registryStatus);
  const protection = protectionOf(patient);
  if (!publicity && !status && !protection) return undefined;
  const statusCode = extensionOf(status, 'code')?.valueCodeableConcept?.coding?.[0]?.code;
  return writeSegment('PD1', {
    11: fromConcept(tables, extensionOf(publicity, 'code')?.valueCodeableConcept),
    12: flag(protection?.isProtected),
    13: toV2Day(protection?.since),
    16: statusCode,
    17: toV2Day(extensionOf(status, 'date')?.valueDate),
    18: toV2Day(extensionOf(publicity, 'date')?.valueDate),
  });
}

/** Who is related as NK1; a Patient's contacts where nobody is kept as a RelatedPerson. */
export function toNk1s(
  tables: MappingTables,
  { contact = [] }: Patient,
  kin: readonly RelatedPerson[],
): readonly string[] {
  const people = kin.length > 0 ? kin.map(asContact) : contact;
  return people
    .filter(({ name, relationship }) => name && relationship)
    .map(({ name, relationship, address, telecom = [] }, at) =>
      writeSegment('NK1', {
        1: String(at + 1),
        2: name && fromName(tables, name.use === undefined ? { ...name, use: 'official' } : name),
        3: relationshipOf(tables, relationship),
        4: address && fromAddress(tables, address),
        5: list(telecom.map((one) => fromTelecom(tables, one))),
      }),
    );
}

function asContact({ name, relationship, address, telecom }: RelatedPerson): PatientContact {
  return {
    ...(name?.[0] && { name: name[0] }),
    ...(relationship && { relationship }),
    ...(address?.[0] && { address: address[0] }),
    ...(telecom && { telecom }),
  };
}

const v2Relationship = 'http://terminology.hl7.org/CodeSystem/v2-0063';

/** The code of table 0063: as it was sent, or the one that R4's stands for. */
function relationshipOf(tables: MappingTables, relationship: PatientContact['relationship']): FieldValue {
  const codings = (relationship ?? []).flatMap(({ coding = [] }) => coding);
  const sent = codings.find(({ system }) => system === v2Relationship);
  if (sent) return [sent.code, sent.display, 'HL70063'];
  const mapped = codings
    .map(({ code = '' }) => tables.toV2('relationship', code))
    .find((one) => one !== undefined);
  if (mapped !== undefined) return [mapped, undefined, 'HL70063'];
  const text = relationship?.[0]?.text ?? codings[0]?.display;
  return ['OTH', text ?? 'Other', 'HL70063'];
}
