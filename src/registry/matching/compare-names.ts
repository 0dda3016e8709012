import type { FamilyName, GivenName, MatchRecord } from './match-record.ts';
import { mayBeNicknames } from './nicknames.ts';
import { isOneSlip, similarity } from './similar-text.ts';

/** How much two texts are alike; `slip`: one letter of four or more. */
export type TextLevel = 'same' | 'slip' | 'similar' | 'close' | 'different' | 'missing';

export function compareText(a: string, b: string): TextLevel {
  if (a === '' || b === '') return 'missing';
  if (a === b) return 'same';
  if (a.length > 3 && b.length > 3 && isOneSlip(a, b)) return 'slip';
  const alike = similarity(a, b);
  return alike >= 0.92 ? 'similar' : alike >= 0.84 ? 'close' : 'different';
}

export type FamilyLevel =
  | TextLevel
  /** One is part of the other, or one has the old or second name of the other. */
  | 'part'
  /** It is the family name of the mother or of a guardian. */
  | 'kin'
  /** Given and family name have changed places. */
  | 'swapped';

export function compareFamily(a: MatchRecord, b: MatchRecord): FamilyLevel {
  const direct = compareText(a.family.whole, b.family.whole);
  if (direct === 'same' || direct === 'slip') return direct;
  if (isSwapped(a, b)) return 'swapped';
  if (direct === 'missing') return direct;
  if (sharePart(a.family, b.family) || hasOther(a, b) || hasOther(b, a)) return 'part';
  if (direct === 'similar') return direct;
  if (isOfKin(a, b.family) || isOfKin(b, a.family)) return 'kin';
  return direct;
}

function isSwapped(a: MatchRecord, b: MatchRecord): boolean {
  return (
    a.family.whole !== '' &&
    a.given.whole !== '' &&
    a.family.whole === b.given.whole &&
    a.given.whole === b.family.whole
  );
}

/** Some word of the one is one of the other. */
function sharePart(a: FamilyName, b: FamilyName): boolean {
  if (a.parts.length === 1 && b.parts.length === 1 && a.bare === a.parts && b.bare === b.parts) return false;
  for (const part of a.parts) if (b.parts.includes(part) || b.bare.includes(part)) return true;
  for (const part of a.bare)
    if (part.length > 1 && (b.parts.includes(part) || b.bare.includes(part))) return true;
  return false;
}

function hasOther(a: MatchRecord, b: MatchRecord): boolean {
  for (const other of a.otherFamilies) {
    if (other.whole === b.family.whole || b.family.parts.includes(other.whole)) return true;
  }
  return false;
}

function isOfKin(a: MatchRecord, family: FamilyName): boolean {
  if (a.mothersMaiden === family.whole) return true;
  for (const kin of a.kin) if (kin.family === family.whole) return true;
  return false;
}

export type GivenLevel =
  | TextLevel
  /** Forms of one name, or the one has the other as another name. */
  | 'nickname'
  /** The first name of the one is the middle name of the other. */
  | 'middle'
  /** One letter against a name that begins with it. */
  | 'initial'
  /** One is part of the other: Mary, Mary Ann. */
  | 'part'
  | 'swapped';

export function compareGiven(a: MatchRecord, b: MatchRecord): GivenLevel {
  const first = a.given.whole;
  const second = b.given.whole;
  const direct = compareText(first, second);
  if (direct === 'same' || direct === 'missing' || direct === 'slip') return direct;
  if (isSwapped(a, b)) return 'swapped';
  if (first.length === 1 || second.length === 1) return first[0] === second[0] ? 'initial' : 'different';
  return otherForm(a, b) ?? direct;
}

function otherForm(a: MatchRecord, b: MatchRecord): GivenLevel | undefined {
  const first = a.given.whole;
  const second = b.given.whole;
  if (mayBeNicknames(first, second)) return 'nickname';
  if (a.aliases.includes(second) || b.aliases.includes(first)) return 'nickname';
  if (isPartOf(a.given, b.given) || isPartOf(b.given, a.given)) return 'part';
  return first === b.middle || second === a.middle ? 'middle' : undefined;
}

/** The one is a word of the other, or its beginning. */
function isPartOf(a: GivenName, b: GivenName): boolean {
  if (b.parts.length > 1 && b.parts.includes(a.whole)) return true;
  return a.whole.length > 2 && b.whole.startsWith(a.whole);
}

export type MiddleLevel = TextLevel | 'initial';

export function compareMiddle(a: MatchRecord, b: MatchRecord): MiddleLevel {
  if (a.middle === '' || b.middle === '') return 'missing';
  if (a.middle.length === 1 || b.middle.length === 1) {
    if (a.middle === b.middle) return 'same';
    return a.middle[0] === b.middle[0] ? 'initial' : 'different';
  }
  return compareText(a.middle, b.middle);
}

export type SuffixLevel = 'same' | 'different' | 'one-missing' | 'missing';

export function compareSuffix(a: MatchRecord, b: MatchRecord): SuffixLevel {
  if (a.suffix === b.suffix) return a.suffix === '' ? 'missing' : 'same';
  return a.suffix === '' || b.suffix === '' ? 'one-missing' : 'different';
}
