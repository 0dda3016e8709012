import type { Patient } from 'fhir/r4.js';
import { compareAddresses } from '../../../registry/matching/compare-places.ts';
import { toMatchRecord } from '../../../registry/matching/to-match-record.ts';
import type { Question } from './question.ts';

export type TwinSigns = {
  /** Another given name, with the birth date and the family that are the same. */
  readonly namesDiffer: boolean;
  /** One of them at least was born with others. */
  readonly isMultiple: boolean;
};

const ofBirthOrder: ReadonlySet<string> = new Set(['other-order', 'both-multiple', 'one-multiple']);
const ofOneDay: ReadonlySet<string> = new Set(['same', 'same-default']);
const notOneFamily: ReadonlySet<string | undefined> = new Set(['different', 'close', undefined]);

/** Undefined where nothing says that two children of one birth are meant. */
export function twinSignsIn({ fields }: Pick<Question, 'fields'>): TwinSigns | undefined {
  const levels = new Map(fields.map(({ field, level }) => [field, level]));
  const given = levels.get('given') ?? 'same';
  const isOneDay = ofOneDay.has(levels.get('birthDate') ?? '');
  const isOneFamily = !notOneFamily.has(levels.get('family'));
  const namesDiffer = isOneDay && isOneFamily && (given === 'different' || given === 'close');
  const order = levels.get('birthOrder') ?? '';
  const isMultiple = isOneDay && (order === 'other-order' || (ofBirthOrder.has(order) && given !== 'same'));
  return namesDiffer || isMultiple ? { namesDiffer, isMultiple: ofBirthOrder.has(order) } : undefined;
}

const atOneHome: ReadonlySet<string> = new Set(['same', 'similar']);

/** Homes that one of the two has, and the other does not, where they have another one in common. */
export function otherHomes(
  { fields }: Pick<Question, 'fields'>,
  [newer, known]: readonly [Patient, Patient],
): readonly [readonly number[], readonly number[]] {
  const level = fields.find(({ field }) => field === 'address')?.level ?? '';
  if (!atOneHome.has(level)) return [[], []];
  return [homesNotOf(newer, known), homesNotOf(known, newer)];
}

/** Places of its addresses. */
function homesNotOf(one: Patient, other: Patient): readonly number[] {
  const [own, its] = [toMatchRecord(one), toMatchRecord(other)];
  return own.addresses.flatMap((address, at) => {
    const level = compareAddresses({ ...own, addresses: [address] }, its);
    return level === 'different' || level === 'moved-in-town' || level === 'street' ? [at] : [];
  });
}
