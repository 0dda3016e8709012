/** What people said of two doses: `same` is one that was told twice. */
export type SaidOfPair = 'same' | 'not-same';

/** What people said of the doses of one person, by `pairKey`. */
export type SaidOfDoses = ReadonlyMap<string, SaidOfPair>;

export const nothingSaid: SaidOfDoses = new Map();

/** The same for both orders. */
export function pairKey(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
