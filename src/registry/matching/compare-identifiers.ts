import type { MatchRecord, OwnedNumber } from './match-record.ts';
import { isOneSlip } from './similar-text.ts';

export type NumberLevel = 'same' | 'slip' | 'different' | 'missing';

/** A number of which a person has one: social security, Medicaid. */
export function compareNumbers(a: readonly string[], b: readonly string[]): NumberLevel {
  if (a.length === 0 || b.length === 0) return 'missing';
  let isSlip = false;
  for (const one of a) {
    for (const other of b) {
      if (one === other) return 'same';
      if (isOneSlip(one, other)) isSlip = true;
    }
  }
  return isSlip ? 'slip' : 'different';
}

export type RecordNumberLevel =
  /** Of the same owner, who is named. */
  | 'same-owner'
  /** Of an owner who is not named. */
  | 'same'
  /** The same, but so short that others have it too. */
  | 'same-short'
  /** None is the same, which says nothing: every clinic gives its own. */
  | 'missing';

export function compareRecordNumbers(a: MatchRecord, b: MatchRecord): RecordNumberLevel {
  let level: RecordNumberLevel = 'missing';
  for (const one of a.recordNumbers) {
    for (const other of b.recordNumbers) {
      const found = compareOwned(one, other);
      if (found === 'same-owner') return found;
      if (found === 'same' || level === 'missing') level = found;
    }
  }
  return level;
}

/** A number of so many characters is one person's, whoever gave it. */
const telling = 6;

function compareOwned(a: OwnedNumber, b: OwnedNumber): RecordNumberLevel {
  if (a.value !== b.value) return 'missing';
  if (a.owner === '' || b.owner === '') return a.value.length < telling ? 'same-short' : 'same';
  return a.owner === b.owner ? 'same-owner' : 'missing';
}
