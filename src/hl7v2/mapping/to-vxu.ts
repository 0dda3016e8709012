import type { Immunization, ImmunizationProtocolApplied, Patient, RelatedPerson } from 'fhir/r4.js';
import { type FieldValue, writeMessage, writeSegment } from '../er7/write-segment.ts';
import { dayOf, doseOf, toFactObxs } from './from-facts.ts';
import { toDoseObxs, toOrder } from './from-immunization.ts';
import { toNk1s, toPd1, toPid } from './from-patient.ts';
import type { MappingTables } from './mapping-tables.ts';
import { loincCode, type ObxValue, writeObxs } from './obx.ts';
import type { Fact } from './to-facts.ts';

/** What is known of one person, and of which a message tells. */
export type PersonHistory = {
  readonly patient: Patient;
  readonly kin: readonly RelatedPerson[];
  readonly doses: readonly Immunization[];
  readonly facts: readonly Fact[];
};

export type MessageHeader = {
  readonly sendingApplication?: string | undefined;
  readonly sendingFacility?: string | undefined;
  readonly receivingApplication?: string | undefined;
  readonly receivingFacility?: string | undefined;
  /** MSH-7, with its zone. */
  readonly sent: string;
  readonly controlId: string;
  readonly processingId: string;
};

/** A VXU^V04 (Z22) of all that is known of a person. Ids of this registry's own are of `authority`. */
export function toVxu(
  tables: MappingTables,
  history: PersonHistory,
  header: MessageHeader,
  authority: string,
): string {
  const { patient, kin } = history;
  const pd1 = toPd1(tables, patient);
  return writeMessage([
    writeSegment('MSH', {
      3: header.sendingApplication,
      4: header.sendingFacility,
      5: header.receivingApplication,
      6: header.receivingFacility,
      7: header.sent,
      9: ['VXU', 'V04', 'VXU_V04'],
      10: header.controlId,
      11: header.processingId,
      12: '2.5.1',
      15: 'ER',
      16: 'AL',
      21: ['Z22', 'CDCPHINVS'],
    }),
    toPid(tables, patient, { authority }),
    ...(pd1 === undefined ? [] : [pd1]),
    ...toNk1s(tables, patient, kin),
    ...toOrders(tables, history, { authority, day: header.sent.slice(0, 8) }),
  ]);
}

export type OrderOptions = {
  readonly authority: string;
  /** RXA-3 of what has no day. */
  readonly day: string;
  /** What else is said of a dose, such as how it was evaluated. */
  readonly more?: (dose: Immunization) => readonly ObxValue[];
};

/** The doses, each with what is known of it, and then what is known of the person, under RXA-5 998. */
export function toOrders(
  tables: MappingTables,
  { doses, facts }: PersonHistory,
  { authority, day, more = ofProtocol }: OrderOptions,
): readonly string[] {
  const byDose = new Map<string, Fact[]>();
  const own = facts.filter((fact) => {
    const dose = doseOf(fact);
    if (dose === undefined) return true;
    byDose.set(dose, [...(byDose.get(dose) ?? []), fact]);
    return false;
  });
  const orders = doses.flatMap((dose) => {
    const obxs = [
      ...toDoseObxs(tables, dose),
      ...more(dose),
      ...toFactObxs(tables, byDose.get(`Immunization/${dose.id}`) ?? []),
    ];
    return [...toOrder(tables, dose, authority), ...writeObxs(obxs)];
  });
  const stated = writeObxs(toFactObxs(tables, own));
  if (stated.length === 0) return orders;
  const [first] = own.flatMap((fact) => dayOf(fact) ?? []).sort();
  return [...orders, ...noDose(first ?? day, authority), ...stated];
}

/** ORC and RXA of an order in which nothing was given. */
export function noDose(day: string, authority: string): readonly string[] {
  return [
    writeSegment('ORC', { 1: 'RE', 3: ['9999', authority] }),
    writeSegment('RXA', {
      1: '0',
      2: '1',
      3: day,
      4: day,
      5: ['998', 'No vaccine administered', 'CVX'],
      6: '999',
      20: 'NA',
    }),
  ];
}

/** The protocol that a sender named. */
function ofProtocol({ protocolApplied = [] }: Immunization): readonly ObxValue[] {
  return protocolApplied.flatMap((protocol, at) => protocolObxs(protocol, `protocol ${at}`));
}

function protocolObxs(protocol: ImmunizationProtocolApplied, set: string): readonly ObxValue[] {
  const { series, doseNumberPositiveInt, doseNumberString } = protocol;
  const { seriesDosesPositiveInt, seriesDosesString } = protocol;
  const counted = (
    code: string,
    count: number | undefined,
    text: string | undefined,
  ): readonly ObxValue[] => {
    if (count === undefined && text === undefined) return [];
    const value = count === undefined ? text : String(count);
    const units: FieldValue = count === undefined ? undefined : ['NA', 'Not applicable', 'HL70353'];
    return [{ type: count === undefined ? 'ST' : 'NM', code: loincCode(code), set, value, units }];
  };
  return [
    ...counted('30973-2', doseNumberPositiveInt, doseNumberString),
    ...counted('59782-3', seriesDosesPositiveInt, seriesDosesString),
    ...(series === undefined ? [] : [{ type: 'ST', code: loincCode('59780-7'), set, value: series }]),
  ];
}
