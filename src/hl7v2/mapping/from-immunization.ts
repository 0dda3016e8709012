import type {
  Annotation,
  CodeableConcept,
  Identifier,
  Immunization,
  ImmunizationEducation,
  Location,
  Organization,
  Practitioner,
} from 'fhir/r4.js';
import { writtenNumber } from '../../fhir/written-numbers.ts';
import { tableOf } from '../../values/table-of.ts';
import { type ComponentValue, type FieldValue, writeSegment } from '../er7/write-segment.ts';
import { fromAddress } from './address.ts';
import { authorityOf, fromSystem, typeOf } from './authority.ts';
import { fromConcept } from './coded.ts';
import { extensionOf, extensionUrl, v2UseOf } from './extensions.ts';
import type { MappingTables } from './mapping-tables.ts';
import { loincCode, type ObxValue } from './obx.ts';
import { fromName } from './person-name.ts';
import { isRefusal } from './to-immunization.ts';
import { functions } from './to-performers.ts';
import { toV2Day, toV2Local } from './v2-time.ts';

/** ORC, RXA and RXR of a dose. Ids of this registry's own are of `authority`. */
export function toOrder(tables: MappingTables, dose: Immunization, authority: string): readonly string[] {
  const rxr = dose.route && [
    writeSegment('RXR', { 1: fromConcept(tables, dose.route), 2: fromConcept(tables, dose.site) }),
  ];
  return [toOrc(tables, dose, authority), toRxa(tables, dose, authority), ...(rxr ?? [])];
}

function toOrc(tables: MappingTables, dose: Immunization, authority: string): string {
  const placer = dose.identifier?.find((one) => typeOf(one) === 'PLAC');
  return writeSegment('ORC', {
    1: 'RE',
    2: placer && entity(placer, authority),
    3: fillerOf(dose, authority),
    10: personOf(tables, dose, { what: 'entering', authority }),
    12: personOf(tables, dose, { what: 'ordering', authority }),
    17: organizationOf(tables, dose),
  });
}

/** ORC-3, unique in who sends: where the dose has none, and was given, the id that it has here. */
function fillerOf(dose: Immunization, authority: string): FieldValue {
  const filler = dose.identifier?.find((one) => typeOf(one) !== 'PLAC');
  if (filler) return entity(filler, authority);
  return [dose.status === 'not-done' || dose.id === undefined ? '9999' : dose.id, authority];
}

/** EI: the parts of the authority are components. */
function entity(identifier: Identifier, authority: string): FieldValue {
  const hd: ComponentValue = authorityOf(identifier) ?? authority;
  const parts = typeof hd === 'string' || hd === undefined ? [hd] : hd;
  return [identifier.value, ...parts];
}

function contained<Kind>(dose: Immunization, code: string): Kind | undefined {
  const performer = dose.performer?.find(({ function: one }) => one?.coding?.[0]?.code === code);
  const reference = performer?.actor.reference;
  return dose.contained?.find(({ id }) => `#${id}` === reference) as Kind | undefined;
}

type Role = { readonly what: keyof typeof functions; readonly authority: string };

/** XCN: an id needs an authority and a type, and is a number of a provider where no type is told. */
function personOf(tables: MappingTables, dose: Immunization, { what, authority }: Role): FieldValue {
  const person = contained<Practitioner>(dose, functions[what]);
  if (!person) return displayOf(dose, functions[what], authority);
  const [identifier] = person.identifier ?? [];
  const [name] = person.name ?? [];
  const xpn = (name ? fromName(tables, name) : []) as readonly ComponentValue[];
  const [family, given, middle, suffix, prefix, , type] = xpn;
  const degree = person.qualification?.[0]?.code.text;
  const owner = identifier && (authorityOf(identifier) ?? authority);
  const head = [identifier?.value, family, given, middle, suffix, prefix, undefined, undefined, owner, type];
  const identifierType = identifier && (typeOf(identifier) ?? 'PRN');
  return [...head, undefined, undefined, identifierType, ...blanks(7), degree];
}

const blanks = (count: number): readonly undefined[] => Array.from({ length: count }, () => undefined);

/** A performer who is kept elsewhere, by the name that the reference shows. */
function displayOf({ performer = [] }: Immunization, code: string, authority: string): FieldValue {
  const one = performer.find(({ function: its }) => its?.coding?.[0]?.code === code);
  const { display, identifier } = one?.actor ?? {};
  if (display === undefined && identifier?.value === undefined) return undefined;
  if (identifier?.value === undefined) return [undefined, display];
  const owner = authorityOf(identifier) ?? authority;
  return [identifier.value, display, ...blanks(6), owner, ...blanks(3), typeOf(identifier) ?? 'PRN'];
}

function organizationOf(tables: MappingTables, dose: Immunization): FieldValue {
  const organization = contained<Organization>(dose, functions.organization);
  const [identifier] = organization?.identifier ?? [];
  if (!organization) return undefined;
  const system = identifier?.system === undefined ? undefined : tables.nameOf(identifier.system);
  return [identifier?.value, organization.name, system];
}

function toRxa(tables: MappingTables, dose: Immunization, authority: string): string {
  const { code, isGiven } = completionOf(dose);
  const { value, unit } = amountOf(tables, dose, isGiven);
  return writeSegment('RXA', {
    1: '0',
    2: '1',
    3: toV2Local(dose.occurrenceDateTime),
    5: fromConcept(tables, dose.vaccineCode),
    6: value,
    7: unit,
    9: isGiven ? sourceOf(tables, dose) : undefined,
    10: personOf(tables, dose, { what: 'administering', authority }),
    11: placeOf(tables, dose),
    15: dose.lotNumber,
    16: toV2Local(dose.expirationDate),
    17: manufacturerOf(tables, dose),
    18: refusalOf(tables, dose),
    19: { repetitions: (dose.reasonCode ?? []).map((one) => fromConcept(tables, one)) },
    20: code,
    21: dose.status === 'entered-in-error' ? 'D' : 'A',
    22: toV2Local(dose.recorded),
  });
}

/** RXA-20. */
function completionOf(dose: Immunization): { readonly code: string; readonly isGiven: boolean } {
  if (dose.status === 'not-done') return { code: isRefusal(dose.statusReason) ? 'RE' : 'NA', isGiven: false };
  const isPart = (dose.subpotentReason ?? []).some((reason) =>
    reason.coding?.some(({ code = '' }) => code.startsWith('partial')),
  );
  return { code: isPart ? 'PA' : 'CP', isGiven: true };
}

type Amount = { readonly value: FieldValue; readonly unit?: FieldValue };

/** RXA-6 and RXA-7, with the digits that were sent. */
function amountOf(tables: MappingTables, { doseQuantity }: Immunization, isGiven: boolean): Amount {
  if (!isGiven || doseQuantity?.value === undefined) return { value: '999' };
  const { value, code, unit, system } = doseQuantity;
  const written = writtenNumber(doseQuantity, 'value', value);
  if (code === undefined && unit === undefined) return { value: written };
  const name = system === undefined ? 'UCUM' : (tables.nameOf(system) ?? system);
  return { value: written, unit: [code ?? unit, unit, name] };
}

/** RXA-9: 00 for who gave it, else where it was told from; then what was noted of it. */
function sourceOf(tables: MappingTables, { primarySource, reportOrigin }: Immunization): FieldValue {
  if (primarySource === true) return ['00', 'New immunization record', 'NIP001'];
  return reportOrigin?.coding
    ? fromConcept(tables, reportOrigin)
    : ['01', 'Historical information - source unspecified', 'NIP001'];
}

/** RXA-11, an LA2: where it was given, and its address. */
function placeOf(tables: MappingTables, dose: Immunization): FieldValue {
  const reference = dose.location?.reference;
  const place = dose.contained?.find(({ id }) => `#${id}` === reference) as Location | undefined;
  const name = place?.name ?? dose.location?.display;
  if (name === undefined) return undefined;
  const [identifier] = place?.identifier ?? [];
  const facility = identifier ? facilityOf(identifier) : undefined;
  const rooms: readonly ComponentValue[] = identifier
    ? [place?.description, undefined, undefined]
    : place
      ? [name, undefined, undefined]
      : blanks(3);
  const address = place?.address ? (fromAddress(tables, place.address) as readonly ComponentValue[]) : [];
  return [...rooms, facility ?? (place ? undefined : name), ...blanks(4), ...address];
}

/** A name of its own, or an OID with the name that stands for it. */
function facilityOf({ system, value }: Identifier): ComponentValue {
  const hd = fromSystem(system, value);
  return typeof hd === 'string' ? hd : (hd ?? value);
}

function manufacturerOf(tables: MappingTables, { manufacturer }: Immunization): FieldValue {
  if (!manufacturer) return undefined;
  const { identifier, display } = manufacturer;
  const system = identifier?.system === undefined ? undefined : tables.nameOf(identifier.system);
  return [identifier?.value, display, identifier?.value === undefined ? undefined : (system ?? 'MVX')];
}

function refusalOf(tables: MappingTables, { status, statusReason }: Immunization): FieldValue {
  if (status !== 'not-done' || !isRefusal(statusReason)) return undefined;
  const coding = (statusReason?.coding ?? []).filter(({ code }) => code !== 'PATOBJ');
  const reason: CodeableConcept = { ...statusReason, coding };
  return coding.length > 0 ? fromConcept(tables, reason) : ['00', 'Parental decision', 'NIP002'];
}

/** What a dose says beside RXA and RXR, as OBX. */
export function toDoseObxs(tables: MappingTables, dose: Immunization): readonly ObxValue[] {
  const given = toV2Day(dose.occurrenceDateTime);
  return [
    ...(dose.programEligibility ?? []).map((concept, at) =>
      codedObx(tables, { code: '64994-7', set: `eligibility ${at}`, concept, given }),
    ),
    ...(dose.fundingSource
      ? [codedObx(tables, { code: '30963-3', set: 'funding', concept: dose.fundingSource, given })]
      : []),
    ...(dose.education ?? []).flatMap((one, at) => educationObxs(tables, one, { set: `vis ${at}`, given })),
    ...(dose.note ?? []).map(comment),
  ];
}

type Coded = {
  readonly code: string;
  readonly set: string;
  readonly concept: CodeableConcept;
  readonly given: string | undefined;
};

/** OBX-17 of an eligibility. */
const captured: Readonly<Record<string, string>> = tableOf({
  VXC40: 'Eligibility captured at the immunization level',
  VXC41: 'Eligibility captured at the visit level',
});

function codedObx(tables: MappingTables, { code, set, concept, given }: Coded): ObxValue {
  const how = v2UseOf(concept);
  const observed = toV2Day(extensionOf(concept, extensionUrl.observed)?.valueDate) ?? given;
  return {
    type: 'CE',
    code: loincCode(code),
    set,
    value: fromConcept(tables, concept),
    observed,
    ...(how !== undefined && { method: [how, captured[how], 'CDCPHINVS'] }),
  };
}

function comment({ text, time }: Annotation, at: number): ObxValue {
  const set = `comment ${at}`;
  return { type: 'ST', code: loincCode('48767-8'), set, value: text, observed: toV2Day(time) };
}

type Education = { readonly set: string; readonly given: string | undefined };

/** The sheet by its barcode, or by what it was about and when it was published; and when it was given. */
function educationObxs(
  tables: MappingTables,
  education: ImmunizationEducation,
  { set, given }: Education,
): readonly ObxValue[] {
  const { documentType, publicationDate, presentationDate } = education;
  const observed = toV2Day(extensionOf(education, extensionUrl.observed)?.valueDate) ?? given;
  const about = extensionOf(education, extensionUrl.visVaccine)?.valueCodeableConcept;
  const sheet = extensionOf(education, extensionUrl.v2Text)?.valueString;
  const isBarcode = documentType !== undefined && (!about || /^\d{24}/.test(documentType));
  const dated = (code: string, date: string | undefined): readonly ObxValue[] =>
    date === undefined ? [] : [{ type: 'DT', code: loincCode(code), set, value: toV2Day(date), observed }];
  return [
    ...(isBarcode
      ? [
          {
            type: 'CE',
            code: loincCode('69764-9'),
            set,
            value: [documentType, sheet, 'cdcgs1vis'],
            observed,
          },
        ]
      : []),
    ...(about
      ? [{ type: 'CE', code: loincCode('30956-7'), set, value: fromConcept(tables, about), observed }]
      : []),
    ...dated('29768-9', publicationDate),
    ...dated('29769-7', presentationDate),
  ];
}
