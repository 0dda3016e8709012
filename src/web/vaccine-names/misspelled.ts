import { foldText } from '../../search/fold-text.ts';

type Named = {
  readonly words: readonly string[];
  readonly kind: 'schedule' | 'trade' | 'plain';
};

const mostWords = 8;

/**
 * The names that are nearest to one that nothing has: as many words, each as it is written or misspelled; of a trade name
 * the first ones are enough. Else those that have all the words, in whatever order.
 */
export function misspelled<Row extends Named>(text: string, rows: readonly Row[]): readonly Row[] {
  const asked = foldText(text).split(' ');
  if (asked.length > mostWords) return [];
  const slips = asked.map(slipsFrom);
  const called = nearest(rows, ({ words, kind }) => {
    const compared = kind === 'trade' ? words.slice(0, asked.length) : words;
    return compared.length === asked.length ? sum(slips.map((of, at) => of(compared[at] ?? ''))) : never;
  });
  if (called.length > 0) return called;
  const inWords = asked.map((word, at) => (other: string) => {
    if (other.startsWith(word)) return 0;
    return other.length < leastLetters ? never : (slips[at]?.(other) ?? never);
  });
  return nearest(rows, ({ words }) => sum(inWords.map((of) => Math.min(...words.map(of)))));
}

/** What is shorter is a code, of which each letter tells. */
const leastLetters = 4;
const never = Number.POSITIVE_INFINITY;

function sum(costs: readonly number[]): number {
  return costs.reduce((all, one) => all + one, 0);
}

function nearest<Row>(rows: readonly Row[], costOf: (row: Row) => number): readonly Row[] {
  const costs = rows.map((row) => ({ row, cost: costOf(row) }));
  const least = costs.reduce((found, { cost }) => Math.min(found, cost), never);
  return least === never ? [] : costs.flatMap(({ row, cost }) => (cost === least ? [row] : []));
}

/** The same few words stand in all names. */
function slipsFrom(word: string): (other: string) => number {
  const known = new Map<string, number>();
  return (other) => {
    const found = known.get(other) ?? slipsBetween(word, other);
    known.set(other, found);
    return found;
  };
}

/** One slip in four letters, two in eight. What tells vaccines apart (B, ACWY, 13) is never one: "hepatitis C" is not B. */
function slipsBetween(word: string, other: string): number {
  if (word === other) return 0;
  const most = word.length < 8 ? 1 : 2;
  const isShort = word.length < leastLetters || other.length < leastLetters - 1;
  if (isShort || /\d/.test(word + other) || Math.abs(word.length - other.length) > most) return never;
  const found = distance(word, other);
  return found > most ? never : found;
}

/** Letters that are missing, too many, another, or two that are swapped. Another one makes "hepC" of "hepB": it counts twice. */
function distance(word: string, other: string): number {
  const another = word.length > leastLetters ? 1 : 2;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= word.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = word[i - 1] === other[j - 1];
      const isSwapped = i > 1 && j > 1 && word[i - 1] === other[j - 2] && word[i - 2] === other[j - 1];
      const at = (of: readonly number[], nth: number) => of[nth] ?? never;
      row.push(
        Math.min(
          at(last, j) + 1,
          at(row, j - 1) + 1,
          at(last, j - 1) + (isSame ? 0 : another),
          isSwapped ? at(before, j - 2) + 1 : never,
        ),
      );
    }
    before = last;
    last = row;
  }
  return last[other.length] ?? never;
}
