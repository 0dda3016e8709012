import type { MatchAddress, MatchRecord } from './match-record.ts';
import { isOneSlip, similarity } from './similar-text.ts';

export type AddressLevel =
  /** House and street, in the same town. */
  | 'same'
  /** House and street but for a slip, or of no town that is known to be the same. */
  | 'similar'
  /** The street, another house of it. */
  | 'street'
  /** Only the town can be compared, and is the same. */
  | 'town'
  /** Another street of the same town. */
  | 'moved-in-town'
  | 'different'
  | 'missing';

const rank: Readonly<Record<AddressLevel, number>> = {
  same: 6,
  similar: 5,
  street: 4,
  town: 3,
  'moved-in-town': 2,
  different: 1,
  missing: 0,
};

/** The best that any address of the one says with any of the other. */
export function compareAddresses(a: MatchRecord, b: MatchRecord): AddressLevel {
  let best: AddressLevel = 'missing';
  for (const one of a.addresses) {
    for (const other of b.addresses) {
      const level = compareTwo(one, other);
      if (rank[level] > rank[best]) best = level;
    }
  }
  return best;
}

function compareTwo(a: MatchAddress, b: MatchAddress): AddressLevel {
  const town = sameTown(a, b);
  const ofTown = town === undefined ? 'missing' : town ? 'town' : 'different';
  if (a.street === '' || b.street === '') return ofTown;
  return compareStreets(a, b, town) ?? (town === true ? 'moved-in-town' : 'different');
}

function compareStreets(
  a: MatchAddress,
  b: MatchAddress,
  town: boolean | undefined,
): AddressLevel | undefined {
  const isSameStreet = a.street === b.street;
  // A number that is the same, in the same town, leaves few streets.
  const least = town === true && a.number === b.number && a.number !== '' ? 0.8 : 0.9;
  if (!isSameStreet && !isAlike(a.street, b.street, least)) return undefined;
  if (a.number === b.number) return sameHouse(isSameStreet, town);
  if (town !== false && isOneSlip(a.number, b.number)) return 'similar';
  return isSameStreet && town === true ? 'street' : undefined;
}

function sameHouse(isSameStreet: boolean, town: boolean | undefined): AddressLevel {
  if (town === false) return isSameStreet ? 'similar' : 'different';
  return isSameStreet && town === true ? 'same' : 'similar';
}

/** By zip or by the name; undefined where neither can be compared. */
function sameTown(a: MatchAddress, b: MatchAddress): boolean | undefined {
  const hasZips = a.zip !== '' && b.zip !== '';
  if (hasZips && (a.zip === b.zip || isOneSlip(a.zip, b.zip))) return true;
  if (a.city === '' || b.city === '') return hasZips ? false : undefined;
  return a.city === b.city || isAlike(a.city, b.city, 0.92);
}

function isAlike(a: string, b: string, least: number): boolean {
  return isOneSlip(a, b) || similarity(a, b) >= least;
}

export type ContactLevel = 'same' | 'similar' | 'different' | 'missing';

export function comparePhones(a: MatchRecord, b: MatchRecord): ContactLevel {
  if (a.phones.length === 0 || b.phones.length === 0) return 'missing';
  let level: ContactLevel = 'different';
  for (const one of a.phones) {
    if (b.phones.includes(one)) return 'same';
    if (b.phones.some((other) => isSimilarPhone(one, other))) level = 'similar';
  }
  return level;
}

/** But for the area code, or a slip. */
function isSimilarPhone(a: string, b: string): boolean {
  return a.slice(-7) === b.slice(-7) || isOneSlip(a, b);
}

/** Families share addresses, and people have several: a different one says nothing. */
export function compareEmails(a: MatchRecord, b: MatchRecord): 'same' | 'missing' {
  for (const one of a.emails) if (b.emails.includes(one)) return 'same';
  return 'missing';
}
