import { compareText, type TextLevel } from './compare-names.ts';
import type { Kin, MatchRecord } from './match-record.ts';

const rank: Readonly<Record<TextLevel, number>> = {
  same: 5,
  slip: 4,
  similar: 3,
  close: 2,
  different: 1,
  missing: 0,
};

export function compareKin(a: MatchRecord, b: MatchRecord, part: keyof Kin): TextLevel {
  let best: TextLevel = 'missing';
  for (const one of a.kin) {
    for (const other of b.kin) {
      const level = compareText(one[part], other[part]);
      if (rank[level] > rank[best]) best = level;
    }
  }
  return best;
}

export function compareMothers(a: MatchRecord, b: MatchRecord): TextLevel {
  return compareText(a.mothersMaiden, b.mothersMaiden);
}
