import type { Segment } from '../../../../src/hl7v2/er7/message.ts';
import { repetitionsOf } from '../../../../src/hl7v2/er7/piece.ts';
import { walkProfile } from '../../../../src/hl7v2/guide/walk-profile.ts';
import { toFacts } from '../../../../src/hl7v2/mapping/to-facts.ts';
import { isNoDose, toImmunization } from '../../../../src/hl7v2/mapping/to-immunization.ts';
import { toPatient } from '../../../../src/hl7v2/mapping/to-patient.ts';
import { toRelatedPerson } from '../../../../src/hl7v2/mapping/to-related-person.ts';
import { type PersonHistory, toVxu } from '../../../../src/hl7v2/mapping/to-vxu.ts';
import { testGuide } from '../guide/open-test-guide.ts';
import { mapping, tables } from './mapping.ts';
import { type Accepted, toChecked } from './to-checked.ts';

/** What a message becomes, without a store. */
export function toHistory({ pid, pd1, nk1s, orders }: Accepted): PersonHistory {
  const sender = { authority: 'SENDER', zone: '-0500' };
  const patient = 'Patient/p';
  const doses = orders.flatMap((order) =>
    isNoDose(order)
      ? []
      : [{ ...toImmunization(mapping, order, patient, sender).resource, id: `d-${order.number}` }],
  );
  const facts = orders.flatMap((order) => {
    const id = `d-${order.number}`;
    const vaccine = doses.find((dose) => dose.id === id)?.vaccineCode;
    const dose = isNoDose(order) ? undefined : { reference: `Immunization/${id}`, vaccine };
    return toFacts(tables, order, { patient, ...(dose && { dose }) });
  });
  return {
    patient: toPatient(tables, { pid, pd1, nk1s }, sender).resource,
    kin: nk1s.map((nk1) => toRelatedPerson(tables, nk1, patient)).filter((one) => one !== undefined),
    doses,
    facts,
  };
}

export function written(checked: Accepted): Accepted {
  const header = { sent: '20260110120000-0500', controlId: 'x-1', processingId: 'P' };
  return toChecked(toVxu(tables, toHistory(checked), header, 'JENNER'));
}

/** What a message breaks of the guide's profile and another does not, as `PID-7 format`. */
export function brokenIn(back: Accepted, sent: Accepted): readonly string[] {
  const profile = testGuide.profiles.get('Z22');
  if (!profile) throw new Error('the guide has no Z22');
  const faults = ({ message }: Accepted) =>
    walkProfile(profile, message).violations.map(
      ({ location, fault }) =>
        `${location.segment}-${location.field} ${fault.kind} ${'id' in fault ? fault.id : ''}`,
    );
  const known = new Set(faults(sent));
  return faults(back).filter((fault) => !known.has(fault));
}

/** The fields that the guide calls R or RE, and conditional ones. */
const fields: Readonly<Record<string, readonly number[]>> = {
  PID: [3, 5, 6, 7, 8, 10, 11, 13, 22, 24, 25, 29, 30],
  PD1: [11, 12, 13, 16, 17, 18],
  NK1: [2, 3, 4, 5],
  ORC: [2, 3, 10, 12, 17],
  RXA: [3, 5, 6, 7, 9, 10, 11, 15, 16, 17, 18, 20, 21],
  RXR: [1, 2],
};

/** What a message said and another does not, as `RXA 2-15.1 N3783EO > `. */
export function lostIn(sent: Accepted, back: Accepted): readonly string[] {
  const lost: string[] = [];
  const compare = (one: Segment | undefined, other: Segment | undefined) => {
    if (one) lost.push(...lostOf(one, other));
  };
  compare(sent.pid, back.pid);
  compare(sent.pd1, back.pd1);
  for (const [at, nk1] of sent.nk1s.entries()) compare(nk1, back.nk1s[at]);
  const isDose = (order: Accepted['orders'][number]) => !isNoDose(order);
  const doses = back.orders.filter(isDose);
  for (const [at, order] of sent.orders.filter(isDose).entries()) {
    compare(order.orc, doses[at]?.orc);
    compare(order.rxa, doses[at]?.rxa);
    compare(order.rxr, doses[at]?.rxr);
  }
  lost.push(...lostObxs(sent, back));
  return lost;
}

function lostOf(sent: Segment, back: Segment | undefined): readonly string[] {
  const isUnknownAmount = Number(repetitionsOf(sent, 6)[0]?.raw) === 999;
  return (fields[sent.name] ?? []).flatMap((field) => {
    const name = `${sent.name}-${field}`;
    // RXA-7 of an amount that nobody knows must not be sent (guide, RXA-7: X).
    if (name === 'RXA-7' && isUnknownAmount) return [];
    const others = back ? repetitionsOf(back, field).map(({ raw }) => raw) : [];
    return repetitionsOf(sent, field).flatMap(({ raw }, at) =>
      lostLeaves(name, raw, others[at] ?? '').map(
        ([place, was, is]) => `${name}.${place} ${was} > ${is} [${raw} > ${others[at]}]`,
      ),
    );
  });
}

function lostLeaves(
  name: string,
  sent: string,
  back: string,
): readonly (readonly [string, string, string])[] {
  if (sent === '""') return [];
  const others = back.split('^').map((component) => component.split('&'));
  return sent.split('^').flatMap((component, at) =>
    component.split('&').flatMap((leaf, sub) => {
      const other = others[at]?.[sub] ?? '';
      const isKept = leaf.trim() === other || isSaid(`${name}.${at + 1}`, { leaf, other, sent });
      return leaf === '' || isKept ? [] : [[`${at + 1}.${sub + 1}`, leaf, other] as const];
    }),
  );
}

type Compared = { readonly leaf: string; readonly other: string; readonly sent: string };

/** What is said otherwise, and says the same, by its place. */
const saidOtherwise: readonly (readonly [place: RegExp, says: (compared: Compared) => boolean])[] = [
  // The text of 00 is ours.
  [/^RXA-9\.2$/, ({ sent }) => sent.startsWith('00')],
  // A number of no dose has no authority.
  [/^ORC-3/, ({ sent }) => sent.startsWith('9999')],
  // A time of day has no zone but that of the message.
  [/^(?:PID-7|RXA-3)\.1$/, ({ leaf, other }) => other.startsWith(leaf.replace(/[+-]\d{4}$/, ''))],
  // A day is a day.
  [/^PD1-1/, ({ leaf, other }) => other !== '' && leaf.startsWith(other)],
  // What is there is updated or added, as is found.
  [/^RXA-21\.1$/, ({ leaf, other }) => leaf === 'U' && other === 'A'],
  // Who was born alone has no order of birth, though many send 1.
  [/^PID-25\.1$/, ({ leaf, other }) => leaf === '1' && other === ''],
  // A code of the second triplet alone is the first.
  [/^ORC-17\.[45]$/, ({ sent }) => sent.startsWith('^^^')],
  // An unknown hour is none.
  [/^RXA-16\.1$/, ({ leaf, other }) => leaf.length > 8 && leaf.startsWith(other)],
  // A system of no code.
  [/^PID-22\.3$/, ({ sent }) => sent.startsWith('^')],
  // Digits are digits, and the whole number of XTN-1 is in its parts.
  [/^RXA-6\.1$/, ({ leaf, other }) => Number(leaf) === Number(other)],
  [/^(?:PID-13|NK1-5)\.1$/, () => true],
  [/^(?:PID-13|NK1-5)\.7$/, ({ leaf, other }) => leaf.replaceAll('-', '') === other],
];

function isSaid(place: string, compared: Compared): boolean {
  const { leaf, other } = compared;
  if (/\.[36]$/.test(place) && other !== '' && isSameSystem(place, leaf, other)) return true;
  return saidOtherwise.some(([where, says]) => where.test(place) && says(compared));
}

/** PID-10 and PID-22 have one table by whatever name. */
function isSameSystem(place: string, leaf: string, other: string): boolean {
  if (place === 'PID-10.3' || place === 'PID-22.3') return other === 'CDCREC';
  return tables.systemOf(leaf) === tables.systemOf(other);
}

/** OBX by what they say: code, first component of the value, day, method. */
function lostObxs(sent: Accepted, back: Accepted): readonly string[] {
  const told = (checked: Accepted) =>
    checked.orders.flatMap(({ obxs }) =>
      obxs.map(({ obx }) => {
        const at = (field: number) => (repetitionsOf(obx, field)[0]?.raw ?? '').split('^');
        // From when to when something holds was told when it was.
        const day = at(3)[0] === '30946-8' || at(3)[0] === '30944-3' ? '' : at(14)[0];
        return {
          text: `${at(3)[0]}=${at(5)[0]} ${at(5)[1]?.trim() ?? ''}`,
          day: day ?? '',
          method: at(17)[0] ?? '',
        };
      }),
    );
  const others = told(back);
  return told(sent).flatMap(({ text, day, method }) => {
    const found = others.filter((one) => one.text === text);
    const isThere = found.some(
      (one) => (day === '' || one.day === day.slice(0, 8)) && (method === '' || one.method === method),
    );
    return isThere ? [] : [`OBX ${text} on ${day} by ${method} > ${found[0]?.day ?? ''}`];
  });
}
